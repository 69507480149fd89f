import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hotp, totpStep } from '../../server/src/lib/totp.ts';
import { type House, startHouse, type TestBusiness, until } from '../../server/test/house.ts';
import { haveBrowser, openBrowser, type Person, person, signIn } from './browser.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The octets an authenticator app keeps of a secret that is typed into it (RFC 4648). */
function octetsOf(secret: string): Buffer {
  const bits = [...secret.replace(/[\s=]/g, '')].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'));
  return Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)!
      .map((octet) => Number.parseInt(octet, 2)),
  );
}

describe.skipIf(!haveBrowser())('people', () => {
  let house: House;
  let browser: Browser;
  let business: TestBusiness;
  const people: Person[] = [];

  const enter = async (locale: string): Promise<Page> => {
    const entered = await person(browser, house.url, { locale });
    people.push(entered);
    return entered.page;
  };
  const fillLogin = async (page: Page, name: string, password: string) => {
    await page.goto('/');
    await page.locator('input[autocomplete=username]').fill(name);
    await page.locator('input[autocomplete=current-password]').fill(password);
    await page.locator('button[type=submit]').click();
  };

  beforeAll(async () => {
    house = await startHouse({ simulator: false });
    browser = await openBrowser();
    business = await house.createBusiness();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });
  afterEach(async () => {
    const complaints = people.flatMap((each) => each.complaints);
    for (const each of people.splice(0)) await each.leave();
    expect(complaints).toEqual([]);
  });

  test('somebody is invited, follows the link, chooses a password and is in', async () => {
    const owner = await enter('en-GB');
    await signIn(owner, business.user, business.password);
    await owner.goto('/members');
    await owner.getByRole('button', { name: 'Add a member' }).first().click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByLabel('User name').fill('mia@example.com');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const link = await owner.getByText(/\/invite#/).innerText();
    await owner.getByRole('button', { name: 'Close' }).last().click();
    await owner.getByRole('cell', { name: 'mia@example.com' }).waitFor();

    const mia = await enter('zh-CN');
    await mia.goto(link);
    await mia.getByRole('heading', { name: '欢迎' }).waitFor();
    await mia.getByLabel('新密码', { exact: true }).fill('four words and more');
    await mia.getByLabel('再次输入新密码').fill('four words and less');
    await mia.getByRole('button', { name: '加入' }).click();
    await mia.getByText('两次输入的新密码不一致。').waitFor();
    await mia.getByLabel('再次输入新密码').fill('four words and more');
    await mia.getByRole('button', { name: '加入' }).click();
    await mia.locator('main#content').waitFor();
    expect(new URL(mia.url()).hash).toBe('');
    await mia.getByRole('button', { name: /mia@example\.com/ }).waitFor();

    // The link works once.
    const late = await enter('zh-TW');
    await late.goto(link);
    await late.getByLabel('新密碼', { exact: true }).fill('four words and more');
    await late.getByLabel('再次輸入新密碼').fill('four words and more');
    await late.getByRole('button', { name: '加入' }).click();
    await late.getByRole('alert').first().waitFor();
    expect(await late.locator('main#content').count()).toBe(0);
  });

  test('a password that was made for somebody has to be changed before anything opens', async () => {
    const owner = await enter('en-GB');
    await signIn(owner, business.user, business.password);
    await owner.goto('/members');
    await owner.getByRole('button', { name: 'Add a member' }).first().click();
    const dialog = owner.getByRole('dialog');
    await dialog.getByLabel('User name').fill('noah');
    await dialog.getByText('With a password that is made now').click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    const shown = owner.getByRole('dialog').filter({ hasText: 'noah' });
    const made = (await shown.locator('.mono').last().innerText()).trim();

    const noah = await enter('zh-TW');
    await fillLogin(noah, 'noah', made);
    await noah.getByRole('heading', { name: '請設定自己的密碼' }).waitFor();
    await noah.goto('/send');
    await noah.getByRole('heading', { name: '請設定自己的密碼' }).waitFor();
    await noah.getByLabel('目前的密碼').fill('not the one');
    await noah.getByLabel('新密碼', { exact: true }).fill('his own password');
    await noah.getByLabel('再次輸入新密碼').fill('his own password');
    await noah.locator('button[type=submit]').click();
    await noah.getByRole('alert').first().waitFor();
    await noah.getByLabel('目前的密碼').fill(made);
    await noah.locator('button[type=submit]').click();
    await noah.locator('main#content').waitFor();

    const again = await enter('en-GB');
    await signIn(again, 'noah', 'his own password');
  });

  test('a second factor is enrolled, asked for, and taken away by whoever manages the members when a phone is lost', async () => {
    const { json } = await house.request('POST', '/api/v1/members', {
      ...business,
      body: { name: 'zoe', role: 'owner' },
    });
    const zoe = await enter('zh-CN');
    await fillLogin(zoe, 'zoe', json.password);
    await zoe.getByLabel('当前密码').fill(json.password);
    await zoe.getByLabel('新密码', { exact: true }).fill('zoes own words');
    await zoe.getByLabel('再次输入新密码').fill('zoes own words');
    await zoe.locator('button[type=submit]').click();
    await zoe.locator('main#content').waitFor();
    await zoe.goto('/account');
    await zoe.getByRole('button', { name: '开启' }).click();
    const secret = octetsOf(await zoe.locator('p:has-text("密钥") .mono').innerText());
    let step = 0;
    /** A code that was not used yet; each works once. */
    const nextCode = async (): Promise<string> => {
      await until(() => Promise.resolve(totpStep(Date.now()) + 1 > step), 'the next code');
      step = Math.max(totpStep(Date.now()), step + 1);
      return hotp(secret, step);
    };
    await zoe.getByLabel('验证码').fill('000000');
    await zoe.getByRole('button', { name: '验证', exact: true }).click();
    await zoe.getByRole('alert').first().waitFor();
    await zoe.getByLabel('验证码').fill(await nextCode());
    await zoe.getByRole('button', { name: '验证', exact: true }).click();
    await zoe.getByText('已开启：登录时还需输入验证器应用的验证码。').waitFor();

    const elsewhere = await enter('en-GB');
    await fillLogin(elsewhere, 'zoe', 'zoes own words');
    await elsewhere.getByRole('heading', { name: 'Second factor' }).or(elsewhere.getByLabel('Code')).first().waitFor();
    await elsewhere.getByLabel('Code').fill('123');
    await elsewhere.locator('button[type=submit]').click();
    await elsewhere.getByRole('alert').first().waitFor();
    await elsewhere.getByLabel('Code').fill(await nextCode());
    await elsewhere.locator('button[type=submit]').click();
    await elsewhere.locator('main#content').waitFor();

    // The phone is lost: an owner takes the factor away, and the password alone is enough again.
    const owner = await enter('en-GB');
    await signIn(owner, business.user, business.password);
    await owner.goto('/members');
    await owner
      .getByRole('row', { name: /zoe/ })
      .getByRole('button', { name: /second factor/i })
      .click();
    await until(async () => {
      const { items } = (await house.request('GET', '/api/v1/members', business)).json;
      return items.find(({ name }: { name: string }) => name === 'zoe').totp === false;
    }, 'the second factor to be gone');
    const back = await enter('zh-CN');
    await signIn(back, 'zoe', 'zoes own words');
  });
});

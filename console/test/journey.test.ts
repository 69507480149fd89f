import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../../server/test/house.ts';
import { haveBrowser, openBrowser, type Person, person, signIn, tabTo } from './browser.ts';

/** Messages a second the carrier is sent, so that a plan of many takes a while. */
const RATE = 300;
const ROWS = 10_000;

describe.skipIf(!haveBrowser())('the console', () => {
  let house: House;
  let browser: Browser;
  let business: TestBusiness;
  let owner: Person;
  const people: Person[] = [];

  const enter = async (...screen: Parameters<typeof person> extends [unknown, unknown, ...infer R] ? R : never) => {
    const entered = await person(browser, house.url, ...screen);
    people.push(entered);
    return entered;
  };

  beforeAll(async () => {
    house = await startHouse({ smpp: { rate: RATE } });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });
  beforeEach(async () => {
    business = await house.createBusiness();
  });
  afterEach(async () => {
    const complaints = people.flatMap((each) => each.complaints);
    for (const each of people.splice(0)) await each.leave();
    expect(complaints).toEqual([]);
  });

  /** An approved template, made as programs make it. */
  async function approved(template: string): Promise<number> {
    const { json } = await house.request('POST', '/api/v1/templates', {
      ...business,
      body: { name: 'news', template, category: 'notification' },
    });
    await house.asRoot('POST', `/api/v1/templates/${json.id}/review`, { state: 'approved' });
    return json.id;
  }

  const topUp = (credits: number) =>
    house.asRoot('POST', `/api/v1/businesses/${business.businessId}/top-up`, { credits, reason: 'a first one' });

  const planOf = async () => {
    const { json } = await house.request('GET', '/api/v1/plans', business);
    return json.items[0] as { plan_id: number; state: string; accepted: number; left: number } | undefined;
  };

  test('leads two people from a signature to a delivered message', async () => {
    owner = await enter({ locale: 'zh-CN' });
    const reviewer = await enter();
    const [own, review] = [owner.page, reviewer.page];
    await signIn(own, business.user, business.password);
    await signIn(review, 'root', house.rootPassword);

    // A business that has never sent anything begins with what is to be done first.
    await own.getByRole('heading', { name: '新手引导' }).waitFor();
    await own.getByRole('link', { name: '新建签名' }).click();
    const form = own.getByRole('dialog');
    await form.getByLabel('签名', { exact: true }).fill('远山书店');
    await form.getByLabel('归属说明').fill('远山书店有限公司');
    await form.locator('input[type=file]').setInputFiles({
      name: 'proof.png',
      mimeType: 'image/png',
      buffer: Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    });
    await form.getByRole('img', { name: '图片 1' }).waitFor();
    await form.getByRole('button', { name: '提交审核' }).click();
    await own.getByRole('cell', { name: '审核中' }).waitFor();
    await own.getByRole('link', { name: '新手引导' }).first().click();
    await own.getByText('签名审核通过后就可以编写').waitFor();
    await own.getByRole('link', { name: '模版', exact: true }).click();
    await own.getByRole('link', { name: '新建模版' }).first().click();
    await own.getByText('【远山书店】正在审核').waitFor();

    await review.getByRole('link', { name: 'Review queue' }).click();
    await review.getByRole('heading', { name: '【远山书店】' }).waitFor();
    await review.getByRole('img', { name: 'Picture 1' }).waitFor();
    await review.keyboard.press('a');
    await review.getByText('All decided').waitFor();
    await own.getByText('只列出已通过审核的签名').waitFor();

    await own.getByLabel('名称').fill('登录验证码');
    await own.getByLabel('内容', { exact: true }).fill('您的测试验证码是 {code}');
    await own.getByText('运营商不接受含有 “测试” 的内容').first().waitFor();
    await own.getByLabel('内容', { exact: true }).fill('您的验证码是 {code}');
    await own.getByText('【远山书店】您的验证码是').waitFor();
    await own.getByRole('button', { name: '提交审核' }).click();
    await own.getByRole('cell', { name: '审核中' }).waitFor();

    await review.getByRole('heading', { name: '登录验证码' }).waitFor();
    await review.keyboard.press('r');
    await review.getByText('Say what has to change').waitFor();
    await review.keyboard.type('请写明有效时间');
    await review.getByRole('button', { name: 'Reject' }).click();
    await own.getByText('请写明有效时间').waitFor();
    await own.getByRole('button', { name: '编辑: 登录验证码' }).click();
    await own.getByLabel('内容', { exact: true }).fill('您的验证码是 {code}，5 分钟内有效');
    await own.getByRole('button', { name: '提交审核' }).click();
    await review.getByRole('heading', { name: '登录验证码' }).waitFor();
    await review.getByRole('button', { name: 'Approve' }).click();
    await review.getByText('All decided').waitFor();

    await topUp(10);
    await own.getByRole('link', { name: '新手引导' }).first().click();
    await own.getByText('您有 10 点').waitFor();
    await own.getByRole('link', { name: '去发送' }).click();
    await own.getByLabel('号码', { exact: true }).fill('13800138000');
    await own.getByText('为每个变量填写下面的值').waitFor();
    await own.getByLabel('code 的值').fill('2468');
    await own.getByText('可发送 1 条 · 1 段 · 1 点').waitFor();
    await own.getByRole('button', { name: '下一步' }).click();
    await own.getByText('【远山书店】您的验证码是 2468，5 分钟内有效').waitFor();
    await own.getByRole('button', { name: '立即发送 1 条' }).click();
    await own.getByRole('cell', { name: '已送达' }).waitFor();

    const { json } = await house.request('GET', '/api/v1/messages', business);
    expect(json.items).toMatchObject([{ to: '+8613800138000', state: 'delivered', settled: 1 }]);
  });

  test('uploads ten thousand rows, and pauses, resumes and cancels what they become', async () => {
    const template = await approved('Hello {name}, we are open again.');
    await topUp(ROWS);
    owner = await enter();
    const { page } = owner;
    await signIn(page, business.user, business.password);
    await page.goto(`/send?template=${template}`);
    await page.getByText('Upload a file').click();
    const rows = Array.from({ length: ROWS }, (_, i) => `${13_800_000_000 + i},Reader ${i}`);
    await page.locator('input[type=file]').setInputFiles({
      name: 'readers.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`mobile,who\n${rows.join('\n')}\n13800000000,twice\nnobody,wrong\n`),
    });
    await page.getByText('readers.csv').waitFor();
    await page.getByLabel('Name of the plan').fill('Open again');
    await page.getByRole('button', { name: 'Next' }).click();

    // No column is named like the variable, so it is asked which one it is.
    await page.getByRole('heading', { name: 'Which column is what?' }).waitFor();
    await page.getByLabel('{name}', { exact: true }).click();
    await page.getByTitle('who').click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Hello Reader 0, we are open again.').waitFor();
    await page.getByText('2 rows are not sent').waitFor();
    await page.getByText('Stands twice: 1').waitFor();
    expect(await page.getByText('10,000 credits').count()).toBe(1);
    await page.getByRole('button', { name: 'Send 10,000 messages now' }).click();

    const bar = page.getByRole('progressbar', { name: 'Progress' });
    const answered = async () => Number((await bar.getAttribute('aria-valuetext'))!.split(' ')[0]!.replaceAll(',', ''));
    await until(async () => (await answered()) > 0, 'progress');
    await page.getByRole('button', { name: 'Pause: Open again' }).click();
    await page.getByText('nothing more leaves until it is resumed').waitFor();
    expect((await planOf())!.state).toBe('paused');
    // What had left before is answered yet.
    let before = -1;
    await until(async () => {
      const left = (await planOf())!.left;
      const still = left === before;
      before = left;
      return still;
    }, 'the plan to stand still');
    expect(before).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'Resume: Open again' }).click();
    await until(async () => (await planOf())!.left < before, 'the plan to go on');
    await page.getByRole('button', { name: 'Cancel the plan: Open again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the plan' }).click();
    await page.getByRole('main').getByText('Cancelled', { exact: true }).first().waitFor();
    await until(async () => (await planOf())!.left === 0, 'what was not sent to be given up');
    const { json: balance } = await house.request('GET', '/api/v1/balance', business);
    expect(balance.reserved).toBe(0);
    expect(balance.available).toBeGreaterThan(0);
    expect(balance.available).toBeLessThan(ROWS);

    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Results as CSV' }).click();
    const file = await (await saved).createReadStream();
    let text = '';
    for await (const piece of file) text += String(piece);
    expect(text.split('\r\n').filter((line) => /,(?:cancelled|delivered|submitted),/.test(line))).toHaveLength(ROWS);
  });

  test('is sent from by keyboard alone', async () => {
    await approved('Your code is {code}.');
    await topUp(5);
    owner = await enter();
    const { page } = owner;
    const { keyboard } = page;
    await page.goto('/send');
    await page.locator('input[autocomplete=username]').waitFor();
    await keyboard.type(business.user);
    await keyboard.press('Tab');
    await keyboard.type(business.password);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What is sent?' }).waitFor();
    await tabTo(page, /news/);
    await keyboard.press('Space');
    await tabTo(page, /^Next$/);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'To whom?' }).waitFor();
    await tabTo(page, /^Numbers$/);
    await keyboard.type('+8613800138000');
    await tabTo(page, /Value of code/);
    await keyboard.type('1357');
    await tabTo(page, /^Next$/);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Look at it once more' }).waitFor();
    await tabTo(page, /Send 1 message now/);
    await keyboard.press('Enter');
    await page.getByRole('cell', { name: 'Delivered' }).waitFor();
    await until(async () => (await planOf())?.state === 'done', 'the plan to be done');

    // Rows that open when they are pressed are links for whoever has no mouse, and show that they have the focus.
    const number = /^\+8613\*\*\*00$/;
    for (const list of [page.url(), '/messages']) {
      await page.goto(list);
      await page.getByRole('cell', { name: 'Delivered' }).waitFor();
      await tabTo(page, number);
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
      expect(outline).toBe('solid');
      await keyboard.press('Enter');
      await page.getByRole('heading', { name: 'What happened' }).waitFor();
    }
    await page.goto('/messages');
    await page.getByRole('cell', { name: 'Delivered' }).click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
  });

  test('shows the numbers of a plan in full only to whoever asks, and notes who did', async () => {
    const template_id = await approved('We are open again.');
    await topUp(2);
    const body = { template_id, recipients: ['+8613800138000', '+8613800138001'] };
    const { json: plan } = await house.request('POST', '/api/v1/plans', { ...business, body });
    owner = await enter();
    const { page } = owner;
    await signIn(page, business.user, business.password);
    await page.goto(`/plans/${plan.plan_id}`);
    const rows = page.getByRole('region', { name: 'Messages of the plan' }).getByRole('row');
    await rows.filter({ hasText: '+8613***01' }).waitFor();
    const looks = async () => {
      const { json } = await house.request('GET', '/api/v1/audit?action=numbers.reveal', business);
      return json.items as object[];
    };
    expect(await looks()).toEqual([]);
    await page.getByRole('button', { name: 'Show numbers in full' }).click();
    await rows.filter({ hasText: /\+86\s138\s0013\s8001/ }).waitFor();
    const [look, ...more] = await looks();
    expect(more).toEqual([]);
    expect(JSON.stringify(look)).toContain(`GET /api/v1/plans/${plan.plan_id}/messages`);
    await page.getByRole('button', { name: 'Hide numbers' }).click();
    await rows.filter({ hasText: '+8613***01' }).waitFor();
  });

  test('says so when it was built anew while somebody had it open, and goes on where they were going', async () => {
    owner = await enter();
    const { page } = owner;
    await signIn(page, business.user, business.password);
    await page.goto('/overview');
    await page.getByRole('link', { name: 'Templates', exact: true }).waitFor();
    // What an upgrade does to a page that is open: the files it knows are gone.
    const gone = /\/assets\/(?:templates|list-table)-[^/]*\.js$/;
    await page.route(gone, (route) => route.fulfill({ status: 404, body: '' }));
    await page.getByRole('link', { name: 'Templates', exact: true }).click();
    await page.getByRole('heading', { name: 'There is a newer console' }).first().waitFor();
    await page.unroute(gone);
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('heading', { name: 'Templates', exact: true }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/templates');
  });

  test('speaks three languages, and remembers which', async () => {
    owner = await enter({ locale: 'fr-FR' });
    const { page } = owner;
    await page.goto('/plans');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('button', { name: 'Language: English' }).click();
    await page.getByRole('menuitem', { name: '繁體中文' }).click();
    await page.getByRole('heading', { name: '登入' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-TW');
    await signIn(page, business.user, business.password);
    await page.goto('/plans?state=paused');
    await page.getByRole('heading', { name: '發送計畫' }).waitFor();
    await page.getByText('沒有此狀態的計畫').waitFor();
    await page.getByRole('button', { name: '語言: 繁體中文' }).click();
    await page.getByRole('menuitem', { name: '简体中文' }).click();
    await page.getByRole('heading', { name: '发送计划' }).waitFor();
    expect(new URL(page.url()).search).toBe('?state=paused');
    await page.reload();
    await page.getByRole('heading', { name: '发送计划' }).waitFor();
  });

  test('tells what to do when something goes wrong', async () => {
    owner = await enter();
    const { page } = owner;
    await page.goto('/');
    await page.locator('input[autocomplete=username]').fill(business.user);
    await page.locator('input[autocomplete=current-password]').fill('wrong-password');
    await page.locator('button[type=submit]').click();
    await page.getByRole('alert').getByText('User name or password is wrong').waitFor();
    await signIn(page, business.user, business.password);
    await page.goto('/templates/999');
    await page.getByText('This template does not exist, or is not yours.').waitFor();
    await page.goto('/reviews');
    await page.getByText('This is not for your role').first().waitFor();
    await page.goto('/plans/nothing/here');
    await page.getByText('There is nothing here').first().waitFor();
  });
});

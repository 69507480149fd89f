import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../../server/test/house.ts';
import { findings, haveBrowser, openBrowser, type Person, person, signIn } from './browser.ts';

const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const PHONE_WIDTH = 390;
/** What fades in is judged when it has. */
const AT_REST = { timeout: 30_000, interval: 500 };
/** The rules of axe that judge colours, which are all that differs in the dark. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

describe.skipIf(!haveBrowser())('screens are for everybody: axe finds nothing serious', () => {
  let house: House;
  let browser: Browser;
  let business: TestBusiness;
  let plan: number;
  let draft: number;
  let message: string;
  let businessId: number;
  let comparison: number;
  const people = new Map<string, Person>();

  const ask = async (method: string, path: string, body?: unknown) =>
    (await house.request(method, `/api/v1${path}`, { ...business, ...(body !== undefined && { body }) })).json;
  const review = (kind: string, id: number, state: string) =>
    house.asRoot('POST', `/api/v1/${kind}/${id}/review`, { state, reason: state === 'rejected' ? 'say when' : '' });

  beforeAll(async () => {
    house = await startHouse();
    browser = await openBrowser();
    business = await house.createBusiness({ credits: 1_000 });
    const kept = await house.request('POST', '/api/v1/pictures', {
      ...business,
      raw: PICTURE,
      headers: { 'content-type': 'application/octet-stream' },
    });
    const signature = await ask('POST', '/signatures', {
      signature: 'Acme',
      source: 'register',
      pics: [kept.json.url],
    });
    await review('signatures', signature.id, 'approved');
    const names = ['code', 'order', 'offer'];
    const ids: number[] = [];
    for (const name of names) {
      const made = await ask('POST', '/templates', {
        name,
        template: `Your ${name} is {value}`,
        category: 'notification',
        signature_id: signature.id,
      });
      ids.push(made.id);
    }
    await review('templates', ids[0]!, 'approved');
    await review('templates', ids[1]!, 'rejected');
    await ask('PATCH', `/templates/${ids[0]}`, { template: 'Your code is now {value}' });
    await review('templates', ids[0]!, 'approved');
    await ask('PATCH', `/templates/${ids[1]}`, { template: 'Your order is now {value}' });
    await ask('POST', '/signatures', { signature: 'Acme Shop', source: 'register' });
    const upload = (raw: string) =>
      house.request('POST', `/api/v1/plans?template_id=${ids[0]}`, {
        ...business,
        raw,
        headers: { 'content-type': 'text/csv' },
      });
    const made = await upload('mobile,value\n13800138000,1\n13800138001,2\n12,3\n');
    plan = made.json.plan_id;
    await ask('POST', `/plans/${plan}/confirm`);
    await until(async () => (await ask('GET', `/plans/${plan}`)).state === 'done', 'the plan to be done');
    message = (await ask('GET', `/plans/${plan}/messages`)).items[0].message_id;
    businessId = business.businessId;
    draft = (await upload('mobile,value\n13800138002,1\n13800138002,2\n')).json.plan_id;
    const counted = async () => (await house.asRoot('GET', '/api/v1/figures')).json.totals.delivered > 0;
    await until(counted, 'what was delivered to be counted');
    await house.asRoot('POST', `/api/v1/price-rows?business_id=${businessId}`, {
      rows: [{ prefix: '86', credits: 2 }],
    });
    await house.asRoot('POST', '/api/v1/channels/1/costs', { rows: [{ micros: 31_500, currency: 'EUR' }] });
    const month = new Date().toISOString().slice(0, 7);
    const compared = await house.request('POST', `/api/v1/channels/1/cdr?month=${month}`, {
      user: 'root',
      password: house.rootPassword,
      raw: 'id,to,cost\nnobody,+447700900123,0.02\n',
      headers: { 'content-type': 'text/csv' },
    });
    comparison = compared.json.id;
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** Somebody signed in, at a screen of common width. */
  async function entered(face: 'owner' | 'staff', locale = 'en-GB'): Promise<Person> {
    const key = face + locale;
    const known = people.get(key);
    if (known !== undefined) return known;
    const made = await person(browser, house.url, { locale });
    people.set(key, made);
    await signIn(made.page, ...loginOf(face));
    return made;
  }

  /** What is to be seen while the system is dark, which a page follows at once. */
  async function inTheDark(page: Person['page'], look: () => Promise<unknown>): Promise<void> {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.style.colorScheme === 'dark');
    await look();
    await page.emulateMedia({ colorScheme: 'light' });
  }

  const loginOf = (face: 'owner' | 'staff'): [name: string, password: string] =>
    face === 'owner' ? [business.user, business.password] : ['root', house.rootPassword];

  /** What people typed and programs wrote, as these tests made it. */
  const TYPED = /Acme|^Your (?:code|order|offer) is|say when|^(?:code|order|offer)$/;

  /**
   * Texts of the page that read as English: three words of small letters in a row, outside of what is set in the type of
   * codes, marked as English, or typed by people.
   */
  const englishIn = async (page: Person['page']): Promise<string[]> => {
    const found = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts: string[] = [];
      while (walker.nextNode()) {
        const { parentElement, textContent } = walker.currentNode;
        const text = (textContent ?? '').trim();
        if (!/[A-Za-z][a-z]+ [a-z]{2,} [a-z]{2,}/.test(text)) continue;
        if (parentElement?.closest('script, style, noscript, pre, code, .mono, [lang=en], [class*=bubble]') === null)
          texts.push(text);
      }
      return texts;
    });
    return found.filter((text) => !TYPED.test(text));
  };

  const screens: [face: 'owner' | 'staff', path: () => string, ready: string][] = [
    ['owner', () => '/overview', 'Sent today'],
    ['owner', () => '/welcome', 'Send your first message'],
    ['owner', () => '/signatures', '【Acme】'],
    ['owner', () => '/templates', 'Your code is now'],
    ['owner', () => '/templates/new', 'Submit for review'],
    ['owner', () => '/templates/1', 'has to be reviewed again'],
    ['owner', () => '/send', 'What is sent?'],
    ['owner', () => '/send?template=1', 'To whom?'],
    ['owner', () => `/send?draft=${draft}`, 'Look at it once more'],
    ['owner', () => '/plans', 'Done'],
    ['owner', () => `/plans/${plan}`, 'Messages of the plan'],
    ['owner', () => '/account', 'Second factor'],
    ['owner', () => '/reviews', 'This is not for your role'],
    ['staff', () => '/overview', 'Needs attention'],
    ['staff', () => '/reviews?item=template-2', 'Approved before'],
    ['staff', () => '/plans', 'Business'],
    ['staff', () => '/templates', 'Whose templates?'],
    ['owner', () => '/messages', 'Delivered'],
    ['owner', () => `/messages/${message}`, 'What happened'],
    ['owner', () => '/inbound', 'Nobody has written yet'],
    ['owner', () => '/inbound?tab=keywords', 'No keyword yet'],
    ['owner', () => '/inbound?tab=words', 'Opt in again'],
    ['owner', () => '/lists', 'Nobody is on this list'],
    ['owner', () => '/ledger', 'Available then'],
    ['owner', () => '/keys', 'No API key yet'],
    ['owner', () => '/members', 'No member yet'],
    ['owner', () => '/webhooks', 'No webhook yet'],
    ['owner', () => '/audit', 'signature.create'],
    ['owner', () => '/settings', 'Low balance'],
    ['staff', () => '/settings', 'What the environment says'],
    ['owner', () => '/reference', 'Who is asking'],
    ['staff', () => '/channels', 'In flight / window'],
    ['staff', () => '/channels/1', 'What holds it'],
    ['staff', () => '/channels/1?tab=log', 'Bind'],
    ['staff', () => '/channels/1?tab=settings', 'system_id'],
    ['staff', () => '/channels/1/edit', 'More settings'],
    ['staff', () => '/channels/new', 'More settings'],
    ['staff', () => '/routes', 'Which way would a message go?'],
    ['staff', () => '/routes/new', 'Which messages'],
    ['staff', () => `/ledger?business_id=${businessId}`, 'Top up'],
    ['owner', () => '/figures', 'In numbers'],
    ['staff', () => '/figures?by=hour&group=business,category&metric=credits', 'In numbers'],
    ['staff', () => '/figures?from=2020-01-01&to=2020-01-02', 'Nothing was sent in this time'],
    ['owner', () => '/prices', 'Your own price'],
    ['staff', () => `/prices?business_id=${businessId}`, 'In force'],
    ['staff', () => '/prices', 'No price yet'],
    ['staff', () => '/channels/1?tab=costs', 'Every number'],
    ['staff', () => '/channels/1?tab=cdr', 'Nothing compared yet'],
    ['staff', () => `/channels/1?tab=cdr&comparison=${comparison}`, 'Only the carrier’s'],
    ['staff', () => '/businesses', 'Time zone'],
    ['staff', () => `/businesses/${businessId}`, 'Pay on delivery'],
    ['staff', () => '/inbound?tab=numbers', 'No number yet'],
    ['staff', () => '/tasks', 'Task monitor'],
    ['staff', () => '/queues', 'Upkeep: figures'],
    ['staff', () => '/queues?queue=chore.figures', 'chore.figures over time'],
    ['staff', () => '/workers', 'Heartbeat'],
  ];

  test.each(screens.map(([face, path, ready]) => ({ face, path, ready })))(
    '$face $ready: in light, in dark, and on a phone',
    async ({ face, path, ready }) => {
      const { page, complaints } = await entered(face);
      await page.goto(path());
      await page
        .locator(`text=${ready} >> visible=true`)
        .or(page.locator(`[aria-label="${ready}"]`))
        .first()
        .waitFor();
      await expect.poll(() => findings(page), AT_REST).toEqual([]);
      await inTheDark(page, () => expect.poll(() => findings(page, COLOURS), AT_REST).toEqual([]));
      await page.setViewportSize({ width: PHONE_WIDTH, height: 860 });
      // Nothing makes the page itself wider than its window.
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(wide, AT_REST).toBeLessThanOrEqual(PHONE_WIDTH);
      await page.setViewportSize({ width: 1_280, height: 860 });
      expect(complaints).toEqual([]);
    },
  );

  // What the API says of itself is in the language of programs.
  const translated = screens.filter(([, path]) => path() !== '/reference');
  test.each(translated.map(([face, path]) => ({ face, path, is: String(path).slice(6) })))(
    '$face $is, in Chinese: nothing is left in English',
    async ({ face, path }) => {
      const { page } = await entered(face, 'zh-CN');
      await page.goto(path());
      await page.locator('main h1').first().waitFor();
      await page.locator('main [aria-busy=true], main .ant-spin-spinning').first().waitFor({ state: 'detached' });
      expect(await englishIn(page)).toEqual([]);
    },
  );

  test.each(['light', 'dark'] as const)('signing in, %s', async (look) => {
    const { page } = await person(browser, house.url, { look });
    await page.goto('/');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expect.poll(() => findings(page), AT_REST).toEqual([]);
    await page.goto('/invite');
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    await expect.poll(() => findings(page), AT_REST).toEqual([]);
  });

  test('dialogs, menus, and what is wrong', async () => {
    const { page } = await entered('owner');
    const look = async () => {
      await expect.poll(() => findings(page), AT_REST).toEqual([]);
      await inTheDark(page, () => expect.poll(() => findings(page, COLOURS), AT_REST).toEqual([]));
    };
    await page.goto('/signatures');
    await page.getByRole('button', { name: 'New signature' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Submit for review' }).click();
    await dialog.getByText('Fill this in.').first().waitFor();
    await look();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Account menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await look();
    await page.keyboard.press('Escape');
    await page.goto('/templates/new');
    await page.getByLabel('Text', { exact: true }).fill('A test in 【brackets】');
    await page.getByText('Carriers refuse texts with').first().waitFor();
    await look();
  });

  test('the navigation of a narrow screen', async () => {
    const { page, leave } = await person(browser, house.url, { width: 390, height: 800 });
    await signIn(page, business.user, business.password);
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Plans' }).waitFor();
    await expect.poll(() => findings(page), AT_REST).toEqual([]);
    await page.getByRole('dialog').getByRole('link', { name: 'Plans' }).click();
    await page.getByRole('heading', { name: 'Plans' }).waitFor();
    // Nothing makes the page itself wider than its window.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await leave();
  });
});

// Takes the pictures of docs/images: a server of its own with a made-up bookshop, the simulated carrier, and a browser.
// `npm run pictures`; needs Debian's chromium (or one named in SIGNET_TEST_CHROMIUM) and fonts for Chinese.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const BIN = fileURLToPath(new URL('../../server/bin/signet.js', import.meta.url));
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const CHROMIUM = process.env.SIGNET_TEST_CHROMIUM ?? '/usr/bin/chromium';
const ROOT = 'root-password-of-pictures';
const SIZE = { width: 1280, height: 800 };
/** How long messages trickle before the live chart is looked at. */
const TRICKLE_S = 45;

const SHOPS = {
  en: {
    locale: 'en-GB',
    name: 'farhills',
    zone: 'Europe/London',
    signature: 'Far Hills Books',
    source: 'Far Hills Books Ltd, company number 01234567',
    templates: [
      ['Sign-in code', 'Your code is {code}. It is valid for 5 minutes; tell nobody.', 'verification', 'Signing in'],
      ['Order arrived', 'Hello {name}, {book} has arrived and waits for you.', 'notification', 'Orders'],
      [
        'Reading night',
        'Reading night this Friday at 7 pm. Reply STOP to opt out.',
        'marketing',
        'Events, once a month',
      ],
    ],
    changed: 'Hello {name}, your copy of {book} is here. We keep it for 10 days.',
    plan: 'Arrivals of the week',
    row: (i) => `Reader ${i},The Classic of Mountains and Seas`,
    typed: 'Hello {name}, your invoice {number} is ready. This is no test.',
    typedName: 'Invoice',
    labels: { name: 'Name', text: 'Text' },
  },
  'zh-CN': {
    locale: 'zh-CN',
    name: 'yuanshan',
    zone: 'Asia/Shanghai',
    signature: '远山书店',
    source: '远山书店有限公司，商标注册号 12345678',
    templates: [
      ['登录验证码', '您的验证码是 {code}，5 分钟内有效，请勿告诉他人。', 'verification', '登录'],
      ['到货通知', '{name}您好，您预订的《{book}》已到店，欢迎来取。', 'notification', '预订到货'],
      ['读书会', '本周五晚七点读书会，欢迎参加。回 T 退订', 'marketing', '每月一次活动'],
    ],
    changed: '{name}您好，您预订的《{book}》已到店，为您保留十天。',
    plan: '本周到货',
    row: (i) => `读者${i},山海经`,
    typed: '{name}您好，您的发票 {number} 已开具。本条为测试。',
    typedName: '开票通知',
    labels: { name: '名称', text: '内容' },
  },
};

const data = mkdtempSync(join(tmpdir(), 'signet-pictures-'));
const server = spawn(process.execPath, [BIN, 'serve'], {
  env: {
    ...process.env,
    SIGNET_DATA: data,
    SIGNET_PORT: '0',
    SIGNET_ROOT_PASSWORD: ROOT,
    SIGNET_LOG_LEVEL: 'error',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let browser;
try {
  const url = await started();
  mkdirSync(IMAGES, { recursive: true });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  for (const [language, shop] of Object.entries(SHOPS)) await picture(url, language, shop);
} finally {
  await browser?.close();
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(data, { recursive: true, force: true });
}

function started() {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += chunk;
      const [, url] = /is up at (\S+)/.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

async function picture(url, language, shop) {
  const password = `password-of-${shop.name}`;
  const ask = async (method, path, body, who = shop.name, type = 'application/json') => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${who}:${who === 'root' ? ROOT : password}`).toString('base64')}`,
        ...(body !== undefined && { 'content-type': type }),
      },
      ...(body !== undefined && { body: type === 'application/json' ? JSON.stringify(body) : body }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  const asRoot = (method, path, body) => ask(method, path, body, 'root');
  const approve = (kind, id) => asRoot('POST', `/${kind}/${id}/review`, { state: 'approved' });

  await asRoot('POST', '/businesses', { name: shop.name, password, credits: 50_000, time_zone: shop.zone });
  const signature = await ask('POST', '/signatures', { signature: shop.signature, source: shop.source });
  await approve('signatures', signature.id);
  const templates = [];
  for (const [name, template, category, description] of shop.templates) {
    const body = { name, template, category, description, signature_id: signature.id };
    templates.push(await ask('POST', '/templates', body));
  }
  const [code, arrival] = templates;
  await approve('templates', code.id);
  await approve('templates', arrival.id);
  const rows = Array.from({ length: 2_400 }, (_, i) => `${13_800_138_000 + i},${shop.row(i + 1)}`);
  const file = `mobile,name,book\n${rows.join('\n')}\n12,x,y\n`;
  const upload = () =>
    ask('POST', `/plans?template_id=${arrival.id}&name=${encodeURIComponent(shop.plan)}`, file, shop.name, 'text/csv');
  const plan = await upload();
  await ask('POST', `/plans/${plan.plan_id}/confirm`);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const later = await upload();
  await ask('POST', `/plans/${later.plan_id}/confirm`, { start_at: tomorrow });
  const draft = await upload();
  const paused = await upload();
  await ask('POST', `/plans/${paused.plan_id}/confirm`, { start_at: tomorrow });
  await ask('POST', `/plans/${paused.plan_id}/pause`);
  const numbers = ['13800138000', '13800138001'];
  const one = { template_id: code.id, recipients: numbers, params: { code: '2468' }, name: shop.templates[0][0] };
  await ask('POST', '/plans', one);

  const context = await browser.newContext({ baseURL: url, locale: shop.locale, viewport: SIZE, colorScheme: 'light' });
  const page = await context.newPage();
  const signIn = async (name, secret) => {
    await page.goto('/');
    await page.locator('input[autocomplete=username]').fill(name);
    await page.locator('input[autocomplete=current-password]').fill(secret);
    await page.locator('button[type=submit]').click();
    await page.locator('main#content').waitFor();
  };
  const take = async (what) => {
    await page.waitForLoadState('networkidle').catch(() => {});
    await sleep(1_200);
    await page.screenshot({ path: join(IMAGES, `${what}-${language}.png`) });
    console.log(`docs/images/${what}-${language}.png`);
  };

  await signIn(shop.name, password);
  await page.goto('/plans');
  await take('plans');
  await page.goto('/overview');
  for (let second = 0; second < TRICKLE_S; second++) {
    const size = 30 + Math.round(25 * Math.sin(second / 5)) + (second % 7) * 3;
    const recipients = Array.from({ length: size }, (_, i) => String(13_800_140_000 + second * 200 + i));
    await ask('POST', '/plans', {
      template_id: code.id,
      recipients,
      params: { code: '2468' },
      name: shop.templates[0][0],
    });
    await sleep(1_000);
  }
  await take('overview');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('overview-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/templates/new');
  await page.getByLabel(shop.labels.name, { exact: true }).fill(shop.typedName);
  await page.getByLabel(shop.labels.text, { exact: true }).fill(shop.typed);
  await take('template');
  await page.goto(`/send?draft=${draft.plan_id}`);
  await take('send');
  await ask('PATCH', `/templates/${arrival.id}`, { template: shop.changed }).catch(async () => {
    // A plan that has not started yet still names it.
    for (const { plan_id } of [later, paused]) await ask('POST', `/plans/${plan_id}/cancel`);
    await ask('PATCH', `/templates/${arrival.id}`, { template: shop.changed });
  });
  await context.clearCookies();
  await signIn('root', ROOT);
  await page.goto(`/reviews?item=template-${arrival.id}`);
  await take('reviews');
  await asRoot('POST', `/businesses/${shop.name}/suspend`);
  for (const { id } of templates) await approve('templates', id).catch(() => {});
  await context.close();
}

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { startHelper } from '../lib/helper.ts';
import { quantile } from '../lib/stats.ts';
import { monotonicMs } from '../lib/time.ts';
import { businessAuthorization, prepare, rootAuthorization, SignetServer } from '../peers/signet.ts';
import type { SmscHelper } from '../processes/smsc.ts';
import { buildHistory, type History, HOT_NUMBER } from './build.ts';

const MESSAGES = 10_000_000;
/** Times each page is asked for, with other values where it has some. */
const LOOKS = 40;
const OTHERS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota'];
const DAY_MS = 86_400_000;
const ID_EPOCH_MS = 1_735_689_600_000;
const IDS_A_MS = 4_096;

/** How long one kind of page takes, in milliseconds. */
export interface Look {
  what: string;
  p50: number;
  p95: number;
  max: number;
  /** Rows of the page, the most that came. */
  rows: number;
}

/** Lists and searches over a long history. */
export interface HistoryRun {
  history: History;
  looks: Look[];
}

interface Page {
  what: string;
  as: 'root' | 'business';
  path: (i: number) => string;
}

/** Asks for every list and search over ten million messages. @param scale share of them */
export async function measureHistory(scale: number, workDir: string, say: (line: string) => void): Promise<HistoryRun> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'history-'));
  const data = join(dir, 'data');
  const smsc = startHelper<SmscHelper>('smsc');
  let server: SignetServer | undefined;
  try {
    const smscPort = await smsc.start(50, null);
    server = await SignetServer.start(data);
    await prepare(server, smscPort, true);
    for (const name of OTHERS)
      await server.call('POST', '/api/v1/businesses', { name, password: `password-of-${name}` });
    const { items } = (await server.call('GET', '/api/v1/businesses')) as {
      items: { business_id: number; user: string }[];
    };
    const idOf = (name: string) => items.find(({ user }) => user === name)!.business_id;
    const businesses = [idOf('bench'), ...OTHERS.map(idOf)];
    await server.stop();
    const until = Date.now() - 60_000;
    const history = buildHistory(join(data, 'signet.db'), until, Math.round(MESSAGES * scale), businesses, say);
    say(`history: ${history.messages} messages in ${history.megabytes} MB`);
    server = await SignetServer.start(data);
    const looks: Look[] = [];
    for (const page of await pagesOf(server, until, businesses)) {
      const look = await lookAt(server, page);
      say(
        `history: ${look.what}: p50 ${look.p50.toFixed(0)}, p95 ${look.p95.toFixed(0)}, max ${look.max.toFixed(0)} ms, ${look.rows} rows`,
      );
      looks.push(look);
    }
    return { history, looks };
  } finally {
    await server?.stop();
    await smsc.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function lookAt(server: SignetServer, { what, as, path }: Page): Promise<Look> {
  const authorization = as === 'root' ? rootAuthorization() : businessAuthorization();
  const times: number[] = [];
  let rows = 0;
  for (let i = 0; i < LOOKS; i++) {
    const begun = monotonicMs();
    const { statusCode, body } = await request(`${server.url}/api/v1${path(i)}`, { headers: { authorization } });
    const text = await body.text();
    times.push(monotonicMs() - begun);
    if (statusCode !== 200) throw new Error(`${what}: ${statusCode} ${text}`);
    rows = Math.max(rows, (JSON.parse(text) as { items?: unknown[] }).items?.length ?? 1);
  }
  times.sort((a, b) => a - b);
  return { what: `${what}, ${as}`, p50: quantile(times, 0.5), p95: quantile(times, 0.95), max: times.at(-1)!, rows };
}

const STATES = [
  'accepted',
  'dispatching',
  'submitted',
  'delivered',
  'undelivered',
  'unreported',
  'cancelled',
  'failed',
  'uncertain',
  'unknown',
  'invalid',
] as const;

export async function pagesOf(server: SignetServer, until: number, businesses: readonly number[]): Promise<Page[]> {
  const pages: Page[] = [];
  const add = (what: string, path: (i: number) => string, as: 'root' | 'business' | 'both' = 'both') => {
    for (const each of as === 'both' ? (['root', 'business'] as const) : [as]) pages.push({ what, as: each, path });
  };
  const back = (i: number) => until - ((i * 7) % 30) * DAY_MS;
  const cursor = (...place: number[]) => Buffer.from(place.join('.')).toString('base64url');
  const idAt = (ms: number) => (ms - ID_EPOCH_MS) * IDS_A_MS;
  const time = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
  const small = businesses.at(-1)!;

  add('messages, newest', () => '/messages');
  add('messages, a page far back', (i) => `/messages?cursor=${cursor(idAt(back(i)), 0)}`);
  add('messages to a number', (i) => `/messages?to=${8_613_800_000_000 + ((i * 7_919_777) % 10_000_000)}`);
  add('messages to a number that got very many', (i) => `/messages?to=${HOT_NUMBER + (i % 1000)}`);
  add('messages to a number that got none', (i) => `/messages?to=${8_615_000_000_000 + i}`);
  for (const state of STATES) add(`messages ${state}`, () => `/messages?state=${state}`);
  add('messages failed, a page far back', (i) => `/messages?state=failed&cursor=${cursor(idAt(back(i)), 0)}`);
  add('messages failed, of a small business', () => `/messages?state=failed&business_id=${small}`, 'root');
  add('messages uncertain, of a small business', () => `/messages?state=uncertain&business_id=${small}`, 'root');
  add('messages to a number, failed', (i) => `/messages?state=failed&to=${HOT_NUMBER + (i % 1000)}`);
  add('messages of a day', (i) => `/messages?from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`);
  add(
    'messages of a day, failed',
    (i) => `/messages?state=failed&from=${time(back(i) - DAY_MS)}&until=${time(back(i))}`,
  );
  const { items: large } = (await server.call('GET', `/api/v1/plans?business_id=${businesses[0]}&limit=1000`)) as {
    items: { plan_id: number; accepted: number }[];
  };
  const plans = large.filter(({ accepted }) => accepted > 1);
  const planOf = (i: number) => plans[i % plans.length]!.plan_id;
  const largest = plans.reduce((most, plan) => (plan.accepted > most.accepted ? plan : most), plans[0]!).plan_id;
  add('messages of a plan', (i) => `/messages?plan_id=${planOf(i)}`);
  add('messages of a plan, unknown', (i) => `/messages?plan_id=${planOf(i)}&state=unknown`);
  add('messages of a large plan, uncertain', () => `/messages?plan_id=${largest}&state=uncertain`);
  add('messages of a plan, in order', (i) => `/plans/${planOf(i)}/messages`);
  add('one plan', (i) => `/plans/${planOf(i)}`);
  add('one large plan', () => `/plans/${largest}`);
  add('one message', (i) => `/messages/${planOf(i)}${String(i).padStart(8, '0')}`);
  add('plans, newest', () => '/plans');
  add('plans, a page far back', (i) => `/plans?cursor=${cursor(idAt(back(i)))}`);
  for (const state of ['pending', 'running', 'paused', 'done', 'cancelled', 'draft'])
    add(`plans ${state}`, () => `/plans?state=${state}`);
  add('plans cancelled, of a small business', () => `/plans?state=cancelled&business_id=${small}`, 'root');
  add('statement', () => '/statement', 'business');
  add('statement, a page far back', (i) => `/statement?cursor=${cursor(idAt(back(i)))}`, 'business');
  add('events', (i) => `/events?after=${idAt(back(i))}`);
  add('events of a kind that is rare', () => '/events?kind=webhook.changed');
  add('events of a state that is rare', () => '/events?kind=message.state&state=unknown');
  add('events after the last', () => `/events?after=${idAt(until + DAY_MS)}`);
  add('deliveries', () => '/webhooks/1/deliveries');
  add('deliveries that are dead', () => '/webhooks/1/deliveries?state=dead');
  add('deliveries that wait', () => '/webhooks/1/deliveries?state=waiting');
  add('audit log', () => '/audit');
  add('audit log, of a small business', () => `/audit?business_id=${small}`, 'root');
  add('audit log, an action that is rare', () => '/audit?action=plan.cancel');
  add('audit log, an action that nobody did', () => '/audit?action=route.delete');
  add('audit log of a day', (i) => `/audit?from=${time(back(i) - DAY_MS)}&to=${time(back(i))}`);
  add('tasks', () => '/tasks', 'root');
  for (const state of ['scheduled', 'running', 'succeeded', 'failed', 'revoked'])
    add(`tasks ${state}`, () => `/tasks?state=${state}`, 'root');
  add('tasks, searched', () => '/tasks?search=away', 'root');
  add('queues', () => '/queues', 'root');
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  add('figures of a month', () => `/figures?from=${day(until - 29 * DAY_MS)}`);
  return pages;
}

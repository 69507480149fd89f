import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { startHelper } from '../lib/helper.ts';
import { cpuSeconds } from '../lib/proc.ts';
import { quantile } from '../lib/stats.ts';
import { monotonicMs } from '../lib/time.ts';
import { businessAuthorization, prepare, rootAuthorization, SignetServer } from '../peers/signet.ts';
import type { SmscHelper } from '../processes/smsc.ts';
import { MariaDb } from '../servers/mariadb.ts';
import { buildHistory, type History } from './build.ts';
import { forgetting, type Long, longOf, SEEN_BESIDE } from './long.ts';
import { mysqlFiller } from './mysql-filler.ts';
import { type Page, pagesOf } from './pages.ts';
import { DAYS, FORGOTTEN_DAYS } from './shape.ts';
import { sqliteFiller } from './sqlite-filler.ts';

const MESSAGES = 10_000_000;
/** Times each page is asked for, with other values where it has some. */
const LOOKS = 40;
const OTHERS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota'];

export const HISTORY_STORES = ['sqlite', 'mysql'] as const;
export type HistoryStore = (typeof HISTORY_STORES)[number];

/** How long one kind of page takes, in milliseconds. */
export interface Look {
  what: string;
  min: number;
  p50: number;
  p95: number;
  max: number;
  /** CPU of the server and of its database, a page. */
  cpu: number;
  /** Rows of the page, the most that came. */
  rows: number;
}

/** Lists and searches over a long history. */
export interface HistoryRun {
  store: HistoryStore;
  history: History;
  fillSeconds: number;
  looks: Look[];
  /** Pages while something long was done. */
  beside: Look[];
}

/** A server with ten businesses, and where its history is written. */
interface Place {
  data: string;
  database: MariaDb | null;
}

/** What is to be measured. */
export interface HistorySetting {
  store: HistoryStore;
  /** Share of ten million messages. */
  scale: number;
  workDir: string;
  /** Where a history is kept, to be looked at again; null: it is not. */
  keptIn: string | null;
  say: (line: string) => void;
}

/** Asks for every list and search over ten million messages. */
export async function measureHistory({ store, scale, workDir, keptIn, say }: HistorySetting): Promise<HistoryRun> {
  mkdirSync(workDir, { recursive: true });
  const dir = keptIn === null ? mkdtempSync(join(workDir, 'history-')) : join(keptIn, store);
  mkdirSync(dir, { recursive: true });
  const database = store === 'mysql' ? await MariaDb.start(join(dir, 'mariadb')) : null;
  const place: Place = { data: join(dir, 'data'), database };
  const tell = (line: string) => say(`history, ${store}: ${line}`);
  try {
    const made = join(dir, 'made.json');
    if (!existsSync(made)) writeFileSync(made, JSON.stringify(await make(place, Math.round(MESSAGES * scale), tell)));
    const { history, until, businesses, fillSeconds } = JSON.parse(readFileSync(made, 'utf8')) as Made;
    tell(`${history.messages} messages in ${history.megabytes} MB, written in ${fillSeconds.toFixed(0)} s`);
    const looks: Look[] = [];
    const beside: Look[] = [];
    const note = (into: Look[], look: Look) => {
      into.push(look);
      tell(sentenceOf(look));
    };
    const pages = pagesOf({ until, businesses, large: history.large, reports: history.reports });
    await withServer(place, 'forever', async (server) => {
      for (const page of pages) note(looks, await lookAt(server, database, page));
      for (const long of longOf(server, pages, until)) note(beside, await lookBeside(server, database, pages, long));
    });
    if (keptIn === null) {
      await withServer(place, String(DAYS - FORGOTTEN_DAYS), async (server) =>
        note(beside, await lookBeside(server, database, pages, forgetting(server))),
      );
    }
    return { store, history, fillSeconds, looks, beside };
  } finally {
    await database?.stop();
    if (keptIn === null) rmSync(dir, { recursive: true, force: true });
  }
}

/** What was made, and of whom it tells. */
interface Made {
  history: History;
  until: number;
  businesses: number[];
  fillSeconds: number;
}

/** A server makes the store and what everything else hangs on; then it is filled. */
async function make(place: Place, messages: number, say: (line: string) => void): Promise<Made> {
  const smsc = startHelper<SmscHelper>('smsc');
  try {
    const port = await smsc.start(50, null);
    const owners = await withServer(place, 'forever', (server) => settle(server, port));
    const until = Date.now() - 60_000;
    const begun = monotonicMs();
    const { database, data } = place;
    const filler = database === null ? sqliteFiller(join(data, 'signet.db')) : await mysqlFiller(database.url, until);
    const history = await buildHistory(filler, until, messages, owners, say);
    await filler.close();
    return { history, until, businesses: owners.businesses, fillSeconds: (monotonicMs() - begun) / 1_000 };
  } finally {
    await smsc.stop();
  }
}

async function withServer<T>(place: Place, keptDays: string, work: (server: SignetServer) => Promise<T>): Promise<T> {
  const server = await startServer(place, keptDays);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

const startServer = ({ data, database }: Place, keptDays: string): Promise<SignetServer> =>
  SignetServer.start(data, {
    env: {
      SIGNET_MESSAGES_KEPT_DAYS: keptDays,
      SIGNET_EVENTS_KEPT_DAYS: 'forever',
      SIGNET_TASKS_KEPT_DAYS: '60',
      ...(database === null ? {} : { SIGNET_STORE: database.url }),
    },
  });

async function settle(server: SignetServer, smscPort: number): Promise<{ businesses: number[]; channels: number[] }> {
  await prepare(server, smscPort, true);
  for (const name of OTHERS) {
    await server.call('POST', '/api/v1/businesses', { name, password: `password-of-${name}` });
  }
  for (const name of ['bench-2', 'bench-3']) {
    const smpp = { host: '127.0.0.1', port: smscPort, system_id: 'signet', password: 'signet', sender: '1069' };
    await server.call('POST', '/api/v1/channels', { name, smpp });
  }
  const { items } = (await server.call('GET', '/api/v1/businesses')) as {
    items: { business_id: number; user: string }[];
  };
  const idOf = (name: string) => items.find(({ user }) => user === name)!.business_id;
  const channels = (await server.call('GET', '/api/v1/channels')) as { items: { id: number }[] };
  return { businesses: [idOf('bench'), ...OTHERS.map(idOf)], channels: channels.items.map(({ id }) => id) };
}

const sentenceOf = ({ what, min, p50, p95, max, cpu, rows }: Look): string =>
  `${what}: min ${min.toFixed(1)}, p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)}, max ${max.toFixed(0)} ms, ` +
  `${cpu.toFixed(1)} ms of CPU, ${rows} rows`;

const cpuOf = (server: SignetServer, database: MariaDb | null): number =>
  cpuSeconds(server.pid) + (database === null ? 0 : cpuSeconds(database.pid));

async function lookAt(
  server: SignetServer,
  database: MariaDb | null,
  page: Page,
  goOn: (looks: number) => boolean = (looks) => looks < LOOKS,
): Promise<Look> {
  const times: number[] = [];
  let rows = 0;
  const cpu = cpuOf(server, database);
  while (goOn(times.length)) {
    const { ms, items } = await ask(server, page, times.length);
    times.push(ms);
    rows = Math.max(rows, items);
  }
  const spent = ((cpuOf(server, database) - cpu) * 1_000) / times.length;
  times.sort((a, b) => a - b);
  const [min, max] = [times[0]!, times.at(-1)!];
  return {
    ...{ what: `${page.what}, ${page.as}`, min, max, rows, cpu: spent },
    ...{ p50: quantile(times, 0.5), p95: quantile(times, 0.95) },
  };
}

/** What goes on for long, or for ever: of a file or a live view only the first octets are waited for. */
const STREAMS = /^text\/(csv|event-stream)/;

/** Until the answer is whole, or of a stream until its first octets. */
async function ask(server: SignetServer, { what, as, path }: Page, i: number): Promise<{ ms: number; items: number }> {
  const authorization = as === 'root' ? rootAuthorization() : businessAuthorization();
  const begun = monotonicMs();
  const { statusCode, headers, body } = await request(`${server.url}/api/v1${path(i)}`, { headers: { authorization } });
  if (statusCode === 200 && STREAMS.test(String(headers['content-type']))) {
    for await (const _ of body) break;
    return { ms: monotonicMs() - begun, items: 0 };
  }
  const text = await body.text();
  const ms = monotonicMs() - begun;
  if (statusCode !== 200) throw new Error(`${what}: ${statusCode} ${text}`);
  return { ms, items: (JSON.parse(text) as { items?: unknown[] }).items?.length ?? 1 };
}

/** Asks for some pages in turn as long as something long is being done. */
async function lookBeside(
  server: SignetServer,
  database: MariaDb | null,
  pages: readonly Page[],
  { what, run }: Long,
): Promise<Look> {
  const some = pages.filter((page) => page.as === 'root' && SEEN_BESIDE.includes(page.what));
  const begun = monotonicMs();
  let seconds: number | null = null;
  const done = run().then(() => {
    seconds = (monotonicMs() - begun) / 1_000;
  });
  const mixed: Page = { what, as: 'root', path: (i) => some[i % some.length]!.path(i) };
  const looking = lookAt(server, database, mixed, (looks) => seconds === null || looks < LOOKS);
  const [look] = await Promise.all([looking, done]);
  return { ...look, what: `${what} (${seconds!.toFixed(1)} s)` };
}

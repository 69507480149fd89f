import { existsSync } from 'node:fs';
import { dataPaths } from './app/ground.ts';
import { openStore, type StorePlace } from './app/open-store.ts';
import type { StorageThreads } from './app/storage-threads.ts';
import { startApp } from './app.ts';
import { ConfigError, describeConfig, loadServerConfig, type ServerConfig } from './config/config.ts';
import { longWindows, NO_FREQUENCY_POLICY } from './domain/frequency.ts';
import { DEFAULT_REPEAT_AFTER_MS } from './domain/outcome.ts';
import { systemClock } from './lib/clock.ts';
import { keepHeapsSmall } from './lib/heap.ts';
import { createLogger } from './lib/log.ts';
import { randomSecret } from './lib/random.ts';
import { UNLIMITED } from './limits/limits.ts';
import { GrantBook } from './services/grants.ts';
import { createHotRows } from './services/hot-rows.ts';
import { hashPassword } from './services/password.ts';
import { RecentInbound } from './services/recent-inbound.ts';
import { RecipientLists } from './services/recipient-lists.ts';
import type { Ctx } from './services/verb.ts';
import { verbs } from './services/verbs.ts';
import { startPage } from './start-page.ts';
import { lockData } from './store/sqlite/lock.ts';
import { SqliteStore } from './store/sqlite/sqlite.ts';
import { VERSION } from './version.ts';

/** Where a server writes for people. */
export interface ServerIo {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
}

/** A server that is up. */
export interface RunningServer {
  url: string;
  port: number;
  /** The administrator's password, only when it was made up just now. */
  rootPassword: string | null;
  /** The built-in simulator, while it stands in for a carrier. */
  simulator: { port: number } | null;
  stop(): Promise<void>;
}

/** How long stopping may take, after the delay that was set, before the process ends all the same. */
const STOP_LIMIT_MS = 9_500;

/** Starts a server and prints its start page. @param threads for its storage, where they were begun before */
export async function serve(config: ServerConfig, io: ServerIo, threads?: StorageThreads): Promise<RunningServer> {
  // What the server writes holds carriers' passwords and people's numbers: it is for its own user alone.
  process.umask(0o077);
  keepHeapsSmall();
  const app = await startApp(config, threads);
  const reached = await app.reached();
  const simulatorPort = app.simulatorPort();
  io.stdout.write(
    startPage({
      version: VERSION,
      url: app.url,
      publicUrl: config.publicUrl,
      takesRequests: config.roles.includes('api'),
      rootPassword: app.rootPassword,
      rootPasswordGiven: config.rootPassword !== null,
      simulatorPort,
      settings: describeConfig(config),
      reached,
      examplePassword: randomSecret(72),
    }),
  );
  return {
    url: app.url,
    port: app.port,
    rootPassword: app.rootPassword,
    simulator: simulatorPort === null ? null : { port: simulatorPort },
    stop: () => app.stop(),
  };
}

/** `signet serve`: runs a server until SIGTERM or SIGINT, then drains and exits 0. */
export async function runServer(env: NodeJS.ProcessEnv, threads: StorageThreads): Promise<void> {
  let config: ServerConfig;
  let server: RunningServer;
  try {
    config = loadServerConfig(env);
    server = await serve(config, process, threads);
  } catch (error) {
    const told =
      error instanceof ConfigError || (error as { code?: string }).code !== undefined || error instanceof Error;
    process.stderr.write(`signet: ${told ? (error as Error).message : String(error)}\n`);
    process.exit(1);
  }
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    process.stderr.write(`signet: ${signal}, stopping\n`);
    systemClock.setTimer(() => process.exit(0), config.stopDelayMs + STOP_LIMIT_MS);
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`signet: stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

/**
 * Gives the administrator another password while no server runs; one that runs on a MySQL store may go on.
 * @throws DataInUse when a server runs; an error when there is no data yet
 */
export async function resetRootPassword(
  config: Pick<ServerConfig, 'dataDir' | 'store'>,
  password: string,
): Promise<void> {
  const paths = dataPaths(config.dataDir);
  if (config.store === null && !existsSync(paths.store)) {
    throw new Error(`there is no data in ${config.dataDir} yet: start the server once`);
  }
  const lock = config.store === null ? lockData(paths.lock) : null;
  try {
    const store = await openStore(placeOf(config), 'write', AT_ONCE);
    const ctx: Omit<Ctx, 'nextId'> = {
      now: () => systemClock.now(),
      settings: {
        repeatAfterMs: DEFAULT_REPEAT_AFTER_MS,
        lostRepeats: 1,
        reportsKeptMs: 0,
        messagesKeptMs: 0,
        eventsKeptMs: 0,
        unknownAfterMs: 0,
        sessions: { idleMs: 0, maxMs: 0 },
        maxLateMs: 0,
        sweepStep: 1,
        longWindows: longWindows(NO_FREQUENCY_POLICY),
        validityMs: { verification: 0, notification: 0, marketing: 0 },
        quiet: null,
      },
      limits: UNLIMITED,
      grants: new GrantBook(),
      hot: createHotRows(),
      recipientLists: new RecipientLists(),
      recentInbound: new RecentInbound(),
      log: createLogger('silent'),
      notify() {},
      onRollback() {},
    };
    const passwordHash = await hashPassword(password);
    await store.transact((tx) =>
      verbs.setAdminPassword.run(tx, { ...ctx, nextId: (kind) => tx.nextId(kind) }, [{ passwordHash }]),
    );
    await store.close();
  } finally {
    lock?.release();
  }
}

/**
 * Writes a checked copy of the store to `file`, beside a running server or without one.
 * @throws when the file exists, there is no data, or the copy does not pass its checks
 */
export async function backupStore(config: Pick<ServerConfig, 'dataDir' | 'store'>, file: string): Promise<void> {
  if (config.store !== null) throw new Error(COPIED_ELSEWHERE);
  const paths = dataPaths(config.dataDir);
  if (!existsSync(paths.store)) throw new Error(`there is no data in ${config.dataDir}`);
  const store = new SqliteStore(paths.store, 'read');
  process.umask(0o077);
  try {
    await store.backup(file);
  } finally {
    await store.close();
  }
  const copy = new SqliteStore(file, 'read');
  try {
    const faults = await copy.read((reader) => reader.ledger.faults());
    if (faults.length > 0) throw new Error(`the copy's ledger does not reconcile: ${faults[0]!.what}`);
  } finally {
    await copy.close();
  }
}

/**
 * Moves everything from the data directory to a database of MySQL or MariaDB, while no server runs. Begun again after a break, it
 * goes on where it was.
 * @param tell hears of each table that has been moved
 * @throws DataInUse when a server runs; an error when there is no data, or the database holds anything else
 */
export async function moveToMysql(
  config: Pick<ServerConfig, 'dataDir'>,
  url: string,
  tell: (table: string, rows: number) => void,
): Promise<void> {
  const paths = dataPaths(config.dataDir);
  if (!existsSync(paths.store)) throw new Error(`there is no data in ${config.dataDir}`);
  const lock = lockData(paths.lock);
  try {
    const { moveStore } = await import('./store/moving/move.ts');
    await moveStore(paths.store, url, tell);
  } finally {
    lock.release();
  }
}

const COPIED_ELSEWHERE =
  'this installation keeps its data in MySQL, whose own tools make copies of it (docs/operating/backup.md)';

/** What is wrong with the store, beside a running server or without one: empty when nothing is, null when there is none. */
export async function storeFaults(config: Pick<ServerConfig, 'dataDir' | 'store'>): Promise<string[] | null> {
  const place = placeOf(config);
  if ('path' in place && !existsSync(place.path)) return null;
  const store = await openStore(place, 'read', AT_ONCE);
  try {
    const ledger = await store.read((reader) => reader.ledger.faults());
    const damages = store instanceof SqliteStore ? store.damages() : [];
    return [...damages, ...ledger.map(({ what }) => what)];
  } finally {
    await store.close();
  }
}

const AT_ONCE = { log: createLogger('silent'), waitMs: 0 };

const placeOf = ({ dataDir, store }: Pick<ServerConfig, 'dataDir' | 'store'>): StorePlace =>
  store === null ? { path: dataPaths(dataDir).store } : { url: store.url };

import { existsSync } from 'node:fs';
import { dataPaths, startApp } from './app.ts';
import { ConfigError, describeConfig, loadServerConfig, type ServerConfig } from './config/config.ts';
import { systemClock } from './lib/clock.ts';
import { IdGenerator } from './lib/ids.ts';
import { createLogger } from './lib/log.ts';
import { randomSecret } from './lib/random.ts';
import { UNLIMITED } from './limits/limits.ts';
import { hashPassword } from './services/authentication.ts';
import { createHotRows } from './services/hot-rows.ts';
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

/** How long stopping may take before the process ends all the same. */
const STOP_LIMIT_MS = 9_500;

/** Starts a server and prints its start page. */
export async function serve(config: ServerConfig, io: ServerIo): Promise<RunningServer> {
  // What the server writes holds carriers' passwords and people's numbers: it is for its own user alone.
  process.umask(0o077);
  const app = await startApp(config);
  const reached = await app.reached();
  const simulatorPort = app.simulatorPort();
  io.stdout.write(
    startPage({
      version: VERSION,
      url: app.url,
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
export async function runServer(env: NodeJS.ProcessEnv): Promise<void> {
  let server: RunningServer;
  try {
    server = await serve(loadServerConfig(env), process);
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
    systemClock.setTimer(() => process.exit(0), STOP_LIMIT_MS);
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
 * Gives the administrator another password while no server runs.
 * @throws DataInUse when a server runs; an error when there is no data yet
 */
export async function resetRootPassword(config: Pick<ServerConfig, 'dataDir'>, password: string): Promise<void> {
  const paths = dataPaths(config.dataDir);
  if (!existsSync(paths.store)) throw new Error(`there is no data in ${config.dataDir} yet: start the server once`);
  const lock = lockData(paths.lock);
  try {
    const store = new SqliteStore(paths.store, 'write');
    const highest = store.highestIds();
    const ids = new IdGenerator(systemClock, 0, Math.max(highest.plan, highest.ledger, highest.event));
    const ctx: Ctx = {
      now: () => systemClock.now(),
      nextId: () => ids.next(),
      settings: { uncertainWaitMs: 0, unknownAfterMs: 0 },
      limits: UNLIMITED,
      hot: createHotRows(),
      log: createLogger('silent'),
      notify() {},
      onRollback() {},
    };
    const passwordHash = await hashPassword(password);
    await store.transact((tx) => verbs.setAdminPassword.run(tx, ctx, [{ passwordHash }]));
    await store.close();
  } finally {
    lock.release();
  }
}

/**
 * Writes a checked copy of the store to `file`, beside a running server or without one.
 * @throws when the file exists, there is no data, or the copy does not pass its checks
 */
export async function backupStore(config: Pick<ServerConfig, 'dataDir'>, file: string): Promise<void> {
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

/** What is wrong with the store, beside a running server or without one: empty when nothing is, null when there is none. */
export async function storeFaults(config: Pick<ServerConfig, 'dataDir'>): Promise<string[] | null> {
  const paths = dataPaths(config.dataDir);
  if (!existsSync(paths.store)) return null;
  const store = new SqliteStore(paths.store, 'read');
  try {
    const ledger = await store.read((reader) => reader.ledger.faults());
    return [...store.damages(), ...ledger.map(({ what }) => what)];
  } finally {
    await store.close();
  }
}

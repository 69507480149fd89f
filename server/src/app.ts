import { mkdirSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startSimulatorThread } from '@signet/smpp/simulator';
import type { ChannelStatus } from './channels/channel.ts';
import { FlightLog } from './channels/flight-log.ts';
import { SmppConnector } from './channels/smpp/connector.ts';
import type { ServerConfig } from './config/config.ts';
import { CATEGORIES } from './domain/category.ts';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from './domain/channel.ts';
import { must } from './domain/refusals.ts';
import type { HttpDeps } from './http/deps.ts';
import { createHttpServer } from './http/server.ts';
import { sleep, systemClock } from './lib/clock.ts';
import { createLogger, type Logger } from './lib/log.ts';
import { createMetrics, type Metrics } from './lib/metrics.ts';
import { randomSecret } from './lib/random.ts';
import { Lifecycle } from './lib/start-stop.ts';
import { MemoryQueue } from './queue/memory.ts';
import { Authenticator, hashPassword, isPassword } from './services/authentication.ts';
import type { Desk } from './services/desk.ts';
import { packAccepted } from './services/packed.ts';
import { type FromThread, ThreadDesk, type ToThread } from './services/thread-desk.ts';
import type { Reached } from './start-page.ts';
import type { StorageThreadData } from './storage-thread.ts';
import { lockData } from './store/sqlite/lock.ts';
import { VERSION } from './version.ts';
import { Caretaker } from './workers/caretaker.ts';
import { ChannelKeeper, type Simulator } from './workers/channel-keeper.ts';
import { Dispatcher } from './workers/dispatcher.ts';
import { OutboxRelay } from './workers/outbox-relay.ts';
import { ReceiptIntake } from './workers/receipt-intake.ts';

const MAX_SEND_BODY_BYTES = 16 << 20;
const MAX_BODY_BYTES = 1 << 20;
/** Requests under way may take this long to finish once the server stops listening. */
const HTTP_DRAIN_MS = 3_000;
/** How long after a message the built-in simulator reports on it. */
const SIMULATOR_REPORTS_MS = { min: 200, max: 1_500 };
const SIMULATOR_LOOK_MS = 100;

/** A running house. */
export interface App {
  url: string;
  port: number;
  /** The administrator's password, when it was made up just now; it is nowhere else. */
  rootPassword: string | null;
  /** Port of the built-in simulator, while it stands in for a carrier. */
  simulatorPort(): number | null;
  /** What the house could reach, after giving links a moment to come up. */
  reached(): Promise<Reached>;
  /** Stops accepting, drains, and closes; about 9 s at the most. */
  stop(): Promise<void>;
}

/** Where things are in a data directory. */
export function dataPaths(dataDir: string): { store: string; lock: string; flight: string } {
  return {
    store: join(dataDir, 'signet.db'),
    lock: join(dataDir, 'server.lock'),
    flight: join(dataDir, 'flight'),
  };
}

/** Builds the house and starts it, bottom first. @throws DataInUse, or an error whose message says what to do */
export async function startApp(config: ServerConfig): Promise<App> {
  const log = createLogger(config.logLevel);
  const clock = systemClock;
  const paths = dataPaths(config.dataDir);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = lockData(paths.lock);
  const lifecycle = new Lifecycle();
  let stopping = false;
  try {
    const storage = await startStorage(config, paths.store);
    await lifecycle.start(storage);
    const { desk } = storage;
    const rootPassword = await settleRootPassword(desk, config);
    await desk.do('dropStaged', { planId: null });
    const flightLog = new FlightLog(paths.flight);
    await recoverFlights(desk, flightLog, log);
    await lifecycle.start({ start: async () => {}, stop: async () => flightLog.close() });

    const queue = new MemoryQueue();
    const receipts = new ReceiptIntake(desk, clock, log);
    const keeper: ChannelKeeper = new ChannelKeeper({
      desk,
      receipts,
      log,
      simulatorAllowed: config.environment !== 'production',
      onRouteChange: () => relay.nudge(),
      factory: {
        channel: (id, settings, listener) => new SmppConnector(id, settings, { listener, flightLog, clock, log }),
        dispatcher: (channel, settings) =>
          new Dispatcher(channel, settings.receipts, {
            desk,
            queue,
            flightLog,
            clock,
            log,
            onTaken: () => relay.nudge(),
          }),
        simulator: () => startBuiltInSimulator(log),
      },
    });
    const relay: OutboxRelay = new OutboxRelay(desk, queue, keeper, clock, log);
    queue.onArrival(() => keeper.pump());
    const caretaker = new Caretaker({
      desk,
      clock,
      log,
      dataDir: config.dataDir,
      minFreeDiskBytes: config.minFreeDiskBytes,
    });
    await lifecycle.start(keeper);
    await lifecycle.start(relay);
    await lifecycle.start(caretaker);

    const metrics = createMetrics();
    watchHouse(metrics, { desk, queue, keeper });
    const deps: HttpDeps = {
      desk,
      authenticator: new Authenticator(desk, clock),
      clock,
      log,
      metrics,
      limits: {
        sendBodyBytes: MAX_SEND_BODY_BYTES,
        bodyBytes: MAX_BODY_BYTES,
        maxRecipients: config.maxRecipients,
      },
      admitSending() {
        must(!caretaker.diskFull, { code: 'diskFull', retryAfterS: 30 });
        must(desk.backlogRows < config.maxBacklogRows, { code: 'overloaded', retryAfterS: 1 });
      },
      facts: {
        version: VERSION,
        startedAt: clock.now(),
        ready: () => readiness(desk, stopping),
        channelStates: () => keeper.status(),
        simulating: () => keeper.simulatorPort !== null,
        metrics: () => metrics.expose(),
      },
    };
    const http = createHttpServer(deps);
    await listen(http, config);
    const { port } = http.server.address() as AddressInfo;
    await lifecycle.start({ start: async () => {}, stop: () => closeWithin(http.close(), HTTP_DRAIN_MS) });
    const shownHost = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      url: `http://${shownHost}:${port}`,
      port,
      rootPassword,
      simulatorPort: () => keeper.simulatorPort,
      reached: () => lookAround(config, desk, keeper),
      async stop() {
        stopping = true;
        await lifecycle.stop();
        lock.release();
      },
    };
  } catch (error) {
    await lifecycle.stop();
    lock.release();
    throw error;
  }
}

async function startStorage(config: ServerConfig, path: string) {
  const thread = async (mode: 'write' | 'read'): Promise<Worker> => {
    const data: StorageThreadData = {
      path,
      mode,
      logLevel: config.logLevel,
      settings: {
        uncertainWaitMs: config.uncertainWaitMs,
        unknownAfterMs: config.unknownAfterMs,
      },
      frequency: config.frequency,
    };
    const worker = new Worker(new URL('./storage-thread.js', import.meta.url), { workerData: data });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: FromThread) => {
        worker.off('error', reject);
        if (message.kind === 'failed') reject(new Error(message.message));
        else resolve();
      });
    });
    return worker;
  };
  const started = await Promise.allSettled([thread('write'), thread('read')]);
  const failed = started.find((result) => result.status === 'rejected');
  const workers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failed !== undefined) {
    for (const worker of workers) await worker.terminate();
    throw failed.reason;
  }
  const [writer, reader] = workers as [Worker, Worker];
  const desk = new ThreadDesk(writer, reader, systemClock);
  const close = (worker: Worker) =>
    new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
      worker.postMessage({ kind: 'close' } satisfies ToThread);
    });
  return {
    desk,
    start: async () => {},
    async stop() {
      await close(reader);
      await close(writer);
    },
  };
}

/** @throws an error that says what to do when the address cannot be had */
async function listen(http: ReturnType<typeof createHttpServer>, { port, host }: ServerConfig): Promise<void> {
  try {
    await http.listen({ port, host });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EADDRINUSE') {
      throw new Error(`port ${port} on ${host} is in use: stop what uses it, or set SIGNET_PORT to another`);
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new Error(`${host} is no address of this machine: set SIGNET_HOST to one that is`);
    }
    if (code === 'EACCES') throw new Error(`port ${port} needs more rights: set SIGNET_PORT to one above 1023`);
    throw error;
  }
}

async function readiness(desk: Desk, stopping: boolean): Promise<{ ready: true } | { ready: false; reason: string }> {
  if (stopping) return { ready: false, reason: 'the server is stopping' };
  try {
    // Goes through the writing thread, so it tells whether commits get through.
    await desk.ask('nextRetry', {});
    return { ready: true };
  } catch {
    return { ready: false, reason: 'the store does not answer' };
  }
}

/** How long links may take to come up before the start page is printed without them. */
const LINKS_WAIT_MS = 500;

async function lookAround(config: ServerConfig, desk: Desk, keeper: ChannelKeeper): Promise<Reached> {
  await keeper.settled();
  const end = systemClock.monotonic() + LINKS_WAIT_MS;
  const connecting = () => [...keeper.status().values()].some(({ link }) => link === 'connecting');
  while (connecting() && systemClock.monotonic() < end) await sleep(systemClock, 20);
  const { store } = dataPaths(config.dataDir);
  const disk = await statfs(config.dataDir);
  const { channels } = await desk.ask('listChannels', {});
  const links = keeper.status();
  return {
    storePath: store,
    storeBytes: (await stat(store)).size,
    freeDiskBytes: disk.bavail * disk.bsize,
    channels: channels.map(({ id, name, enabled, smpp }) => {
      const status = links.get(id);
      const link = enabled
        ? status === undefined
          ? 'down'
          : `${status.link}${status.reason && ` (${status.reason})`}`
        : 'disabled';
      return { name, address: `${smpp.host}:${smpp.port}`, link };
    }),
  };
}

/** Numbers of the house's own rooms, for Prometheus. */
function watchHouse(metrics: Metrics, house: { desk: Desk; queue: MemoryQueue; keeper: ChannelKeeper }): void {
  const { desk, queue, keeper } = house;
  metrics.gauge(
    'signet_storage_backlog_rows',
    'Rows handed to the store and not yet committed.',
    () => desk.backlogRows,
  );
  metrics.gauge('signet_queue_messages', 'Messages waiting in the queue for a channel.', () =>
    [...keeper.status().keys()].flatMap((channelId) =>
      CATEGORIES.map((lane) => ({
        labels: { channel: String(channelId), lane },
        value: queue.depth({ channelId, lane }),
      })),
    ),
  );
  const ofChannels = (name: string, help: string, read: (status: ChannelStatus) => number) =>
    metrics.gauge(name, help, () =>
      [...keeper.status()].map(([id, status]) => ({ labels: { channel: String(id) }, value: read(status) })),
    );
  ofChannels('signet_channel_bound', 'Whether the channel is bound.', ({ link }) => (link === 'bound' ? 1 : 0));
  ofChannels('signet_channel_in_flight', 'Requests waiting for the carrier.', ({ inFlight }) => inFlight);
  ofChannels(
    'signet_channel_submitted',
    'Parts the carrier has accepted since the channel started.',
    (s) => s.submitted,
  );
  ofChannels('signet_channel_throttled', 'Answers that asked for less speed since the start.', (s) => s.throttled);
}

/** Sets the administrator's password: as the environment says, or made up at the very first start. */
async function settleRootPassword(desk: Desk, config: ServerConfig): Promise<string | null> {
  const admin = await desk.ask('loginByName', { name: 'root' });
  if (config.rootPassword !== null) {
    if (admin !== null && (await isPassword(admin.passwordHash, config.rootPassword))) return null;
    await desk.do('setAdminPassword', { passwordHash: await hashPassword(config.rootPassword) });
    return null;
  }
  if (admin !== null) return null;
  const password = randomSecret(144);
  await desk.do('setAdminPassword', { passwordHash: await hashPassword(password) });
  return password;
}

/** Brings the store up to what had left and what had been answered when the last process ended. */
async function recoverFlights(desk: Desk, flightLog: FlightLog, log: Logger): Promise<void> {
  const { left, accepted } = flightLog.recover();
  for (const channelId of new Set(accepted.map((message) => message.channelId))) {
    const ofChannel = accepted.filter((message) => message.channelId === channelId);
    for (let from = 0; from < ofChannel.length; from += 1_000) {
      const batch = packAccepted(ofChannel.slice(from, from + 1_000));
      // Whether reports were asked for is not known any more; waiting for one that never comes does no harm.
      await desk.do('recordOutcomes', { channelId, accepted: batch, receipts: true, failed: [] });
    }
  }
  const recovered = await desk.do('recoverDispatching', { left });
  if (recovered.uncertain + recovered.waiting > 0)
    log.warn(recovered, 'messages were under way when the server stopped');
  flightLog.forget();
}

async function startBuiltInSimulator(log: Logger): Promise<Simulator> {
  const simulator = await startSimulatorThread({ answerMs: 0, receiptDelayMs: SIMULATOR_REPORTS_MS });
  log.warn({ port: simulator.port }, 'no channel yet: the built-in simulator stands in, nothing reaches a phone');
  const settings: SmppSettings = {
    ...DEFAULT_SMPP_SETTINGS,
    host: '127.0.0.1',
    port: simulator.port,
    systemId: 'signet',
    password: 'signet',
  };
  return {
    settings,
    port: simulator.port,
    async reported() {
      const end = systemClock.monotonic() + SIMULATOR_REPORTS_MS.max + SIMULATOR_LOOK_MS;
      // The first look comes late enough for what was just handed over to have got there.
      do await sleep(systemClock, SIMULATOR_LOOK_MS);
      while ((await simulator.waiting()) > 0 && systemClock.monotonic() < end);
    },
    stop: () => simulator.close(),
  };
}

async function closeWithin(closing: Promise<unknown>, ms: number): Promise<void> {
  await Promise.race([closing, new Promise<void>((resolve) => systemClock.setTimer(resolve, ms))]);
}

import { mkdirSync } from 'node:fs';
import { startBell } from './app/bell.ts';
import { buildChannels, type ChannelArea, startLogs } from './app/channels.ts';
import { buildCluster, joinCluster } from './app/cluster.ts';
import { watchHouse } from './app/gauges.ts';
import { dataPaths, type Ground } from './app/ground.ts';
import { lookAround } from './app/look-around.ts';
import { buildBook, buildQueueWatch } from './app/monitor.ts';
import { startQueue } from './app/queue.ts';
import { settleDispatching } from './app/recovery.ts';
import { startRedis } from './app/redis.ts';
import { settleRootPassword } from './app/root-password.ts';
import { enrol } from './app/self.ts';
import { startStorage } from './app/storage.ts';
import { beginStorageThreads, type StorageThreads } from './app/storage-threads.ts';
import { type ChannelBoard, startWaysIn } from './app/ways-in.ts';
import { buildWork, startPoster, type WorkArea } from './app/work.ts';
import type { ChannelLogs } from './channels/log/channel-logs.ts';
import type { ServerConfig } from './config/config.ts';
import { mergedPage, ONE_HOUSE, questionFor } from './domain/merged-log.ts';
import { Rests } from './domain/quiet-hours.ts';
import type { HouseFacts, TaskSource } from './http/deps.ts';
import { sleep, systemClock } from './lib/clock.ts';
import { createLogger } from './lib/log.ts';
import { ownLoad } from './lib/loop-load.ts';
import { createMetrics } from './lib/metrics.ts';
import { mysqlAddress } from './lib/mysql-address.ts';
import { Lifecycle, type Service } from './lib/start-stop.ts';
import type { Reached } from './start-page.ts';
import { lockData } from './store/sqlite/lock.ts';
import { showChannels } from './workers/channel-metrics.ts';
import type { ClusterChannels } from './workers/cluster-channels.ts';
import { ClusterTasks } from './workers/cluster-tasks.ts';
import type { QueueWatch } from './workers/queue-watch.ts';

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
  /** Waits for as long as was set, stops accepting, drains, and closes: that takes about 9 s at the most. */
  stop(): Promise<void>;
}

/**
 * Builds the house and starts it, bottom first.
 * @param threads begun before, while this was being loaded
 * @throws DataInUse, or an error whose message says what to do
 */
export async function startApp(config: ServerConfig, threads?: StorageThreads): Promise<App> {
  const ground: Ground = {
    config,
    paths: dataPaths(config.dataDir),
    clock: systemClock,
    log: createLogger(config.logLevel),
    metrics: createMetrics(),
  };
  const { metrics, clock, log } = ground;
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = lockData(ground.paths.lock);
  const lifecycle = new Lifecycle();
  let stopping = false;
  try {
    const storage = await startStorage(ground, threads ?? beginStorageThreads());
    await lifecycle.start(storage);
    const { desk, writerLoad } = storage;
    /** Whether this process hands out messages that wait. */
    let handing = () => false;
    const loads = [ownLoad('main'), writerLoad];
    const redis = await startRedis(ground, desk, lifecycle);
    if (config.store !== null) {
      // Loaded only where it is used: a driver of a database takes longer than all that is ours.
      const { MysqlRungSource } = await import('./bell/mysql.ts');
      const source = new MysqlRungSource(mysqlAddress(config.store.url));
      const handsOut = () => handing();
      await startBell(ground, { desk, source, process: storage.process, redis, handsOut }, lifecycle);
    }
    const self = enrol(ground);
    const book = buildBook(ground, desk, self, config.store === null);
    await lifecycle.start(book);
    const rootPassword = await settleRootPassword(desk, config.rootPassword);
    const { flightLog, channelLogs, leftBehind } = await startLogs(ground, desk, lifecycle);
    const queue = await startQueue(ground, desk, lifecycle);
    const quiet = config.quietHours === null ? null : new Rests(config.quietHours);
    // Without a queue that other processes see, whoever chooses what is sent also sends it.
    const together = config.queue === null;
    const cluster =
      config.store === null
        ? null
        : await buildCluster(ground, {
            desk,
            self,
            told: () => queueWatch.told(),
            loads,
            leftBehind,
            channelLogs,
            together,
            keeper: () => channels.keeper,
            onChange: () => work.relay.nudge(),
          });
    // Alone, nothing is in flight any more; among others, it is settled with each channel that is taken.
    if (cluster === null) await settleDispatching(desk, leftBehind, log);
    flightLog.forget();
    const channels: ChannelArea = buildChannels(ground, {
      desk,
      queue,
      quiet,
      loads,
      flightLog,
      channelLogs,
      ownership: cluster?.ownership ?? null,
      usable: cluster === null ? null : (id) => cluster.channels.usable(id),
      chooser: { nudge: () => work.relay.nudge(), openLines: (lane) => work.relay.openLines(lane) },
    });
    const { keeper, watch } = channels;
    const post = await startPoster(ground, lifecycle);
    const work: WorkArea = buildWork(ground, {
      desk,
      queue,
      channels: cluster?.channels ?? keeper,
      quiet,
      post,
      book,
    });
    handing = () => work.relay.running;
    const queueWatch = buildQueueWatch(ground, {
      desk,
      book,
      channels,
      webhooks: work.webhooks,
      writerLoad: storage.anotherWriterLoad(),
      self,
    });
    book.onPauses(() => work.relay.queuesChanged());
    queue.onArrival(() => keeper.pump());
    await lifecycle.start(channels.routes);
    await lifecycle.start(keeper);
    await lifecycle.start(watch);
    let webhooks: Service | null = null;
    if (cluster === null) {
      desk.grantFrom(keeper);
      const { relay, planRunner, caretaker, expiry, figures } = work;
      for (const service of [relay, planRunner, caretaker, expiry, figures]) await lifecycle.start(service);
      ({ webhooks } = work);
    } else {
      const services = joinCluster(ground, desk, cluster, channels, work, together);
      for (const service of services) await lifecycle.start(service);
    }
    watchHouse(metrics, { desk, queue, keeper });
    showChannels(metrics, keeper, watch, clock);
    await lifecycle.start(queueWatch);
    const tasks =
      cluster === null ? ownTasks(queueWatch) : new ClusterTasks(queueWatch, cluster.holder, { clock, log });
    const board = cluster === null ? ownBoard(channels) : clusterBoard(cluster.channels);
    const readLog = cluster === null ? ownLog(channelLogs) : cluster.logs.read.bind(cluster.logs);
    const waysIn = await startWaysIn(
      ground,
      {
        desk,
        channels,
        board,
        channelLog: channelLogs.on ? readLog : null,
        queue,
        redis,
        post,
        tasks,
        stopping: () => stopping,
      },
      lifecycle,
    );
    const { port } = waysIn;
    await lifecycle.start({
      start: async () => webhooks?.start(),
      // Side by side, since both wait for somebody else.
      stop: async () => void (await Promise.all([waysIn.stop(), webhooks?.stop()])),
    });
    const shownHost = config.host.includes(':') ? `[${config.host}]` : config.host;
    return {
      url: `http://${shownHost}:${port}`,
      port,
      rootPassword,
      simulatorPort: () => keeper.simulatorPort,
      reached: () => lookAround(ground, desk, keeper),
      async stop() {
        stopping = true;
        if (config.stopDelayMs > 0) await sleep(clock, config.stopDelayMs);
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

/** What this process does, which does everything. */
const ownTasks = (watch: QueueWatch): TaskSource => ({
  workers: async () => [watch.worker()],
  queues: async () => watch.queues(),
});

/** The channels as this process, which runs all of them, sees them. */
const ownBoard = ({ keeper, watch }: ChannelArea): ChannelBoard => ({
  channelStates: () => keeper.status(),
  channelStandings: () => keeper.standings(),
  simulating: () => keeper.simulatorPort !== null,
  channelFacts: (id) => watch.factsOf(id),
  allFacts: () => watch.facts(),
});

/** The logs of this process, which has all of them. */
const ownLog =
  (logs: ChannelLogs): NonNullable<HouseFacts['channelLog']> =>
  async (question) => {
    const own = questionFor(ONE_HOUSE, question);
    const pages = own === null ? [] : [{ home: ONE_HOUSE, page: await logs.read(own) }];
    return { ...mergedPage(pages, question), unheard: [] };
  };

/** The channels as their owners tell of them. */
const clusterBoard = (channels: ClusterChannels): ChannelBoard => ({
  channelStates: () => channels.status(),
  channelStandings: () => channels.standings(),
  simulating: () => channels.simulating,
  channelFacts: (id) => channels.factsOf(id),
  allFacts: () => channels.facts(),
});

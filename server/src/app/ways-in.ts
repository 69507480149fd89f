import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ServerConfig } from '../config/config.ts';
import type { ChannelFacts } from '../domain/channel-facts.ts';
import type { LiveTasks } from '../domain/live.ts';
import { must } from '../domain/refusals.ts';
import { KeptFiles } from '../files/kept-files.ts';
import { Spool } from '../files/spool.ts';
import { ConsoleFiles } from '../http/console.ts';
import type { HouseFacts, HttpDeps, TaskSource } from '../http/deps.ts';
import { createHttpServer } from '../http/server.ts';
import type { Clock } from '../lib/clock.ts';
import type { Lifecycle } from '../lib/start-stop.ts';
import { MemoryFailures } from '../limits/failures.ts';
import type { FailureCounts } from '../limits/limits.ts';
import { RedisFailures } from '../limits/redis-failures.ts';
import type { Queue } from '../queue/queue.ts';
import { Authenticator } from '../services/authentication.ts';
import type { Desk } from '../services/desk.ts';
import { KeyUse } from '../services/key-use.ts';
import { LoginGuards } from '../services/login-guards.ts';
import { SignIn } from '../services/sign-in.ts';
import type { Post } from '../services/webhook-request.ts';
import { VERSION } from '../version.ts';
import { ChannelCallbacks } from '../workers/channel-callbacks.ts';
import { DiskWatch } from '../workers/disk-watch.ts';
import { LiveFeed } from '../workers/live-feed.ts';
import type { ChannelArea } from './channels.ts';
import { callbackReaderOf } from './connectors.ts';
import { type Ground, sessionPolicyOf } from './ground.ts';
import { readinessOf } from './readiness.ts';
import type { HouseRedis } from './redis.ts';
import { setupOf } from './setup.ts';

/** Where a build leaves the console: beside this workspace. */
const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../../console/dist', import.meta.url));
const MAX_SEND_BODY_BYTES = 16 << 20;
const MAX_BODY_BYTES = 1 << 20;
/** Comparisons with carriers' lists that can be fetched. */
const MAX_COMPARISONS = 50;
/** Requests under way may take this long to finish once the server stops listening. */
const HTTP_DRAIN_MS = 3_000;

/** How all channels of the installation stand, whoever runs them. */
export interface ChannelBoard
  extends Pick<HouseFacts, 'channelStates' | 'channelStandings' | 'simulating' | 'channelFacts'> {
  /** How each channel that runs does, by its id. */
  allFacts(): Map<number, ChannelFacts>;
}

/** The HTTP APIs. */
export interface WaysIn {
  port: number;
  /** Takes no more requests; resolves when those under way are answered, or have had their time. */
  stop(): Promise<void>;
}

/** Starts listening; what it needs is started along. @throws an error that says what to do when the address cannot be had */
export async function startWaysIn(
  ground: Ground,
  deps: {
    desk: Desk;
    channels: ChannelArea;
    board: ChannelBoard;
    channelLog: HouseFacts['channelLog'];
    queue: Queue;
    /** Null: there is none. */
    redis: HouseRedis | null;
    post: Post;
    /** Whether the house is being stopped. */
    stopping: () => boolean;
    /** How the house's own work stands. */
    tasks: TaskSource;
  },
  lifecycle: Lifecycle,
): Promise<WaysIn> {
  const { config, paths, clock, log, metrics } = ground;
  const { desk, board, post } = deps;
  const { keeper, logs } = deps.channels;
  const disk = new DiskWatch(config.dataDir, config.minFreeDiskBytes, clock, log);
  await lifecycle.start(disk);
  const keyUse = new KeyUse(desk, clock, log);
  await lifecycle.start(keyUse);
  const spool = new Spool(paths.uploads, config.maxFileBytes);
  await spool.clean();
  const callbacks = new ChannelCallbacks({
    desk,
    listener: keeper,
    readerOf: (channel) => callbackReaderOf(channel, logs, ground),
    clock,
    log,
  });
  await lifecycle.start(callbacks);
  const live = new LiveFeed({
    desk,
    clock,
    log,
    metrics,
    channels: () => board.allFacts(),
    tasks: () => tasksNow(desk, deps.tasks, clock.now()),
  });
  const guards = new LoginGuards(failureCounts(deps.redis, clock));
  const startedAt = clock.now();
  const ready = readinessOf(ground, { ...deps, redisReachable: () => deps.redis && deps.redis.link.trouble === null });
  const only = config.roles.includes('api') ? 'everything' : 'operators';
  const http = createHttpServer(
    {
      desk,
      authenticator: new Authenticator(desk, clock, guards, (credentialId) => keyUse.note(credentialId)),
      signIn: new SignIn(desk, clock, guards, sessionPolicyOf(config)),
      clock,
      log,
      metrics,
      trustedProxies: config.trustedProxies,
      limits: {
        sendBodyBytes: MAX_SEND_BODY_BYTES,
        bodyBytes: MAX_BODY_BYTES,
        maxRecipients: config.maxRecipients,
        maxFileRows: config.maxFileRows,
        banTestAsWord: config.banTestAsWord,
      },
      spool,
      callbacks,
      live,
      tasks: deps.tasks,
      comparisons: new KeptFiles(paths.comparisons, MAX_COMPARISONS),
      webhooks: { post, allowHttp: config.webhookHttp },
      builtConsole: await ConsoleFiles.in(CONSOLE_DIRECTORY),
      stopping: deps.stopping,
      admitSending() {
        must(!disk.full, { code: 'diskFull', retryAfterS: 30 });
        must(desk.backlogRows < config.maxBacklogRows, { code: 'overloaded', retryAfterS: 1 });
      },
      facts: {
        version: VERSION,
        publicUrl: config.publicUrl,
        startedAt,
        ready,
        setup: setupOf(ground, { startedAt, ready }),
        channelStates: board.channelStates,
        channelStandings: board.channelStandings,
        simulating: board.simulating,
        channelFacts: board.channelFacts,
        channelLog: deps.channelLog,
        metrics: () => metrics.expose(),
      },
    } satisfies HttpDeps,
    only,
  );
  await listen(http, config);
  return {
    port: (http.server.address() as AddressInfo).port,
    async stop() {
      // Live views would never end by themselves.
      await Promise.all([live.stop(), closeWithin(http.close(), HTTP_DRAIN_MS)]);
    },
  };

  async function closeWithin(closing: Promise<unknown>, ms: number): Promise<void> {
    await Promise.race([closing, new Promise<void>((resolve) => clock.setTimer(resolve, ms))]);
  }
}

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

/** Failed logins of all processes, where they have a Redis; else each counts what it sees. */
function failureCounts(redis: HouseRedis | null, clock: Clock): FailureCounts {
  const own = new MemoryFailures(clock);
  return redis === null ? own : new RedisFailures(redis.link, redis.installation, own);
}

/** Tasks that run now, of which a live view is told. */
const RUNNING_TOLD = 50;

async function tasksNow(desk: Desk, tasks: TaskSource, at: number): Promise<LiveTasks> {
  const filter = { kinds: null, name: null, businessId: null, worker: null, search: null, since: null, until: null };
  const kinds = ['sweep', 'chore'] as const;
  const running = await desk.ask('listTasks', {
    filter: { ...filter, kinds, states: ['running'] },
    before: null,
    limit: RUNNING_TOLD,
    now: at,
  });
  return { at, workers: await tasks.workers(), queues: await tasks.queues(), running: running.tasks };
}

import { CATEGORIES, type Category } from '../domain/category.ts';
import {
  CHORES,
  type ChoreName,
  choreQueue,
  dispatchQueue,
  type QueueFacts,
  queueKindOf,
  retryQueue,
  WEBHOOK_QUEUE,
  type WorkerFacts,
} from '../domain/task.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { LoopLoad } from '../lib/loop-load.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure, type QueryValue } from '../services/desk.ts';
import type { QueueFigure } from '../store/store.ts';
import type { TaskBook } from './task-book.ts';

const LOOK_EVERY_MS = 5_000;
/** Rates are of the last minute. */
const LOOKS_KEPT = 13;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Lanes of channels, as whoever runs the channels knows them. */
export interface LaneSource {
  /** Messages that wait before each channel, and how many it was handed since it was started. */
  lanes(): Map<number, Record<Category, { waiting: number; handed: number }>>;
}

/** What a process tells others of its work. */
export interface ToldOfWork extends Pick<WorkerFacts, 'loads' | 'memoryBytes' | 'current'> {
  queues: readonly Omit<QueueFacts, 'paused'>[];
}

/** What one queue held, and had done, when it was looked at. */
interface Look {
  depth: number;
  done: number;
  failed: number;
}

interface Minute {
  most: number;
  done: number;
  failed: number;
}

/** Looks at the queues of the house every few seconds, and keeps how long they were and what left them. */
export class QueueWatch implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #book: TaskBook;
  readonly #channels: LaneSource;
  readonly #webhooks: () => { done: number; failed: number };
  readonly #self: Omit<WorkerFacts, 'seenAt' | 'loads' | 'memoryBytes' | 'current'>;
  readonly #loads: readonly LoopLoad[];
  readonly #memory: () => number;
  #shares: WorkerFacts['loads'] = [];
  #memoryBytes = 0;
  #looks: { at: number; queues: Map<string, Look> }[] = [];
  #minute = new Map<string, Minute>();
  #minuteFrom: number | null = null;
  #seenAt: number;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #stopped = true;

  constructor(deps: {
    desk: Desk;
    clock: Clock;
    log: Logger;
    metrics: Metrics;
    book: TaskBook;
    channels: LaneSource;
    /** Requests to webhooks so far. */
    webhooks: () => { done: number; failed: number };
    /** Who this process is. */
    self: Omit<WorkerFacts, 'seenAt' | 'loads' | 'memoryBytes' | 'current'>;
    loads: readonly LoopLoad[];
    /** Resident octets of the process. */
    memory: () => number;
  }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#book = deps.book;
    this.#channels = deps.channels;
    this.#webhooks = deps.webhooks;
    this.#self = deps.self;
    this.#loads = deps.loads;
    this.#memory = deps.memory;
    this.#seenAt = deps.clock.now();
    const { metrics } = deps;
    metrics.gauge('signet_queue_depth', 'What waits in each queue, as of a few seconds ago.', () =>
      [...(this.#looks.at(-1)?.queues ?? [])].map(([queue, { depth }]) => ({ labels: { queue }, value: depth })),
    );
    metrics.gauge('signet_queue_paused', 'Queues that stand still.', () =>
      this.#book.pausedQueues.map(({ queue }) => ({ labels: { queue }, value: 1 })),
    );
    metrics.gauge('signet_worker_load', 'Share of the last seconds in which a thread had something to do.', () =>
      this.#shares.map(({ thread, share }) => ({ labels: { thread }, value: share })),
    );
    metrics.gauge('signet_worker_info', 'The process: 1, with what it is.', () => {
      const { id, role, host, version } = this.#self;
      return [{ labels: { worker: id, role, host, version }, value: 1 }];
    });
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#look();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
    await this.#writeMinute();
  }

  /** This process. */
  worker(): WorkerFacts {
    return {
      ...this.#self,
      seenAt: this.#seenAt,
      loads: this.#shares,
      memoryBytes: this.#memoryBytes,
      current: this.#book.current,
    };
  }

  /** Why a queue stands still; null: it does not. */
  pausedNow(queue: string): QueueFacts['paused'] {
    const paused = this.#book.paused(queue);
    return paused === null ? null : { since: paused.since, by: paused.by, reason: paused.reason };
  }

  /** The queues as they were seen last, and how fast they have been moving. */
  queues(): QueueFacts[] {
    const last = this.#looks.at(-1);
    const first = this.#looks[0];
    if (last === undefined || first === undefined) return [];
    const seconds = (last.at - first.at) / 1_000;
    return [...last.queues].map(([name, { depth, done, failed }]) => {
      const before = first.queues.get(name);
      const since = (now: number, then: number | undefined) =>
        seconds <= 0 ? 0 : Math.max(0, now - (then ?? now)) / seconds;
      return {
        name,
        depth,
        done,
        failed,
        donePerSecond: since(done, before?.done),
        failedPerSecond: since(failed, before?.failed),
        paused: this.pausedNow(name),
      };
    });
  }

  /** What other processes are to know of this one: {@link ToldOfWork} as JSON. */
  told(): string {
    const { loads, memoryBytes, current } = this.worker();
    const queues = this.queues()
      // Others see the depth of tables themselves.
      .filter(({ name, done, failed }) => queueKindOf(name) === 'dispatch' || done + failed > 0)
      .map(({ paused: _, ...counts }) => counts);
    return JSON.stringify({ loads, memoryBytes, current, queues } satisfies ToldOfWork);
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        this.#lookLater();
      });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    try {
      const depths = await this.#desk.ask('queueDepths', {});
      this.#memoryBytes = this.#memory();
      this.#shares = this.#loads.map((load) => ({ thread: load.name, share: load.read() }));
      const queues = this.#lookAt(depths);
      this.#count(queues);
      this.#looks.push({ at: this.#clock.monotonic(), queues });
      if (this.#looks.length > LOOKS_KEPT) this.#looks.shift();
      this.#seenAt = this.#clock.now();
    } catch (error) {
      logFailure(this.#log, error, 'the queues could not be looked at');
    }
    const from = Math.floor(this.#clock.now() / MINUTE_MS) * MINUTE_MS;
    this.#minuteFrom ??= from;
    if (from !== this.#minuteFrom) await this.#writeMinute();
    this.#minuteFrom = from;
  }

  #lookAt(depths: QueryValue<'queueDepths'>): Map<string, Look> {
    const queues = new Map<string, Look>();
    for (const [id, lanes] of this.#channels.lanes()) {
      for (const lane of CATEGORIES) {
        const { waiting, handed } = lanes[lane];
        queues.set(dispatchQueue(id, lane), { depth: waiting, done: handed, failed: 0 });
      }
    }
    for (const lane of CATEGORIES) queues.set(retryQueue(lane), { depth: depths.retries[lane], done: 0, failed: 0 });
    queues.set(WEBHOOK_QUEUE, { depth: depths.webhooks, ...this.#webhooks() });
    const waiting: Partial<Record<ChoreName, number>> = {
      'plan-starts': depths.planStarts,
      sweeps: depths.sweeps,
      uncertain: depths.uncertain,
    };
    for (const name of CHORES) {
      const { items, failed } = this.#book.countsOf(name);
      queues.set(choreQueue(name), { depth: waiting[name] ?? 0, done: items, failed });
    }
    return queues;
  }

  /** Adds what was done since the last look to the minute. */
  #count(queues: ReadonlyMap<string, Look>): void {
    const before = this.#looks.at(-1)?.queues;
    for (const [name, { depth, done, failed }] of queues) {
      const last = before?.get(name);
      const minute = this.#minute.get(name) ?? { most: 0, done: 0, failed: 0 };
      minute.most = Math.max(minute.most, depth);
      // A channel that was started, or started anew, counts from 0.
      minute.done += last === undefined || done < last.done ? done : done - last.done;
      minute.failed += last === undefined || failed < last.failed ? failed : failed - last.failed;
      this.#minute.set(name, minute);
    }
  }

  /** Queues in which nothing was and nothing happened are left out. */
  async #writeMinute(): Promise<void> {
    const from = this.#minuteFrom;
    const minute = this.#minute;
    this.#minute = new Map();
    if (from === null) return;
    const last = this.#looks.at(-1)?.queues;
    const figures: QueueFigure[] = [];
    for (const [queue, { most, done, failed }] of minute) {
      if (most + done + failed === 0) continue;
      const common = { queue, most, last: last?.get(queue)?.depth ?? 0, done, failed };
      figures.push({ ...common, from, spanMs: MINUTE_MS });
      figures.push({ ...common, from: Math.floor(from / HOUR_MS) * HOUR_MS, spanMs: HOUR_MS });
    }
    if (figures.length === 0) return;
    await this.#desk
      .do('noteQueues', { figures })
      .catch((error: unknown) => logFailure(this.#log, error, 'the length of queues could not be written down'));
  }
}

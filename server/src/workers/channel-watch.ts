import type { BindMeter } from '../channels/bind-meter.ts';
import type { ChannelReading } from '../channels/channel.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import type { BindFacts, ChannelFacts } from '../domain/channel-facts.ts';
import type { Limit } from '../domain/limiting-cause.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { LoopLoad } from '../lib/loop-load.ts';
import { LowestLately } from '../lib/lowest-lately.ts';
import type { Service } from '../lib/start-stop.ts';
import { flow, type Look, spanOf, sumOf, timesOf, together } from './flow-facts.ts';

const LOOK_EVERY_MS = 1_000;
/** What holds a channel "now" is judged by so many looks. */
const LOOKS_NOW = 5;
const LOOKS_KEPT = 60;
/** Fewer answers in a span say little about what is usual. */
const ANSWERS_AT_LEAST = 20;

const ONLY_RECEIVES: Limit = {
  cause: 'no_traffic',
  reason: 'onlyReceives',
  figures: {},
  explanation: 'Nothing is sent over it.',
  advice: '',
};

/** Whoever runs the channels. */
export interface WatchedChannels {
  readings(): Map<number, ChannelReading>;
}

interface Watched {
  /** Of the first bind: another one says that the channel was started anew. */
  meter: BindMeter | undefined;
  looks: Look[];
  usual: LowestLately;
}

/** Looks at each channel every second, and says on demand how it does and which limit holds it. */
export class ChannelWatch implements Service {
  readonly #channels: WatchedChannels;
  readonly #queued: (channelId: number) => Record<Category, number>;
  readonly #loads: readonly LoopLoad[];
  readonly #clock: Clock;
  readonly #watched = new Map<number, Watched>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(deps: {
    channels: WatchedChannels;
    /** Messages in the queue for a channel. */
    queued: (channelId: number) => Record<Category, number>;
    /** Of the threads that may be what holds every channel. */
    loads: readonly LoopLoad[];
    clock: Clock;
  }) {
    this.#channels = deps.channels;
    this.#queued = deps.queued;
    this.#loads = deps.loads;
    this.#clock = deps.clock;
  }

  async start(): Promise<void> {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** How each channel that runs does, by its id. */
  facts(): Map<number, ChannelFacts> {
    const facts = new Map<number, ChannelFacts>();
    for (const [id, reading] of this.#channels.readings()) facts.set(id, this.#factsOf(id, reading));
    return facts;
  }

  /** How one channel does; null when it does not run. */
  factsOf(id: number): ChannelFacts | null {
    const reading = this.#channels.readings().get(id);
    return reading === undefined ? null : this.#factsOf(id, reading);
  }

  #look(): void {
    if (this.#stopped) return;
    const loads = this.#loads.map((load) => load.read());
    const readings = this.#channels.readings();
    for (const id of this.#watched.keys()) if (!readings.has(id)) this.#watched.delete(id);
    for (const [id, reading] of readings) {
      const watched = this.#watchedOf(id, reading);
      watched.looks.push(this.#lookAt(id, reading, loads));
      if (watched.looks.length > LOOKS_KEPT + 1) watched.looks.shift();
      this.#learnUsual(watched);
    }
    this.#timer = this.#clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
  }

  #watchedOf(id: number, { binds }: ChannelReading): Watched {
    const meter = binds[0]?.meter;
    let watched = this.#watched.get(id);
    if (watched === undefined || watched.meter !== meter) {
      watched = { meter, looks: [], usual: new LowestLately(this.#clock) };
      this.#watched.set(id, watched);
    }
    return watched;
  }

  #lookAt(id: number, { binds, waiting }: ChannelReading, loads: number[]): Look {
    const queued = this.#queued(id);
    return {
      at: this.#clock.monotonic(),
      binds: binds.map(({ meter }) => meter.read()),
      senders: binds.flatMap(({ sends }, i) => (sends ? [i] : [])),
      waiting: CATEGORIES.reduce((sum, lane) => sum + queued[lane] + waiting[lane], 0),
      loads,
    };
  }

  #learnUsual({ looks, usual }: Watched): void {
    const now = looks.at(-1)!;
    const times = timesOf(now, looks[Math.max(0, looks.length - 1 - LOOKS_NOW)]!);
    if (times.total >= ANSWERS_AT_LEAST) usual.add(times.percentile(0.5)!);
  }

  #factsOf(id: number, reading: ChannelReading): ChannelFacts {
    const { looks, usual } = this.#watchedOf(id, reading);
    const now = this.#lookAt(id, reading, []);
    const recent = looks.slice(-LOOKS_NOW - 1);
    const seconds = { now, before: recent[0] ?? now, minuteBefore: looks[0] ?? now };
    const common = {
      spanMs: now.at - seconds.before.at,
      waiting: Math.min(now.waiting, ...recent.map(({ waiting }) => waiting)),
      busiest: this.#busiest(recent),
      rate: reading.rate,
      usualResponseMs: usual.value,
    };
    const { binds } = reading;
    const queued = this.#queued(id);
    return {
      ...flow(together(binds.filter(({ sends }) => sends)), sumOf(now), spanOf(seconds, null), common),
      spanMs: common.spanMs,
      binds: binds.map((bind, i): BindFacts => {
        const { type, link, reason, meter } = bind;
        const facts = flow(bind, now.binds[i]!, spanOf(seconds, i), common);
        const limit = bind.sends ? facts.limit : ONLY_RECEIVES;
        return { bind: i + 1, type, link, reason, ...meter.link, ...facts, limit };
      }),
      waiting: byLane((lane) => ({ queue: queued[lane], channel: reading.waiting[lane] })),
      rate: reading.rate,
      statuses: statusesOf(reading),
      usualResponseMs: usual.value,
    };
  }

  #busiest(looks: readonly Look[]): { thread: string; share: number } {
    let busiest = { thread: 'main', share: 0 };
    for (const [i, { name }] of this.#loads.entries()) {
      const share = looks.reduce((total, { loads }) => total + (loads[i] ?? 0), 0) / Math.max(1, looks.length);
      if (share > busiest.share) busiest = { thread: name, share };
    }
    return busiest;
  }
}

function statusesOf({ binds, statusName }: ChannelReading): ChannelFacts['statuses'] {
  const counts = new Map<string, number>();
  for (const { meter } of binds) {
    for (const [status, count] of meter.statuses) {
      const name = status === null ? 'other' : statusName(status);
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
  }
  return [...counts].map(([status, count]) => ({ status, count })).sort((a, b) => b.count - a.count);
}

const byLane = <T>(of: (lane: Category) => T): Record<Category, T> =>
  Object.fromEntries(CATEGORIES.map((lane) => [lane, of(lane)])) as Record<Category, T>;

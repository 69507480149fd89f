import type { ChannelFacts } from '../domain/channel-facts.ts';
import type { Event } from '../domain/event.ts';
import { type LiveNews, type LiveTasks, type LiveWish, newsOf, plansOf } from '../domain/live.ts';
import type { MessageState } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import { must } from '../domain/refusals.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { timeOfId } from '../lib/ids.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';

/** Events are looked for this often while somebody follows. */
const LOOK_EVERY_MS = 250;
/** What is told as it stands now is told this often. */
const STANDINGS_EVERY_MS = 1_000;
const EVENTS_AT_ONCE = 500;
/** Pages of events one look takes: a look ends, whatever has happened. */
const PAGES_A_LOOK = 8;
/** Further behind, the feed leaves out what it missed and says so. */
const MAX_BEHIND_MS = 10_000;
/** Events that somebody who comes back is told of; more, and they begin anew. */
const MAX_RESUMED = 5_000;
/** Plans whose progress is told in a second, to one reader and to all together. */
const PLANS_TOLD = 200;
const PLANS_KEPT = 2_000;
const STREAMS = 500;
const STREAMS_EACH = 20;
/** How long somebody waits who follows too much. */
const RETRY_AFTER_S = 10;

/** Somebody who follows. */
export interface LiveReader {
  /** Who it is, for the limit of streams each. */
  who: string;
  wish: LiveWish;
  /** The last event they have seen; null: they begin now. */
  after: number | null;
  tell(news: LiveNews): void;
  /** Whether what was told has not been taken yet: standings are left out then. */
  busy(): boolean;
  /** Nothing more will be told. */
  end(): void;
}

interface Following extends LiveReader {
  /** Told once what they missed has been told; null: that has been done. */
  waiting: LiveNews[] | null;
  /** Plans whose progress is to be told. */
  moved: Map<number, number>;
}

/**
 * Tells live views what happens: events as they come, and how plans, channels and tasks stand, once a second. It reads
 * the table of events behind the writer, in the reader, and only while somebody follows, so that it costs sending nothing.
 */
export class LiveFeed implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #channels: () => Map<number, ChannelFacts>;
  readonly #tasks: () => Promise<LiveTasks>;
  readonly #following = new Set<Following>();
  /** Events up to this one have been told; null: nobody follows. */
  #cursor: number | null = null;
  #beginning: Promise<void> | null = null;
  #looking: Promise<void> | null = null;
  #timer: Timer | null = null;
  #standingsAt = 0;
  #counts = new Map<number, Partial<Record<MessageState, number>>>();
  #stopped = false;

  constructor(deps: {
    desk: Desk;
    clock: Clock;
    log: Logger;
    metrics: Metrics;
    /** How each channel that runs does. */
    channels: () => Map<number, ChannelFacts>;
    tasks: () => Promise<LiveTasks>;
  }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#channels = deps.channels;
    this.#tasks = deps.tasks;
    deps.metrics.gauge('signet_live_streams', 'Live views that are open.', () => this.#following.size);
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const reader of [...this.#following]) reader.end();
    this.#following.clear();
    await this.#looking;
  }

  /**
   * Begins to tell somebody. Resolves with what ends it, once they have been told what they missed.
   * @throws Refused (tooManyStreams)
   */
  async follow(reader: LiveReader): Promise<() => void> {
    must(!this.#stopped, { code: 'storeAway', retryAfterS: 1 });
    const own = [...this.#following].filter(({ who }) => who === reader.who).length;
    must(own < STREAMS_EACH, { code: 'tooManyStreams', limit: STREAMS_EACH, retryAfterS: RETRY_AFTER_S });
    must(this.#following.size < STREAMS, { code: 'tooManyStreams', limit: STREAMS, retryAfterS: RETRY_AFTER_S });
    const following: Following = { ...reader, waiting: [], moved: new Map() };
    this.#following.add(following);
    const end = () => this.#leave(following);
    try {
      await this.#begin();
      await this.#resume(following);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  #leave(following: Following): void {
    this.#following.delete(following);
    if (this.#following.size > 0) return;
    this.#timer?.cancel();
    this.#cursor = null;
    this.#counts.clear();
  }

  /** Goes on from the last event when nobody followed before. */
  async #begin(): Promise<void> {
    if (this.#cursor !== null) return;
    this.#beginning ??= this.#desk
      .ask('lastEvent', {})
      .then((last) => {
        this.#cursor = last;
        this.#standingsAt = this.#clock.monotonic();
        this.#lookLater();
      })
      .finally(() => {
        this.#beginning = null;
      });
    await this.#beginning;
  }

  /** Tells what happened since the last event that was seen, and then what has come meanwhile. */
  async #resume(following: Following): Promise<void> {
    const { wish } = following;
    const until = this.#cursor ?? 0;
    let after = following.after ?? until;
    for (let seen = 0; after < until; ) {
      const filter = { businessId: wish.businessId, kind: null, states: null };
      const events = await this.#desk.ask('listEvents', { filter, after, limit: EVENTS_AT_ONCE });
      seen += events.length;
      if (seen > MAX_RESUMED) {
        following.tell({ topic: 'reset' });
        break;
      }
      for (const event of events) if (event.id <= until) this.#tellOf(following, event);
      if (events.length < EVENTS_AT_ONCE) break;
      after = events.at(-1)!.id;
    }
    for (const news of following.waiting ?? []) following.tell(news);
    following.waiting = null;
  }

  #lookLater(): void {
    if (this.#stopped || this.#following.size === 0) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look()
        .catch((error: unknown) => logFailure(this.#log, error, 'live views could not be told what happened'))
        .finally(() => {
          this.#looking = null;
          this.#lookLater();
        });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    await this.#readEvents();
    const spanMs = this.#clock.monotonic() - this.#standingsAt;
    if (spanMs < STANDINGS_EVERY_MS) return;
    this.#standingsAt = this.#clock.monotonic();
    this.#tellCounts(spanMs);
    this.#tellChannels();
    await this.#tellPlans();
    await this.#tellTasks();
  }

  async #readEvents(): Promise<void> {
    for (let page = 0; page < PAGES_A_LOOK && this.#cursor !== null; page++) {
      const after: number = this.#cursor;
      const filter = { businessId: null, kind: null, states: null };
      const events = await this.#desk.ask('listEvents', { filter, after, limit: EVENTS_AT_ONCE });
      // The last reader may have left meanwhile, and another come.
      if (this.#cursor !== after) return;
      for (const event of events) {
        this.#count(event);
        for (const following of this.#following) this.#tellOf(following, event);
      }
      this.#cursor = events.at(-1)?.id ?? after;
      if (events.length < EVENTS_AT_ONCE) return;
    }
    if (this.#cursor === null || this.#clock.now() - timeOfId(this.#cursor) < MAX_BEHIND_MS) return;
    this.#cursor = await this.#desk.ask('lastEvent', {});
    for (const following of this.#following) this.#give(following, { topic: 'reset' });
  }

  #tellOf(following: Following, event: Event): void {
    const news = newsOf(event, following.wish);
    if (news !== null) this.#give(following, news);
    const { topics, businessId, planId } = following.wish;
    if (!topics.has('plans') || (businessId !== null && event.businessId !== businessId)) return;
    for (const id of plansOf(event)) {
      if (planId !== null && id !== planId) continue;
      // The newest last: those are told when there are too many.
      following.moved.delete(id);
      following.moved.set(id, event.businessId);
      if (following.moved.size > PLANS_KEPT) following.moved.delete(following.moved.keys().next().value!);
    }
  }

  #give(following: Following, news: LiveNews): void {
    if (following.waiting === null) following.tell(news);
    else if (following.waiting.length < MAX_RESUMED) following.waiting.push(news);
    else following.waiting = [{ topic: 'reset' }];
  }

  #count({ businessId, body }: Event): void {
    if (body.kind !== 'message.state') return;
    const count = body.runs.reduce((sum, [, from, to]) => sum + to - from + 1, 0);
    for (const whose of [businessId, ALL]) {
      const counts = this.#counts.get(whose) ?? {};
      counts[body.state] = (counts[body.state] ?? 0) + count;
      this.#counts.set(whose, counts);
    }
  }

  #tellCounts(spanMs: number): void {
    const counts = this.#counts;
    this.#counts = new Map();
    const at = this.#clock.now();
    for (const following of this.#readersOf('overview')) {
      const states = counts.get(following.wish.businessId ?? ALL) ?? {};
      this.#give(following, { topic: 'overview', at, spanMs, states });
    }
  }

  #tellChannels(): void {
    const readers = this.#readersOf('channels');
    if (readers.length === 0) return;
    const channels = [...this.#channels()].map(([id, facts]) => ({ id, facts }));
    for (const following of readers) this.#give(following, { topic: 'channels', channels });
  }

  async #tellPlans(): Promise<void> {
    const readers = this.#readersOf('plans').filter(({ moved }) => moved.size > 0);
    if (readers.length === 0) return;
    const wanted: number[][] = [];
    const more: boolean[] = [];
    for (const following of readers) {
      const moved = [...following.moved.keys()];
      following.moved = new Map();
      wanted.push(moved.slice(-PLANS_TOLD));
      more.push(moved.length > PLANS_TOLD);
    }
    const planIds = [...new Set(wanted.flat())].slice(-PLANS_KEPT);
    const plans = new Map<number, Plan>();
    for (let from = 0; from < planIds.length; from += PLANS_TOLD) {
      for (const plan of await this.#desk.ask('plansById', { planIds: planIds.slice(from, from + PLANS_TOLD) }))
        plans.set(plan.id, plan);
    }
    for (const [i, following] of readers.entries()) {
      const own = wanted[i]!.flatMap((id) => plans.get(id) ?? []);
      if (own.length > 0) this.#give(following, { topic: 'plans', plans: own, more: more[i]! });
    }
  }

  async #tellTasks(): Promise<void> {
    const readers = this.#readersOf('tasks');
    if (readers.length === 0) return;
    const tasks = await this.#tasks();
    for (const following of readers) this.#give(following, { topic: 'tasks', tasks });
  }

  /** Those who want to hear how things stand, and have taken what they heard last. */
  #readersOf(topic: 'plans' | 'channels' | 'overview' | 'tasks'): Following[] {
    return [...this.#following].filter((each) => each.waiting === null && each.wish.topics.has(topic) && !each.busy());
  }
}

/** Stands for all businesses together. */
const ALL = 0;

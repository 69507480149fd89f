import { CATEGORIES, type Category } from '../domain/category.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { Range } from '../store/store.ts';

/** Messages a channel's lane keeps in the queue: about 2 s of work for a fast carrier, memory for none. */
const LANE_DEPTH = 10_000;
/** Messages in one task. */
const TASK_SIZE = 500;
/** Plans asked for at once. */
const PLANS_AT_ONCE = 1_000;
/** Looks for work that no nudge told of this often. */
const LOOK_AGAIN_MS = 1_000;
const RETRY_BATCH = 1_000;

/** How far a lane has been published. */
interface LaneCursor {
  /** Every running plan up to this id has been published, but for the one in hand. */
  afterPlan: number;
  inHand: { planId: number; total: number; next: number } | null;
  plans: { planId: number; total: number }[];
}

/** Where the relay gets its channel. */
export interface RouteSource {
  /** The channel that takes a message of this lane; null while there is none. */
  channelFor(lane: Category): number | null;
}

/**
 * Chooses from the store what is sent next and keeps a bounded piece of it in the queue: by lane, verification first.
 * Its place is in memory only: after a start it begins anew, and claims are guarded.
 */
export class OutboxRelay implements Service {
  readonly #desk: Desk;
  readonly #queue: Queue;
  readonly #routes: RouteSource;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #cursors: Record<Category, LaneCursor>;
  /** Plans that were begun before this process: some of their messages may have been sent. */
  #bornBefore = 0;
  readonly #reopened: { planId: number; from: number }[] = [];
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;

  constructor(desk: Desk, queue: Queue, routes: RouteSource, clock: Clock, log: Logger) {
    this.#desk = desk;
    this.#queue = queue;
    this.#routes = routes;
    this.#clock = clock;
    this.#log = log;
    this.#cursors = { verification: newCursor(), notification: newCursor(), marketing: newCursor() };
    desk.onNotice((notice) => {
      if (notice.kind === 'plansReopened')
        for (const planId of notice.planIds) this.#reopened.push({ planId, from: 0 });
      if (notice.kind === 'plansReopened' || notice.kind === 'workWaiting') this.nudge();
    });
  }

  async start(): Promise<void> {
    const [newest] = await this.#desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 1 });
    this.#bornBefore = newest?.id ?? 0;
    this.#stopped = false;
    this.nudge();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** There may be work, or room for it. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#running = this.#run()
      .catch((error: unknown) => this.#log.error({ err: error }, 'the relay could not look for work'))
      .finally(() => {
        this.#running = null;
        if (this.#stopped) return;
        if (this.#again) this.nudge();
        else this.#timer = this.#clock.setTimer(() => this.nudge(), LOOK_AGAIN_MS);
      });
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      await this.#publishRetries();
      for (const lane of CATEGORIES) {
        const channelId = this.#routes.channelFor(lane);
        if (channelId !== null) await this.#fillLane(lane, channelId);
      }
    } while (this.#again && !this.#stopped);
  }

  async #fillLane(lane: Category, channelId: number): Promise<void> {
    const name = { channelId, lane };
    while (this.#queue.depth(name) < LANE_DEPTH && !this.#stopped) {
      const ranges = await this.#nextRanges(lane);
      if (ranges.length === 0) return;
      await this.#queue.publish(name, { channelId, ranges, retries: [] });
    }
  }

  /** The next ranges of a lane, together at most one task. */
  async #nextRanges(lane: Category): Promise<Range[]> {
    const cursor = this.#cursors[lane];
    const ranges: Range[] = [];
    let room = TASK_SIZE;
    while (room > 0) {
      cursor.inHand ??= await this.#nextPlan(lane, cursor);
      const plan = cursor.inHand;
      if (plan === null) break;
      if (plan.planId <= this.#bornBefore) {
        const found = await this.#desk.ask('waitingRanges', { planId: plan.planId, from: plan.next, limit: room });
        ranges.push(...found);
        room -= size(found);
        if (found.length === 0) cursor.inHand = null;
        else plan.next = found.at(-1)!.to + 1;
      } else {
        const to = Math.min(plan.total - 1, plan.next + room - 1);
        ranges.push({ planId: plan.planId, from: plan.next, to });
        room -= to - plan.next + 1;
        plan.next = to + 1;
        if (plan.next >= plan.total) cursor.inHand = null;
      }
    }
    return ranges;
  }

  async #nextPlan(lane: Category, cursor: LaneCursor): Promise<LaneCursor['inHand']> {
    const reopened = this.#reopened.shift();
    if (reopened !== undefined) {
      this.#bornBefore = Math.max(this.#bornBefore, reopened.planId);
      return { planId: reopened.planId, total: Number.MAX_SAFE_INTEGER, next: reopened.from };
    }
    if (cursor.plans.length === 0) {
      const found = await this.#desk.ask('runningPlans', {
        category: lane,
        after: cursor.afterPlan,
        limit: PLANS_AT_ONCE,
      });
      cursor.plans = found.map(({ id, total }) => ({ planId: id, total })).reverse();
    }
    const plan = cursor.plans.pop();
    if (plan === undefined) return null;
    cursor.afterPlan = plan.planId;
    return { ...plan, next: 0 };
  }

  async #publishRetries(): Promise<void> {
    const nextAt = await this.#desk.ask('nextRetry', {});
    if (nextAt === null || nextAt > this.#clock.now()) return;
    if (CATEGORIES.every((lane) => this.#full(lane))) return;
    const due = await this.#desk.do('leaseRetries', { limit: RETRY_BATCH });
    for (const lane of CATEGORIES) {
      const retries = due.filter(({ category }) => category === lane).map(({ planId, index }) => ({ planId, index }));
      const channelId = this.#routes.channelFor(lane);
      if (channelId === null || retries.length === 0) continue;
      const ranges = retries.map(({ planId, index }) => ({ planId, from: index, to: index }));
      await this.#queue.publish({ channelId, lane }, { channelId, ranges, retries });
    }
  }

  #full(lane: Category): boolean {
    const channelId = this.#routes.channelFor(lane);
    return channelId === null || this.#queue.depth({ channelId, lane }) >= LANE_DEPTH;
  }
}

const newCursor = (): LaneCursor => ({ afterPlan: 0, inHand: null, plans: [] });

const size = (ranges: readonly Range[]): number => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

import { CATEGORIES, type Category } from '../domain/category.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { Fifo } from '../lib/fifo.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { DispatchTask, Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { Range } from '../store/store.ts';

/** Messages a channel's lane keeps in the queue: about 2 s of work for a fast carrier, memory for none. */
const LANE_DEPTH = 10_000;
/** Messages in one task. */
const TASK_SIZE = 500;
/** Plans asked for at once. */
const PLANS_AT_ONCE = 1_000;
/** Plans a lane lists in memory; those beyond are found in the store. */
const MAX_LISTED = 20_000;
/** Looks for work that no nudge told of this often. */
const LOOK_AGAIN_MS = 1_000;
const RETRY_BATCH = 1_000;

/** How far a lane has been published. */
interface LaneCursor {
  /** Every running plan up to this id has been published, but for the one in hand. */
  afterPlan: number;
  inHand: PlanInHand | null;
  /** Plans that come next, in order; empty when the store has to be asked. */
  plans: Fifo<{ id: number; total: number }>;
  /** The store has no running plan beyond those listed, and notices tell of each new one. */
  complete: boolean;
  /** Plans to be looked at although newer ones may have been published. */
  reopened: number[];
}

/** A plan whose messages are being published, from index `next` on. */
interface PlanInHand {
  planId: number;
  total: number;
  next: number;
  /** Some of its messages may have been sent: the store is asked which wait. */
  begun: boolean;
}

/** Where the relay gets its channel. */
export interface RouteSource {
  /** The channel that takes a message of this lane; null while there is none. */
  channelFor(lane: Category): number | null;
  /** Whether a channel takes tasks at all. */
  runs(channelId: number): boolean;
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
  /** Channels that may have tasks in their queues. */
  readonly #published = new Set<number>();
  /** Plans up to this id were begun before this process: some of their messages may have been sent. */
  #bornBefore = 0;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  /** Messages may wait to be sent again. */
  #retriesAdded = true;
  #stopped = true;

  constructor(desk: Desk, queue: Queue, routes: RouteSource, clock: Clock, log: Logger) {
    this.#desk = desk;
    this.#queue = queue;
    this.#routes = routes;
    this.#clock = clock;
    this.#log = log;
    this.#cursors = { verification: newCursor(), notification: newCursor(), marketing: newCursor() };
    desk.onNotice((notice) => {
      if (notice.kind === 'plansReopened') {
        for (const { planId, category } of notice.plans) this.#cursors[category].reopened.push(planId);
      }
      if (notice.kind === 'workWaiting') this.#heard(notice.plans);
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
        else this.#timer = this.#clock.setTimer(() => this.#lookAgain(), LOOK_AGAIN_MS);
      });
  }

  /** Lists plans that were just accepted, unless those before them are not all listed yet. */
  #heard(plans: readonly { id: number; category: Category; total: number }[] | undefined): void {
    if (plans === undefined) {
      this.#retriesAdded = true;
      return;
    }
    for (const { id, category, total } of plans) {
      const cursor = this.#cursors[category];
      if (!cursor.complete) continue;
      cursor.plans.push({ id, total });
      // Too many to hold: the store is asked for them when their turn comes.
      if (cursor.plans.size > MAX_LISTED) {
        cursor.plans.clear();
        cursor.complete = false;
      }
    }
  }

  #lookAgain(): void {
    this.#retriesAdded = true;
    for (const lane of CATEGORIES) if (this.#cursors[lane].plans.size === 0) this.#cursors[lane].complete = false;
    this.nudge();
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      await this.#rerouteTasks();
      await this.#publishRetries();
      for (const lane of CATEGORIES) {
        const channelId = this.#routes.channelFor(lane);
        if (channelId !== null) await this.#fillLane(lane, channelId);
      }
    } while (this.#again && !this.#stopped);
  }

  /** Gives what waits for channels that are gone to those that take its lanes now. */
  async #rerouteTasks(): Promise<void> {
    for (const gone of this.#published) {
      if (this.#routes.runs(gone)) continue;
      const lanes = CATEGORIES.map((lane) => ({ lane, channelId: this.#routes.channelFor(lane) }));
      for (const { lane, channelId } of lanes) {
        if (channelId !== null) await this.#moveTasks(lane, gone, channelId);
      }
      if (lanes.every(({ channelId }) => channelId !== null)) this.#published.delete(gone);
    }
  }

  async #moveTasks(lane: Category, from: number, to: number): Promise<void> {
    const source = { channelId: from, lane };
    for (let next = this.#queue.take(source); next !== null; next = this.#queue.take(source)) {
      await this.#publish(lane, { ...next.task, channelId: to });
      next.done();
    }
  }

  async #publish(lane: Category, task: DispatchTask): Promise<void> {
    this.#published.add(task.channelId);
    await this.#queue.publish({ channelId: task.channelId, lane }, task);
  }

  async #fillLane(lane: Category, channelId: number): Promise<void> {
    const name = { channelId, lane };
    while (this.#queue.depth(name) < LANE_DEPTH && !this.#stopped) {
      const ranges = await this.#nextRanges(lane);
      if (ranges.length === 0) return;
      await this.#publish(lane, { channelId, ranges, retries: [] });
    }
  }

  /** The next ranges of a lane, together at most one task. */
  async #nextRanges(lane: Category): Promise<Range[]> {
    const cursor = this.#cursors[lane];
    const ranges: Range[] = [];
    let room = TASK_SIZE;
    while (room > 0) {
      cursor.inHand ??= this.#nextListed(cursor);
      if (cursor.inHand === null && (await this.#list(lane, cursor))) continue;
      const plan = cursor.inHand;
      if (plan === null) break;
      if (plan.begun) {
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

  #nextListed(cursor: LaneCursor): PlanInHand | null {
    const reopened = cursor.reopened.shift();
    if (reopened !== undefined) return { planId: reopened, total: Number.MAX_SAFE_INTEGER, next: 0, begun: true };
    const plan = cursor.plans.shift();
    if (plan === undefined) return null;
    cursor.afterPlan = plan.id;
    return { planId: plan.id, total: plan.total, next: 0, begun: plan.id <= this.#bornBefore };
  }

  /** Asks the store for the plans that come next; false when there is none. */
  async #list(lane: Category, cursor: LaneCursor): Promise<boolean> {
    if (cursor.complete) return false;
    const found = await this.#desk.ask('runningPlans', {
      category: lane,
      after: cursor.afterPlan,
      limit: PLANS_AT_ONCE,
    });
    for (const { id, total } of found) cursor.plans.push({ id, total });
    cursor.complete = found.length < PLANS_AT_ONCE;
    return found.length > 0;
  }

  async #publishRetries(): Promise<void> {
    if (!this.#retriesAdded) return;
    const nextAt = await this.#desk.ask('nextRetry', {});
    this.#retriesAdded = nextAt !== null;
    if (nextAt === null || nextAt > this.#clock.now()) return;
    if (CATEGORIES.every((lane) => this.#full(lane))) return;
    const due = await this.#desk.do('leaseRetries', { limit: RETRY_BATCH });
    for (const lane of CATEGORIES) {
      const retries = due.filter(({ category }) => category === lane).map(({ planId, index }) => ({ planId, index }));
      const channelId = this.#routes.channelFor(lane);
      if (channelId === null || retries.length === 0) continue;
      const ranges = retries.map(({ planId, index }) => ({ planId, from: index, to: index }));
      await this.#publish(lane, { channelId, ranges, retries });
    }
  }

  #full(lane: Category): boolean {
    const channelId = this.#routes.channelFor(lane);
    return channelId === null || this.#queue.depth({ channelId, lane }) >= LANE_DEPTH;
  }
}

const newCursor = (): LaneCursor => ({
  afterPlan: 0,
  inHand: null,
  plans: new Fifo(),
  complete: false,
  reopened: [],
});

const size = (ranges: readonly Range[]): number => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

import type { Business } from '../domain/business.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import type { Rests } from '../domain/quiet-hours.ts';
import type { Target } from '../domain/route.ts';
import type { Line } from '../domain/route-table.ts';
import { retryQueue } from '../domain/task.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type DispatchTask, type Queue, taskSize } from '../queue/queue.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { DueRetry } from '../services/dispatch.ts';
import { type PackedPlans, unpackPlans } from '../services/packed.ts';
import type { ReopenedPlan } from '../services/verb.ts';
import type { Range } from '../store/store.ts';
import { ChannelQueues, type LaneTask, type TaskHolders } from './channel-queues.ts';
import type { FairLane } from './fair-lane.ts';
import { Lane, type Way } from './lane.ts';
import { type ChannelStandings, LineChannels, withoutRefusing } from './line-channels.ts';
import type { Room } from './line-flow.ts';
import { RetryFeed, type RetryGroup } from './retry-feed.ts';

/** Lanes that have nothing to give out are listed anew this often, where tasks may be lost without a word. */
const LIST_AGAIN_MS = 30_000;
/** What the newest task counts in the mean of its lane. */
const NEW_WEIGHT = 0.25;
/** Plans asked for at once. */
const PLANS_AT_ONCE = 1_000;
const BUSINESSES_AT_ONCE = 1_000;
/** Looks for work that no nudge told of this often. */
const LOOK_AGAIN_MS = 1_000;

/** What the relay knows of channels. */
export type ChannelSource = ChannelStandings & TaskHolders;

/** A line for whose messages nobody waits, and the channels that take them now. */
export interface OpenLine {
  key: string;
  inUse: readonly Target[];
}

/**
 * Chooses from the store what is sent next and keeps a bounded piece of it in the queues: by lane, verification first,
 * within a lane by line, so that none waits for the channels of another, and within a line fairly between businesses. Its
 * place is in memory only: after a start, or when the routes change, it begins anew, and claims are guarded.
 */
export class OutboxRelay implements Service {
  readonly #desk: Desk;
  readonly #queues: ChannelQueues;
  readonly #lines: LineChannels;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #quiet: Rests | null;
  /** What stands in queues of channels that are not usable is looked at. */
  #lookIntoQueues = true;
  /** Something was taken back or lost that is found in the store only. */
  #beginAnew = false;
  #lanes: Record<Category, Lane>;
  readonly #retries: Record<Category, RetryFeed>;
  /** Of businesses whose weight is not 1. */
  readonly #weights = new Map<number, number>();
  /** Plans up to this id were begun before this process, or before the routes changed. */
  #bornBefore = 0;
  /** When all lanes were begun anew, by the monotonic clock. */
  #begunAt = 0;
  /** The newest plan that was heard of. */
  #newest = 0;
  readonly #paused: (queue: string) => boolean;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;

  /**
   * @param quiet says when a recipient may be sent marketing; null: at any time
   * @param paused whether a queue stands still
   */
  constructor(
    desk: Desk,
    queue: Queue,
    channels: ChannelSource,
    clock: Clock,
    log: Logger,
    quiet: Rests | null = null,
    paused: (queue: string) => boolean = () => false,
  ) {
    this.#desk = desk;
    this.#paused = paused;
    this.#queues = new ChannelQueues(queue, channels, clock);
    this.#lines = new LineChannels(desk, channels, paused);
    this.#clock = clock;
    this.#log = log;
    this.#quiet = quiet;
    this.#lanes = this.#newLanes();
    this.#retries = {
      verification: this.#newRetryFeed('verification'),
      notification: this.#newRetryFeed('notification'),
      marketing: this.#newRetryFeed('marketing'),
    };
    queue.onRoom(() => this.nudge());
    queue.onLost(() => {
      this.#beginAnew = true;
      this.nudge();
    });
    desk.onNotice((notice) => {
      // A start looks at everything.
      if (this.#stopped) return;
      if (notice.kind === 'workWaiting') this.#heard(notice.plans, notice.lines);
      else if (notice.kind === 'plansReopened') this.#reopen(notice.plans);
      else if (notice.kind === 'plansStopped') this.#stopPlans(notice.planIds);
      else if (notice.kind === 'businessChanged') this.#weigh(notice.businessId);
      else if (notice.kind === 'routesChanged') this.#routesChanged();
      else if (notice.kind === 'missed') this.#missed();
    });
  }

  async start(): Promise<void> {
    const [newest] = await this.#desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 1 });
    this.#bornBefore = newest?.id ?? 0;
    this.#newest = this.#bornBefore;
    this.#weights.clear();
    await this.#loadWeights();
    this.#lines.routesChanged();
    this.#lanes = this.#newLanes();
    for (const category of CATEGORIES) this.#retries[category].begin();
    this.#stopped = false;
    this.nudge();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Whether it is at work. */
  get running(): boolean {
    return !this.#stopped;
  }

  /** The lines of a lane whose messages may be sent as they are accepted, because none waits before them. */
  openLines(category: Category): OpenLine[] {
    const lane = this.#lanes[category];
    const open: OpenLine[] = [];
    if (this.#lines.stale || !lane.complete) return open;
    for (const line of this.#lines.table.lines) {
      if (lane.waiting(line) || !this.#lines.goesAsRouted(line)) continue;
      const inUse = this.#lines.inUse(line, category);
      if (inUse.length > 0) open.push({ key: line.key, inUse });
    }
    return open;
  }

  /** Queues stand still, or go on: what is not claimed is chosen again. */
  queuesChanged(): void {
    this.#beginAnew = true;
    this.nudge();
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
      .catch((error: unknown) => logFailure(this.#log, error, 'the relay could not look for work'))
      .finally(() => {
        this.#running = null;
        if (this.#stopped) return;
        if (this.#again) this.nudge();
        else this.#timer = this.#clock.setTimer(() => this.#lookAgain(), this.#restMs());
      });
  }

  #restMs(): number {
    let ms = LOOK_AGAIN_MS;
    if (this.#lines.table.empty) return ms;
    const now = this.#clock.monotonic();
    for (const category of CATEGORIES) {
      for (const { flow } of this.#lanes[category].ways)
        if (flow.waitsUntil !== null) ms = Math.min(ms, flow.waitsUntil - now);
    }
    return Math.max(1, ms);
  }

  #newLanes(): Record<Category, Lane> {
    const quiet = this.#quiet;
    const newLane = (category: Category) =>
      new Lane({
        category,
        table: this.#lines.table,
        weights: this.#weights,
        rests:
          quiet === null || category !== 'marketing' ? null : (recipient) => quiet.until(recipient, this.#clock.now()),
        clock: this.#clock,
        bornBefore: this.#bornBefore,
      });
    return {
      verification: newLane('verification'),
      notification: newLane('notification'),
      marketing: newLane('marketing'),
    };
  }

  /** Lists plans that were just accepted. */
  #heard(packed: PackedPlans | undefined, lines: readonly (string | undefined)[] | undefined): void {
    if (packed === undefined) {
      for (const category of CATEGORIES) this.#retries[category].added();
    } else {
      for (const [i, plan] of unpackPlans(packed).entries()) {
        this.#newest = Math.max(this.#newest, plan.id);
        this.#lanes[plan.category].hear(plan, lines?.[i]);
      }
    }
    this.nudge();
  }

  #reopen(plans: readonly ReopenedPlan[]): void {
    for (const { planId, range } of plans) {
      this.#desk.ask('runningPlan', { planId }).then(
        (plan) => {
          if (plan === null) return;
          this.#newest = Math.max(this.#newest, plan.id);
          this.#lanes[plan.category].reopen(plan, range);
          this.nudge();
        },
        (error: unknown) => logFailure(this.#log, error, 'a plan could not be taken up again', { planId }),
      );
    }
  }

  #stopPlans(planIds: readonly number[]): void {
    const stopped = new Set(planIds);
    for (const category of CATEGORIES) this.#lanes[category].stop(stopped);
  }

  async #loadWeights(): Promise<void> {
    for (let cursor: number | null = 0; cursor !== null; ) {
      const businesses: Business[] = await this.#desk.ask('listBusinesses', { cursor, limit: BUSINESSES_AT_ONCE });
      for (const { id, weight } of businesses) if (weight !== 1) this.#weights.set(id, weight);
      cursor = businesses.length < BUSINESSES_AT_ONCE ? null : businesses.at(-1)!.id;
    }
  }

  #weigh(businessId: number): void {
    this.#desk.ask('findBusiness', { businessId }).then(
      (business) => {
        if (business === null) return;
        this.#weights.set(businessId, business.weight);
        for (const category of CATEGORIES) this.#lanes[category].weigh(businessId);
      },
      (error: unknown) => logFailure(this.#log, error, 'the weight of a business could not be read', { businessId }),
    );
  }

  #missed(): void {
    this.#beginAnew = true;
    this.#loadWeights().catch((error: unknown) => logFailure(this.#log, error, 'weights could not be read'));
    this.#routesChanged();
  }

  #routesChanged(): void {
    this.#lines.routesChanged();
    this.nudge();
  }

  #lookAgain(): void {
    this.#lookIntoQueues = true;
    for (const category of CATEGORIES) {
      const lane = this.#lanes[category];
      this.#retries[category].added();
      lane.resume(this.#clock.now());
      if (lane.empty) lane.complete = false;
    }
    const lost = (lane: Category) => this.#lanes[lane].empty && this.#queues.maybeLost(lane);
    if (this.#clock.monotonic() - this.#begunAt >= LIST_AGAIN_MS && CATEGORIES.every(lost)) this.#beginAnew = true;
    this.nudge();
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      await this.#follow();
      await this.#emptyQueues();
      if (this.#beginAnew) await this.#begin();
      for (const category of CATEGORIES) {
        if (!this.#paused(retryQueue(category))) await this.#retries[category].publish();
        await this.#fillLane(category);
      }
    } while (this.#again && !this.#stopped);
  }

  async #follow(): Promise<void> {
    const { linesChanged, channelsChanged } = await this.#lines.follow();
    this.#beginAnew ||= linesChanged;
    this.#lookIntoQueues ||= channelsChanged;
  }

  /** Takes back everything that is not claimed and begins anew: what waits is found in the store. */
  async #begin(): Promise<void> {
    this.#beginAnew = false;
    this.#begunAt = this.#clock.monotonic();
    this.#lines.renew();
    this.#bornBefore = this.#newest;
    this.#lanes = this.#newLanes();
    try {
      for (const channelId of this.#queues.channels) await this.#release(await this.#queues.takeBack(channelId));
    } catch (error) {
      this.#beginAnew = true;
      throw error;
    }
    for (const category of CATEGORIES) this.#retries[category].regroup();
  }

  /** Gives what waits for channels that are gone, or that stay down, to others of its line. */
  async #emptyQueues(): Promise<void> {
    const look = this.#lookIntoQueues;
    this.#lookIntoQueues = false;
    for (const channelId of this.#queues.channels) {
      const runs = this.#lines.runs(channelId);
      if (runs && !(look && this.#lines.isDown(channelId) && this.#lines.hasOthers(channelId))) continue;
      const released: LaneTask[] = [];
      let left = false;
      for (const laneTask of await this.#queues.takeBack(channelId)) {
        const { lane, task } = laneTask;
        const line = this.#lines.table.line(task.line);
        // Its messages go by several lines now: they are found in the store.
        if (line === null || line.sticky) this.#beginAnew = true;
        const others =
          line === null ? [] : this.#lines.inUse(line, lane).filter((target) => target.channelId !== channelId);
        if (this.#beginAnew || (others.length > 0 && task.retries.length > 0)) released.push(laneTask);
        else if (others.length > 0) await this.#move(lane, task, line!, others);
        else {
          await this.#queues.putBack(laneTask);
          left = true;
        }
      }
      await this.#release(released);
      if (!runs && !left) this.#queues.forget(channelId);
    }
  }

  /** Lets the retries of these tasks be taken again, for whatever channel is theirs now. */
  async #release(tasks: readonly LaneTask[]): Promise<void> {
    const retries = tasks.flatMap(({ task }) => task.retries);
    if (retries.length > 0) await this.#desk.do('releaseRetries', { retries });
  }

  /** Hands a task to another channel, whether that has room or not: nobody else takes it. */
  async #move(lane: Category, task: DispatchTask, line: Line, others: readonly Target[]): Promise<void> {
    const { flow } = this.#lanes[lane].wayOf(line);
    const next = flow.next(others, () => UNLIMITED)!;
    flow.given(next, taskSize(task) * this.#lanes[lane].weight);
    await this.#publish(lane, { ...task, channelId: next.channelId });
  }

  async #publish(lane: Category, task: DispatchTask): Promise<void> {
    await this.#queues.publish({ lane, task }, this.#lanes[lane].weight);
  }

  #room(lane: Category, channelId: number): Room {
    return this.#queues.room(lane, channelId, this.#lanes[lane].weight);
  }

  /** Lines take turns, a task each, as long as any has something and room for it. */
  async #fillLane(category: Category): Promise<void> {
    const lane = this.#lanes[category];
    await this.#listAll(category);
    for (let ways = [...lane.ways]; ways.length > 0 && !this.#stopped; ) {
      const goOn: Way[] = [];
      for (const way of ways) {
        if (await this.#serve(category, way)) {
          lane.served(way);
          goOn.push(way);
        }
        // What was told meanwhile may be more urgent than the rest of this.
        if (this.#again && category !== 'verification') return;
      }
      ways = goOn;
    }
  }

  /** Publishes one task of a line; false when it has nothing, or no room. */
  async #serve(category: Category, { line, fair, flow }: Way): Promise<boolean> {
    const next = flow.next(this.#lines.inUse(line, category), (channelId) => this.#room(category, channelId));
    if (next === null) return false;
    const { channelId } = next;
    const { ranges, segments } = await this.#nextRanges(category, fair, channelId);
    if (ranges.length === 0) return false;
    flow.given(next, segments);
    await this.#publish(category, { channelId, line: line.key, ranges, retries: [] });
    return true;
  }

  /** The next ranges of a line, together at most one task, and what they weigh. */
  async #nextRanges(
    category: Category,
    fair: FairLane,
    channelId: number,
  ): Promise<{ ranges: Range[]; segments: number }> {
    const ranges: Range[] = [];
    const turn = this.#queues.turn(channelId);
    const room = this.#queues.taskSegments(this.#room(category, channelId));
    for (;;) {
      const segments = fair.take(room, turn, ranges);
      if (ranges.length > 0) this.#weighTask(category, segments, ranges);
      if (fair.wanted === null || ranges.length > 0) return { ranges, segments };
      await this.#tell(category, fair);
      if (this.#again && category !== 'verification') return { ranges, segments };
    }
  }

  #weighTask(lane: Category, segments: number, ranges: readonly Range[]): void {
    const mean = segments / ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    this.#lanes[lane].weight += (mean - this.#lanes[lane].weight) * NEW_WEIGHT;
  }

  /** Tells a lane what it wants to know. */
  async #tell(lane: Category, fair: FairLane): Promise<void> {
    const { wanted } = fair;
    if (wanted === null) return;
    try {
      if (wanted.kind === 'messages') fair.listMessages(await this.#desk.ask('waitingMessages', wanted));
      else fair.listPlans(await this.#desk.ask('runningPlansOf', { ...wanted, category: lane }));
    } catch (error) {
      fair.unanswered();
      throw error;
    }
  }

  /** Lists the running plans that are not known yet. */
  async #listAll(category: Category): Promise<void> {
    const lane = this.#lanes[category];
    while (!lane.complete && !this.#stopped) {
      const found = await this.#desk.ask('runningPlans', { category, after: lane.listedTo, limit: PLANS_AT_ONCE });
      for (const plan of found) {
        this.#newest = Math.max(this.#newest, plan.id);
        lane.heard.delete(plan.id);
        lane.add(plan);
      }
      if (found.length < PLANS_AT_ONCE) lane.listed();
    }
  }

  #newRetryFeed(category: Category): RetryFeed {
    const roomOf = (channelId: number) => this.#room(category, channelId);
    const messages = (channelId: number) => Math.floor(roomOf(channelId).free / this.#lanes[category].weight);
    return new RetryFeed(category, this.#desk, this.#clock, {
      groupOf: (retry) => this.#groupOf(category, retry, roomOf),
      room: () => this.#lines.allInUse(category).reduce((sum, channelId) => sum + Math.max(0, messages(channelId)), 0),
      roomOf: messages,
      publish: async ({ line }, next, retries) => {
        await this.#publish(category, {
          channelId: next.channelId,
          line,
          ranges: [],
          retries: retries.map(({ planId, index, attempts }) => ({ planId, index, attempts })),
        });
      },
      onTaken: ({ businessId, recipient, segments }) => {
        const line = this.#lines.table.lineOf({ businessId, category, recipient });
        this.#lanes[category].wayOf(line).fair.charge(businessId, segments);
      },
    });
  }

  /** Retries that may take the same channels: those of one line that the same channels have refused. */
  #groupOf(category: Category, retry: DueRetry, roomOf: (channelId: number) => Room): RetryGroup {
    const { channelId: own, businessId, recipient, refusedBy, testChannelId } = retry;
    const line = this.#lines.table.lineOf({ businessId, category, recipient }, refusedBy);
    const flow = () => this.#lanes[category].wayOf(line).flow;
    if (own !== undefined && (testChannelId !== null || this.#lines.runs(own))) {
      // What a carrier has in part stays with it, as long as there is that channel; a test goes nowhere else at all.
      const target = [{ channelId: own, weight: 1 }];
      const next = () => (this.#lines.mayUse(own, category) ? flow().next(target, roomOf) : null);
      return { key: `=${own} ${line.key}`, line: line.key, next };
    }
    const open = withoutRefusing(line, refusedBy);
    return {
      key: refusedBy.length === 0 ? line.key : `${line.key} ${refusedBy.join(',')}`,
      line: line.key,
      next: () => flow().next(this.#lines.inUse(open, category), roomOf),
    };
  }
}

const UNLIMITED: Room = { free: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY };

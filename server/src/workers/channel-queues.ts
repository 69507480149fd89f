import { CATEGORIES, type Category } from '../domain/category.ts';
import type { Clock } from '../lib/clock.ts';
import { RecentRate } from '../lib/recent-rate.ts';
import { type DispatchTask, type Queue, taskSize } from '../queue/queue.ts';
import type { Room } from './line-flow.ts';

/** Work a channel's lane keeps in the queue, by how fast the channel has been lately, within bounds in segments. */
const QUEUED_MS = 1_000;
const LANE_DEPTH = { min: 200, max: 10_000 };
/** Segments in one task, about, at most; fewer where tasks come to channels before they are asked for. */
const TASK_SEGMENTS = { min: 10, max: 500 };
/** What one business is given at a time, by the channel's speed, within bounds in segments: small, to be even soon. */
const TURN_MS = 20;
const TURN = { min: 10, max: 500 };

/** A task and the lane it is in. */
export interface LaneTask {
  lane: Category;
  task: DispatchTask;
}

/** Channels as holders of tasks that are not claimed. */
export interface TaskHolders {
  /** Takes back what a channel was handed and has not claimed. */
  takeBack(channelId: number): LaneTask[];
}

/** What channels are handed: as much ahead, and as much at a time, as each has been sending lately. */
export class ChannelQueues {
  readonly #queue: Queue;
  readonly #holders: TaskHolders;
  readonly #clock: Clock;
  /** Channels that may have tasks in their queues, and what they were given lately. */
  readonly #published = new Map<number, RecentRate>();

  constructor(queue: Queue, holders: TaskHolders, clock: Clock) {
    this.#queue = queue;
    this.#holders = holders;
    this.#clock = clock;
  }

  /** Channels that may have tasks. */
  get channels(): Iterable<number> {
    return this.#published.keys();
  }

  /** A channel has none, and none will come. */
  forget(channelId: number): void {
    this.#published.delete(channelId);
  }

  /** @param segmentsEach of its messages, about */
  async publish({ lane, task }: LaneTask, segmentsEach: number): Promise<void> {
    this.#rateOf(task.channelId).add(taskSize(task) * segmentsEach);
    await this.putBack({ lane, task });
  }

  /** Hands a channel again what was taken back from it. */
  async putBack({ lane, task }: LaneTask): Promise<void> {
    await this.#queue.publish({ channelId: task.channelId, lane }, task);
  }

  /** Everything that was handed to a channel and is not claimed. */
  async takeBack(channelId: number): Promise<LaneTask[]> {
    const tasks = this.#holders.takeBack(channelId);
    for (const lane of CATEGORIES) {
      for (const task of await this.#queue.drain({ channelId, lane })) tasks.push({ lane, task });
    }
    return tasks;
  }

  /** Whether the queues of a lane are empty, about, although tasks may be lost on their way through them. */
  maybeLost(lane: Category): boolean {
    if (this.#queue.ahead === 0) return false;
    for (const channelId of this.#published.keys()) if (this.#queue.depth({ channelId, lane }) > 0) return false;
    return true;
  }

  /** Room of the queue of a lane, about. `segmentsEach`: of its messages. */
  room(lane: Category, channelId: number, segmentsEach: number): Room {
    const whole = within(LANE_DEPTH, (this.#rateOf(channelId).perSecond * QUEUED_MS) / 1000);
    if (!this.#queue.reachable) return { whole, free: 0 };
    return { whole, free: whole - this.#queue.depth({ channelId, lane }) * segmentsEach };
  }

  /** Segments of one task that fits into some room: what comes to a channel ahead is about as much as its queue keeps. */
  taskSegments({ whole, free }: Room): number {
    const { ahead } = this.#queue;
    const most = ahead === 0 ? TASK_SEGMENTS.max : within(TASK_SEGMENTS, whole / ahead);
    return Math.min(most, free);
  }

  /** Segments that a business is given at a time. */
  turn(channelId: number): number {
    return within(TURN, (this.#rateOf(channelId).perSecond * TURN_MS) / 1000);
  }

  #rateOf(channelId: number): RecentRate {
    let rate = this.#published.get(channelId);
    if (rate === undefined) {
      rate = new RecentRate(this.#clock);
      this.#published.set(channelId, rate);
    }
    return rate;
  }
}

const within = ({ min, max }: { min: number; max: number }, value: number): number =>
  Math.min(max, Math.max(min, Math.ceil(value)));

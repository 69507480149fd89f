import { CATEGORIES, type Category } from '../domain/category.ts';
import { type Delivery, type Queue, taskSize } from '../queue/queue.ts';
import type { Range, RetryKey } from '../store/store.ts';
import type { LaneTask } from './channel-queues.ts';

/** What is claimed in one step, of one line, and the tasks it comes from. */
export interface Batch {
  readonly lane: Category;
  /** Messages. */
  size: number;
  readonly ranges: Range[];
  readonly retries: RetryKey[];
  readonly tasks: HeldTask[];
}

/** A task, as far as its messages are not being claimed yet. */
interface HeldTask {
  readonly delivery: Delivery;
  ranges: Range[];
  retries: RetryKey[];
  /** Claims under way that have messages of it. */
  claims: number;
  /** Some of it could not be claimed. */
  failed: boolean;
}

/** The tasks that a channel has taken from its queues: it claims as much of them as it has room for. */
export class HeldTasks {
  readonly #channelId: number;
  readonly #queue: Queue;
  /** Those that nothing or only some is being claimed of. */
  readonly #current: Record<Category, HeldTask | null> = { verification: null, notification: null, marketing: null };

  constructor(channelId: number, queue: Queue) {
    this.#channelId = channelId;
    this.#queue = queue;
  }

  /** Messages of a lane that nothing claims yet. */
  size(lane: Category): number {
    const task = this.#current[lane];
    return task === null ? 0 : taskSize(task);
  }

  /** Whether some wait, here or in the queue. */
  waiting(lane: Category): boolean {
    return this.#current[lane] !== null || this.#queue.depth({ channelId: this.#channelId, lane }) > 0;
  }

  /** What is to be claimed next, or null; it must be {@link claimed} or {@link failed} afterwards. */
  take(lane: Category, room: number): Batch | null {
    const batch: Batch = { lane, size: 0, ranges: [], retries: [], tasks: [] };
    while (batch.size < room) {
      this.#current[lane] ??= this.#next(lane);
      const task = this.#current[lane];
      // Of one line, so that all of it can go to the same other channel.
      if (task === null || (batch.size > 0 && lineOf(task) !== lineOf(batch.tasks[0]!))) break;
      batch.tasks.push(task);
      task.claims++;
      while (batch.size < room && task.ranges.length > 0) {
        const range = task.ranges[0]!;
        const count = Math.min(room - batch.size, range.to - range.from + 1);
        batch.ranges.push({ planId: range.planId, from: range.from, to: range.from + count - 1 });
        batch.size += count;
        if (range.from + count > range.to) task.ranges.shift();
        else task.ranges[0] = { planId: range.planId, from: range.from + count, to: range.to };
      }
      const retries = task.retries.splice(0, room - batch.size);
      batch.retries.push(...retries);
      batch.size += retries.length;
      if (taskSize(task) === 0) this.#current[lane] = null;
    }
    return batch.size === 0 ? null : batch;
  }

  claimed(batch: Batch): void {
    for (const task of batch.tasks) {
      task.claims--;
      end(task);
    }
  }

  /** Its tasks come again whole: what has been claimed of them is not claimed twice. */
  failed(batch: Batch): void {
    for (const task of batch.tasks) {
      task.failed = true;
      empty(task);
      if (this.#current[batch.lane] === task) this.#current[batch.lane] = null;
    }
    this.claimed(batch);
  }

  /** Hands over what nothing claims yet. */
  takeBack(): LaneTask[] {
    const back: LaneTask[] = [];
    for (const lane of CATEGORIES) {
      const task = this.#current[lane];
      if (task === null) continue;
      this.#current[lane] = null;
      back.push({ lane, task: { ...task.delivery.task, ranges: task.ranges, retries: task.retries } });
      empty(task);
      end(task);
    }
    return back;
  }

  #next(lane: Category): HeldTask | null {
    const delivery = this.#queue.take({ channelId: this.#channelId, lane });
    if (delivery === null) return null;
    const { ranges, retries } = delivery.task;
    return { delivery, ranges: [...ranges], retries: [...retries], claims: 0, failed: false };
  }
}

function empty(task: HeldTask): void {
  task.ranges = [];
  task.retries = [];
}

/** Tells the queue of a task of which nothing is left. */
function end(task: HeldTask): void {
  const { delivery, claims, failed } = task;
  if (claims > 0 || taskSize(task) > 0) return;
  if (failed) delivery.back();
  else delivery.done();
}

const lineOf = (task: HeldTask): string => task.delivery.task.line;

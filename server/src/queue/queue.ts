import type { Category } from '../domain/category.ts';
import type { Range } from '../store/store.ts';

/** Messages to be claimed and sent. A task may come twice or too late: claims are guarded in the store. */
export interface DispatchTask {
  channelId: number;
  ranges: Range[];
  /** Which of the messages come from the list of retries. */
  retries: { planId: number; index: number }[];
}

/** A task taken from a queue. Until it is done it belongs to whoever took it. */
export interface Delivery {
  task: DispatchTask;
  /** Says that the task's messages have been claimed; without it the task comes again. */
  done(): void;
}

/** One queue: the work of a channel in a lane. */
export interface QueueName {
  channelId: number;
  lane: Category;
}

/** Who gets nudged. Queues carry ids; the truth is in the store, so a lost task is published again. */
export interface Queue {
  publish(name: QueueName, task: DispatchTask): Promise<void>;
  /** The next task, or null when none is there. */
  take(name: QueueName): Delivery | null;
  /** Messages in the queue, about. */
  depth(name: QueueName): number;
  /** Runs when something has been published. */
  onArrival(listener: () => void): void;
}

/** Messages a task speaks of. */
export function taskSize(task: DispatchTask): number {
  return task.ranges.reduce((size, range) => size + range.to - range.from + 1, 0);
}

import type { Category } from '../domain/category.ts';
import type { Range, RetryKey } from '../store/store.ts';

/** Messages to be claimed and sent. A task may come twice or too late: claims are guarded in the store. */
export interface DispatchTask {
  channelId: number;
  /** The key of the line they go by: when the channel cannot be used, another one of it takes them. */
  line: string;
  /** Messages that wait, but for those that a retry speaks of. */
  ranges: Range[];
  /** Messages of the list of retries. */
  retries: RetryKey[];
}

/** A task taken from a queue. Until one of its ends is called it belongs to whoever took it, and comes again without it. */
export interface Delivery {
  /** Not to be changed. */
  readonly task: DispatchTask;
  /** Its messages have been claimed, or somebody else has been given them. */
  done(): void;
  /** They could not be claimed: the whole task is taken again, before what came after it. */
  back(): void;
}

/** One queue: the work of a channel in a lane. */
export interface QueueName {
  channelId: number;
  lane: Category;
}

/**
 * Who gets nudged. Queues carry ids; the truth is in the store, so a lost task is published again. One process publishes
 * and drains; the tasks of a channel are taken by the one process that has it open.
 */
export interface Queue {
  /** Resolves when the task is handed over. One that does not arrive is told by {@link onLost}; no error is. */
  publish(name: QueueName, task: DispatchTask): Promise<void>;
  /** Tasks of this channel are taken here from now on. */
  open(channelId: number): void;
  /** They are not any more: what was taken and has not ended comes to whoever opens the channel next. */
  close(channelId: number): Promise<void>;
  /** The next task of a channel that is open here, or null when none is there. */
  take(name: QueueName): Delivery | null;
  /** Takes out everything that nobody has taken, to be published otherwise. */
  drain(name: QueueName): Promise<DispatchTask[]>;
  /** Messages in the queue that nobody has taken, about; those of tasks that came {@link ahead} may be missing. */
  depth(name: QueueName): number;
  /** Tasks that come to whoever has a channel open before they are asked for, in each lane; 0: none. */
  readonly ahead: number;
  /** Whether tasks can be published now; what is published while they cannot is lost. */
  readonly reachable: boolean;
  /** Runs when something has come that can be taken. */
  onArrival(listener: () => void): void;
  /** Runs when there is more room than there was. */
  onRoom(listener: () => void): void;
  /** Runs when tasks that were published may be gone: what waits has to be found in the store again. */
  onLost(listener: () => void): void;
}

/** Messages a task speaks of. */
export function taskSize({ ranges, retries }: Pick<DispatchTask, 'ranges' | 'retries'>): number {
  return ranges.reduce((size, { from, to }) => size + to - from + 1, retries.length);
}

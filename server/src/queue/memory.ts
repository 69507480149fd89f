import { type Delivery, type DispatchTask, type Queue, type QueueName, taskSize } from './queue.ts';

/** Queues in this process. What they hold is gone with it, and found again in the store. */
export class MemoryQueue implements Queue {
  readonly #queues = new Map<string, { tasks: DispatchTask[]; depth: number }>();
  readonly #listeners: (() => void)[] = [];

  async publish(name: QueueName, task: DispatchTask): Promise<void> {
    const queue = this.#queue(name);
    queue.tasks.push(task);
    queue.depth += taskSize(task);
    for (const listener of this.#listeners) listener();
  }

  take(name: QueueName): Delivery | null {
    const queue = this.#queue(name);
    const task = queue.tasks.shift();
    if (task === undefined) return null;
    queue.depth -= taskSize(task);
    return { task, done() {} };
  }

  depth(name: QueueName): number {
    return this.#queue(name).depth;
  }

  onArrival(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #queue({ channelId, lane }: QueueName): { tasks: DispatchTask[]; depth: number } {
    const key = `${channelId}.${lane}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { tasks: [], depth: 0 };
      this.#queues.set(key, queue);
    }
    return queue;
  }
}

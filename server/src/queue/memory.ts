import { type Delivery, type DispatchTask, type Queue, type QueueName, taskSize } from './queue.ts';

/** Queues in this process. What they hold is gone with it, and found again in the store. */
export class MemoryQueue implements Queue {
  readonly ahead: number = 0;
  readonly reachable: boolean = true;
  readonly #lanes = new Map<string, Lane>();
  readonly #arrivals: (() => void)[] = [];
  readonly #rooms: (() => void)[] = [];

  async publish(name: QueueName, task: DispatchTask): Promise<void> {
    const lane = this.#lane(name);
    lane.tasks.push(task);
    lane.depth += taskSize(task);
    for (const listener of this.#arrivals) listener();
  }

  open(): void {}

  async close(channelId: number): Promise<void> {
    for (const lane of this.#lanes.values()) {
      if (lane.channelId !== channelId) continue;
      // The last taken first, so that the first stands in front again.
      for (const delivery of [...lane.taken].reverse()) delivery.back();
    }
  }

  take(name: QueueName): Delivery | null {
    const lane = this.#lane(name);
    const task = lane.tasks.shift();
    if (task === undefined) return null;
    lane.depth -= taskSize(task);
    const delivery = new MemoryDelivery(task, lane);
    lane.taken.add(delivery);
    for (const listener of this.#rooms) listener();
    return delivery;
  }

  async drain(name: QueueName): Promise<DispatchTask[]> {
    const lane = this.#lane(name);
    const { tasks } = lane;
    lane.tasks = [];
    lane.depth = 0;
    return tasks;
  }

  depth(name: QueueName): number {
    return this.#lane(name).depth;
  }

  onArrival(listener: () => void): void {
    this.#arrivals.push(listener);
  }

  onRoom(listener: () => void): void {
    this.#rooms.push(listener);
  }

  /** Nothing is lost that this process does not lose with everything else. */
  onLost(_listener: () => void): void {}

  #lane({ channelId, lane: category }: QueueName): Lane {
    const key = `${channelId}.${category}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { channelId, tasks: [], depth: 0, taken: new Set() };
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}

interface Lane {
  readonly channelId: number;
  tasks: DispatchTask[];
  depth: number;
  readonly taken: Set<MemoryDelivery>;
}

class MemoryDelivery implements Delivery {
  readonly task: DispatchTask;
  readonly #lane: Lane;

  constructor(task: DispatchTask, lane: Lane) {
    this.task = task;
    this.#lane = lane;
  }

  done(): void {
    this.#lane.taken.delete(this);
  }

  back(): void {
    if (!this.#lane.taken.delete(this)) return;
    this.#lane.tasks.unshift(this.task);
    this.#lane.depth += taskSize(this.task);
  }
}

import { LEASE_MS, MARGIN_MS } from '../domain/lease.ts';
import type { QueueFacts, WorkerFacts } from '../domain/task.ts';
import type { SeenNode } from '../leases/leases.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { LeaseHolder } from './lease-holder.ts';
import type { QueueWatch, ToldOfWork } from './queue-watch.ts';

/** The work of an installation of several processes: this one's, and what the others tell of theirs. */
export class ClusterTasks {
  readonly #own: QueueWatch;
  readonly #holder: Pick<LeaseHolder, 'view' | 'toldByNodes'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  #told: ReadonlyMap<string, ToldOfWork> = new Map();

  constructor(
    own: QueueWatch,
    holder: Pick<LeaseHolder, 'view' | 'toldByNodes'>,
    { clock, log }: { clock: Clock; log: Logger },
  ) {
    this.#own = own;
    this.#holder = holder;
    this.#clock = clock;
    this.#log = log;
  }

  /** All processes that were seen in the last minutes, this one first. */
  async workers(): Promise<WorkerFacts[]> {
    const told = await this.#read();
    const now = this.#clock.now();
    return [
      this.#own.worker(),
      ...this.#others().map(({ id, roles, host, pid, version, startedAt, seenMs, busy }) => {
        const { loads, memoryBytes, current } = told.get(id) ?? {
          loads: [{ thread: 'busiest', share: busy }],
          memoryBytes: null,
          current: [],
        };
        const seenAt = now - seenMs;
        return { id, role: roles, host, pid, version, startedAt, seenAt, loads, memoryBytes, current };
      }),
    ];
  }

  /** The queues of all channels, tables and chores, whoever works them off. */
  async queues(): Promise<QueueFacts[]> {
    const told = await this.#read();
    const all = new Map(this.#own.queues().map((queue) => [queue.name, queue]));
    for (const { id, seenMs } of this.#others()) {
      // Others do by now what a process did that has not been seen for so long.
      if (seenMs >= LEASE_MS + MARGIN_MS) continue;
      for (const queue of told.get(id)?.queues ?? []) {
        const here = all.get(queue.name) ?? { ...queue, ...NOTHING_DONE, paused: this.#own.pausedNow(queue.name) };
        all.set(queue.name, {
          ...here,
          done: here.done + queue.done,
          failed: here.failed + queue.failed,
          donePerSecond: here.donePerSecond + queue.donePerSecond,
          failedPerSecond: here.failedPerSecond + queue.failedPerSecond,
        });
      }
    }
    return [...all.values()];
  }

  /** With the time since they were seen as of now. */
  #others(): SeenNode[] {
    const view = this.#holder.view;
    if (view === null) return [];
    return view.beat.nodes
      .filter(({ id }) => id !== this.#own.worker().id)
      .map((node) => ({ ...node, seenMs: node.seenMs + view.ageMs }));
  }

  /** While the store is away, what was told last. */
  async #read(): Promise<ReadonlyMap<string, ToldOfWork>> {
    try {
      const told = await this.#holder.toldByNodes();
      this.#told = new Map([...told].map(([id, facts]) => [id, JSON.parse(facts) as ToldOfWork]));
    } catch (error) {
      this.#log.warn({ err: error }, 'what other processes do could not be read');
    }
    return this.#told;
  }
}

const NOTHING_DONE = { done: 0, failed: 0, donePerSecond: 0, failedPerSecond: 0 };

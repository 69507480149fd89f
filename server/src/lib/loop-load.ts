import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';

/** How busy one thread is. */
export interface LoopLoad {
  /** For people: which thread it is. */
  readonly name: string;
  /** The share of the time since it was last asked in which the thread had something to do, 0 to 1. */
  read(): number;
}

/** The load of this thread. */
export const ownLoad = (name: string): LoopLoad =>
  loadOf(name, (now, before) => performance.eventLoopUtilization(now, before));

/** The load of another thread. */
export const workerLoad = (name: string, worker: Worker): LoopLoad =>
  loadOf(name, (now, before) => worker.performance.eventLoopUtilization(now, before));

function loadOf(
  name: string,
  utilization: (now?: EventLoopUtilization, before?: EventLoopUtilization) => EventLoopUtilization,
): LoopLoad {
  let last = utilization();
  return {
    name,
    read() {
      const now = utilization();
      const share = utilization(now, last).utilization;
      last = now;
      return Number.isFinite(share) ? share : 0;
    },
  };
}

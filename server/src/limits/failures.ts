import type { Clock } from '../lib/clock.ts';
import { Lru } from '../lib/lru.ts';
import type { FailureCount, FailureCounter, FailureCounts } from './limits.ts';

const COUNTERS = 10_000;
const NONE: FailureCount = { count: 0, leftMs: 0 };

/** Failures that this process saw. */
export class MemoryFailures implements FailureCounts {
  readonly #clock: Clock;
  readonly #windows = new Lru<string, { count: number; end: number }>(COUNTERS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(counters: readonly FailureCounter[]): Promise<FailureCount[]> {
    const now = this.#clock.monotonic();
    return counters.map(({ key }) => {
      const { count, end } = this.#windows.get(key) ?? { count: 0, end: now };
      return end <= now ? NONE : { count, leftMs: end - now };
    });
  }

  async add(counters: readonly FailureCounter[]): Promise<FailureCount[]> {
    const now = this.#clock.monotonic();
    return counters.map(({ key, windowMs }) => {
      const open = this.#windows.get(key);
      const running = open !== undefined && open.end > now;
      const count = running ? open.count + 1 : 1;
      const end = running ? open.end : now + windowMs;
      this.#windows.set(key, { count, end });
      return { count, leftMs: end - now };
    });
  }
}

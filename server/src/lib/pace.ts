import type { Clock } from './clock.ts';

const SECOND_MS = 1_000;

/** At most so many of something in any second, whenever that second begins. Time that was lost is not made up for. */
export class Pace {
  readonly #clock: Clock;
  /** When the last ones were, in a ring: as many as a second may have. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#times = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** How many may be now, `most` at most. */
  free(most: number): number {
    const before = this.#clock.monotonic() - SECOND_MS;
    const { length } = this.#times;
    let free = 0;
    while (free < most && free < length && this.#times[(this.#next + free) % length]! <= before) free++;
    return free;
  }

  /** Notes that one is now. */
  take(): void {
    this.#times[this.#next] = this.#clock.monotonic();
    this.#next = (this.#next + 1) % this.#times.length;
  }

  /** Milliseconds until another may be; 0: now. */
  waitMs(): number {
    return Math.max(0, Math.ceil(this.#times[this.#next]! + SECOND_MS - this.#clock.monotonic()));
  }
}

const SECOND_MS = 1_000;

/**
 * At most so many of something in any second, whenever that second begins. Time that was lost is not made up for. Moments
 * are those of a monotonic clock, in milliseconds.
 */
export class Pace {
  readonly #secondMs: number;
  /** When the last ones were, in a ring: as many as a second may have; the oldest at `#oldest`. */
  readonly #times: Float64Array;
  #oldest = 0;

  /**
   * @param perSecond an integer from 1 on
   * @param secondMs how long a second is here: a little more where clocks may not agree
   */
  constructor(perSecond: number, secondMs = SECOND_MS) {
    this.#secondMs = secondMs;
    this.#times = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** How many may be now, `most` at most. */
  free(now: number, most: number): number {
    const { length } = this.#times;
    let free = 0;
    while (free < most && free < length && this.#times[(this.#oldest + free) % length]! + this.#secondMs <= now) free++;
    return free;
  }

  /** Notes that so many are now. */
  took(count: number, now: number): void {
    for (let i = 0; i < count; i++) {
      this.#times[this.#oldest] = now;
      this.#oldest = (this.#oldest + 1) % this.#times.length;
    }
  }

  /** When another may be; it may be past. */
  get nextAt(): number {
    return this.#times[this.#oldest]! + this.#secondMs;
  }
}

/** How much lost time is made up for: what a late timer costs, and no more. */
const LATENESS_MS = 50;

/**
 * Spreads parts over time at some speed: a part is due a step after the one before it. Time in which nothing was written
 * is lost, but for the little that timers are late.
 */
export class Spacing {
  /** When the next part is due; moments are those of a monotonic clock, in milliseconds. */
  #due = Number.NEGATIVE_INFINITY;

  /** Parts that are due now. */
  free(now: number, perSecond: number): number {
    if (this.#due > now) return 0;
    return Math.floor(((now - Math.max(this.#due, now - LATENESS_MS)) * perSecond) / 1000) + 1;
  }

  wrote(count: number, now: number, perSecond: number): void {
    this.#due = Math.max(this.#due, now - LATENESS_MS) + (count * 1000) / perSecond;
  }

  /** Lets nothing be due before a moment, and the time until then be lost. */
  rest(until: number): void {
    this.#due = Math.max(this.#due, until);
  }

  /** When the next part is due. */
  get due(): number {
    return this.#due;
  }
}

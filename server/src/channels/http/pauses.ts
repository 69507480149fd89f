import type { Clock } from '../../lib/clock.ts';

const MIN_MS = 100;
const MAX_MS = 5_000;

/** How long a carrier that asks for less speed is left alone: the longer the more often it asks, or as long as it says. */
export class Pauses {
  readonly #clock: Clock;
  #until = 0;
  #ms = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until the carrier may be asked again; none is left where they are not above 0. */
  get leftMs(): number {
    return this.#until - this.#clock.monotonic();
  }

  /** The carrier asked for less speed. @param wishMs for how long, where it says so */
  asked(wishMs: number): void {
    const now = this.#clock.monotonic();
    // Answers to what was under way together are one wish.
    if (now >= this.#until) this.#ms = Math.min(MAX_MS, Math.max(MIN_MS, this.#ms * 2));
    this.#until = Math.max(this.#until, now + Math.max(this.#ms, wishMs));
  }

  /** The carrier took something. */
  taken(): void {
    this.#ms = 0;
  }
}

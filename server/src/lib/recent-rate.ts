import type { Clock } from './clock.ts';

/** Counts are looked at in pieces of time this long, and after this long a piece counts half. */
const PIECE_MS = 250;
const HALF_LIFE_MS = 1_000;

/** How many of something there have been a second lately: a burst moves it a little, what lasts for seconds all the way. */
export class RecentRate {
  readonly #clock: Clock;
  #since: number;
  #count = 0;
  #perSecond = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  add(count: number): void {
    this.#settle();
    this.#count += count;
  }

  get perSecond(): number {
    this.#settle();
    return this.#perSecond;
  }

  #settle(): void {
    const passed = this.#clock.monotonic() - this.#since;
    if (passed < PIECE_MS) return;
    // One long piece weighs as much as the short ones it takes the place of.
    const kept = 2 ** -(passed / HALF_LIFE_MS);
    this.#perSecond = this.#perSecond * kept + (this.#count / passed) * 1000 * (1 - kept);
    this.#count = 0;
    this.#since += passed;
  }
}

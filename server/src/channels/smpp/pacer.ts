import { Pace } from '../../lib/pace.ts';
import { Spacing } from './spacing.ts';

/** A second as it is counted here, with a little for clocks that do not agree. */
const SECOND_MS = 1_003;
/**
 * How much of the rate is used. A part that left late must not be followed within its second, so that lateness is handed
 * on from second to second unless parts are due a little later than they might leave.
 */
const USED = 0.994;

/**
 * Holds a channel to its rate: of the parts it lets pass, no more than that leave in any second, wherever it begins; they
 * are spread over it, and no lost time is made up for. Moments are those of a monotonic clock, in milliseconds.
 */
export class Pacer {
  readonly #perSecond: number;
  readonly #spacing = new Spacing();
  readonly #pace: Pace;

  /** @param perSecond parts a second, an integer from 1 on */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#pace = new Pace(perSecond, SECOND_MS);
  }

  /** Parts that may leave now. */
  free(now: number): number {
    return this.#pace.free(now, this.#spacing.free(now, this.#perSecond * USED));
  }

  /** So many have left. @param now read after their octets were written: a second must not begin before they left */
  wrote(count: number, now: number): void {
    this.#pace.took(count, now);
    this.#spacing.wrote(count, now, this.#perSecond * USED);
  }

  /** When the next part may leave; it may be past. */
  get nextAt(): number {
    return Math.max(this.#spacing.due, this.#pace.nextAt);
  }
}

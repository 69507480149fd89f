import { Noes } from './noes.ts';
import { Spacing } from './spacing.ts';

/** A rate is a matter of a second: it is judged once in that time. */
const JUDGED_EVERY_MS = 1_000;
/** How long the carrier is left alone after a no, doubling as long as it takes nothing. */
const REST_MIN_MS = 100;
const REST_MAX_MS = 250;
/** How much below what a carrier takes it is kept. */
const BELOW = 0.97;
/** The least that is left of the rate at once, and of the window. */
const LEAST_LEFT = 0.5;
const WINDOW_LEFT = 0.75;
/** Where too little was sent to know what a carrier takes, no less than this is tried. */
const LEAST_UNKNOWN = 10;
/** How often the rate grows while messages wait, and how: as far as nothing is known about there, and near a known end. */
const GROW_EVERY_MS = 250;
const GROW_FREELY = 1.25;
const GROW_CAREFULLY = 0.0025;
const WINDOW_GROWS = 0.02;
const USED_AT_LEAST = 0.7;
/** So far beyond an end that was known, it is known no more. */
const END_PASSED = 1.1;
/** How long a rate is kept before more is tried: longer each time the carrier says no at about the same rate again. */
const KEEP_MIN_MS = 2_000;
const KEEP_MAX_MS = 60_000;
const ABOUT_THE_SAME = 0.9;

/**
 * What a carrier that asks for less speed is given: its limit is learned from what it took in a second, and parts are
 * spread just below; more is tried slowly. Without such answers there is no limit, and none either where they are so few
 * among the others that the speed cannot be why. All moments are those of a monotonic clock, in milliseconds.
 *
 * Of a carrier that takes 500 a second of its clock, 94 % is used, and 0.4 % of the answers are a no; of one that says no to
 * 1 % by chance as well, 94 % too (docs/adr/0014-throttled-stays-in-hand.md).
 */
export class BackPressure {
  readonly #spacing = new Spacing();
  readonly #taken = new LastSecond();
  readonly #noes = new Noes();
  /** Parts a second; null as long as the carrier has not asked for less. */
  #rate: number | null = null;
  /** Share of the window that is used. */
  #window = 1;
  /** The rate at which the carrier said no. */
  #end = Number.POSITIVE_INFINITY;
  #keepMs = KEEP_MIN_MS;
  #judgedAt = Number.NEGATIVE_INFINITY;
  #grownAt = Number.NEGATIVE_INFINITY;
  #restUntil = Number.NEGATIVE_INFINITY;
  #restMs = 0;
  #epoch = 0;

  /** Parts are written in epochs: what the carrier says to those of an earlier one was answered by being slower already. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Parts a second that the carrier is given; null for no limit. */
  get rate(): number | null {
    return this.#rate;
  }

  /** Whether the carrier has asked for less, and may have to be waited for. */
  get limits(): boolean {
    return this.#rate !== null;
  }

  /** Whether the carrier is left alone. */
  rests(now: number): boolean {
    return now < this.#restUntil;
  }

  /** How many of a window's places are used. */
  windowOf(places: number): number {
    return this.#window === 1 ? places : Math.max(1, Math.floor(places * this.#window));
  }

  /** Parts that may leave now. */
  free(now: number): number {
    return this.#rate === null ? Number.POSITIVE_INFINITY : this.#spacing.free(now, this.#rate);
  }

  /** When the next part may leave; it may be past. */
  get nextAt(): number {
    return this.#spacing.due;
  }

  wrote(count: number, now: number): void {
    if (this.#rate !== null) this.#spacing.wrote(count, now, this.#rate);
  }

  /** The carrier took parts. @param busySince since when parts have waited all the time */
  taken(count: number, now: number, busySince: number): void {
    this.#taken.add(count, now);
    this.#noes.others(count);
    this.#restMs = 0;
    if (this.#rate !== null && now - this.#grownAt >= GROW_EVERY_MS) this.#grow(now, busySince);
  }

  /**
   * The carrier asked for less speed. What it says is told in the order of its answers.
   * @param epoch when the part was written that it says that of
   * @param busySince since when parts have waited all the time
   * @returns whether it means the speed; otherwise it has said no to the one message
   */
  throttled(epoch: number, now: number, busySince: number): boolean {
    if (epoch !== this.#epoch) return true;
    this.#noes.add();
    if (!this.#noes.many) return false;
    this.#noes.heeded();
    this.#slowDown(now, busySince);
    return true;
  }

  #slowDown(now: number, busySince: number): void {
    this.#epoch++;
    this.#restMs = Math.min(REST_MAX_MS, Math.max(REST_MIN_MS, this.#restMs * 2));
    this.#restUntil = now + this.#restMs;
    this.#spacing.rest(this.#restUntil);
    if (now - this.#judgedAt < JUDGED_EVERY_MS) return;
    this.#judgedAt = now;
    this.#window = Math.max(0.01, this.#window * WINDOW_LEFT);
    // What was taken says how much the carrier takes only if there was always something to take.
    const known = now - busySince >= JUDGED_EVERY_MS;
    const taken = Math.max(known ? 1 : LEAST_UNKNOWN, this.#taken.count(now));
    const tooMuch = this.#rate === null ? taken : Math.min(this.#rate, Math.max(taken, this.#rate * LEAST_LEFT));
    this.#rate = Math.max(1, tooMuch * BELOW);
    const again = known && tooMuch >= this.#end * ABOUT_THE_SAME && tooMuch <= this.#end * END_PASSED;
    this.#keepMs = again ? Math.min(KEEP_MAX_MS, this.#keepMs * 2) : KEEP_MIN_MS;
    this.#end = known ? tooMuch : Number.POSITIVE_INFINITY;
    this.#grownAt = now;
  }

  #grow(now: number, busySince: number): void {
    this.#grownAt = now;
    this.#window = Math.min(1, this.#window + WINDOW_GROWS);
    const sinceNo = now - this.#judgedAt;
    if (now - busySince < GROW_EVERY_MS || sinceNo < JUDGED_EVERY_MS) return;
    // Nothing is learned from a rate that was not used.
    if (this.#taken.count(now) < this.#rate! * USED_AT_LEAST) return;
    if (this.#rate! > this.#end * END_PASSED) this.#end = Number.POSITIVE_INFINITY;
    if (this.#end === Number.POSITIVE_INFINITY) this.#rate! *= GROW_FREELY;
    else if (sinceNo >= this.#keepMs) this.#rate! += Math.max(0.25, this.#end * GROW_CAREFULLY);
  }
}

const PIECES = 10;
const PIECE_MS = 100;

/** How many there were in the last second, counted in tenths. */
class LastSecond {
  readonly #counts = new Float64Array(PIECES);
  /** The tenth that was counted last. */
  #piece = Number.NEGATIVE_INFINITY;

  add(count: number, now: number): void {
    this.#moveTo(now);
    this.#counts[this.#piece % PIECES]! += count;
  }

  count(now: number): number {
    this.#moveTo(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #moveTo(now: number): void {
    const piece = Math.floor(now / PIECE_MS);
    if (piece - this.#piece >= PIECES) this.#counts.fill(0);
    else for (let each = this.#piece + 1; each <= piece; each++) this.#counts[each % PIECES] = 0;
    this.#piece = Math.max(piece, this.#piece);
  }
}

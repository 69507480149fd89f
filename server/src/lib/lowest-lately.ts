import type { Clock } from './clock.ts';

const PIECE_MS = 3_600_000;
const PIECES = 24;

/** The lowest of some values in about the last day. */
export class LowestLately {
  readonly #clock: Clock;
  /** Of each hour; Infinity where there was none. */
  readonly #lowest = new Float64Array(PIECES).fill(Number.POSITIVE_INFINITY);
  #piece: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#piece = this.#now();
  }

  add(value: number): void {
    this.#move();
    const place = this.#piece % PIECES;
    this.#lowest[place] = Math.min(this.#lowest[place]!, value);
  }

  /** Null when there was none. */
  get value(): number | null {
    this.#move();
    const lowest = Math.min(...this.#lowest);
    return lowest === Number.POSITIVE_INFINITY ? null : lowest;
  }

  #now(): number {
    return Math.floor(this.#clock.monotonic() / PIECE_MS);
  }

  #move(): void {
    const now = this.#now();
    if (now - this.#piece >= PIECES) this.#lowest.fill(Number.POSITIVE_INFINITY);
    else while (this.#piece < now) this.#lowest[++this.#piece % PIECES] = Number.POSITIVE_INFINITY;
    this.#piece = now;
  }
}

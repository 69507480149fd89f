import type { Clock } from '../lib/clock.ts';
import type { BatchPace } from './batch-pace.ts';
import type { VerbName } from './desk.ts';

/** Changes whose callers lose nothing by a moment more. */
const PATIENT = new Set<string>(['openAttempts', 'recordOutcomes', 'recordReceipts'] satisfies VerbName[]);
/** A rest is so many times as long as the commit before it, and never longer than that. */
const REST = 2;
const MAX_REST_MS = 40;
/** With so many rows in hand it does not rest. */
const ENOUGH_ROWS = 100;

/**
 * Where processes take turns to write: one that has only patient changes rests after a commit twice as long as that took,
 * the wait for its turn included. So the busier the others are, the more it gathers and the fewer turns it takes from them;
 * where nobody else writes, it rests for a few milliseconds.
 */
export class TurnPace implements BatchPace {
  readonly #clock: Clock;
  /** What is gathered for the next batch. */
  #patient = true;
  #rows = 0;
  /** When the batches under way were sent, by the monotonic clock. */
  readonly #sentAt: number[] = [];
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  gathered(verb: VerbName, rows: number): void {
    this.#patient &&= PATIENT.has(verb);
    this.#rows += rows;
  }

  get restMs(): number {
    if (!this.#patient || this.#rows >= ENOUGH_ROWS) return 0;
    if (this.#sentAt.length > 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#restsUntil - this.#clock.monotonic());
  }

  sent(): void {
    this.#patient = true;
    this.#rows = 0;
    this.#sentAt.push(this.#clock.monotonic());
  }

  ended(batches: number): void {
    const [sentAt] = this.#sentAt.splice(0, batches);
    if (sentAt === undefined) return;
    const now = this.#clock.monotonic();
    this.#restsUntil = now + Math.min((now - sentAt) * REST, MAX_REST_MS);
  }
}

import type { Clock } from '../lib/clock.ts';
import type { BatchPace } from './batch-pace.ts';
import type { VerbName } from './desk.ts';

/** What carriers answered: nobody waits for it to be recorded, and the flight log has it until it is. */
const PATIENT: VerbName = 'recordOutcomes';
/** How long it waits for something to go along with. */
const RIDE_MS = 5;
/** With so many rows in hand it goes by itself. */
const ENOUGH_ROWS = 100;

/**
 * Where one process writes: what carriers answered goes along with the next change somebody waits for, instead of having a
 * commit of its own, which that change would have to wait for. One commit in eight is saved so with a number a request.
 */
export class RidePace implements BatchPace {
  readonly #clock: Clock;
  #patient = true;
  #rows = 0;
  /** When what is gathered goes by itself, by the monotonic clock. */
  #until: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  gathered(verb: VerbName, rows: number): void {
    this.#patient &&= verb === PATIENT;
    this.#rows += rows;
    if (this.#patient) this.#until ??= this.#clock.monotonic() + RIDE_MS;
  }

  get restMs(): number {
    if (!this.#patient || this.#until === null || this.#rows >= ENOUGH_ROWS) return 0;
    return Math.max(0, this.#until - this.#clock.monotonic());
  }

  sent(): void {
    this.#patient = true;
    this.#rows = 0;
    this.#until = null;
  }

  ended(): void {}
}

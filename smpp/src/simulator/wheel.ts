import type { Clock, Timer } from '../lib/clock.ts';

/** How finely the wheel turns. */
const TICK_MS = 5;

/**
 * Things that become due later, grouped by the tick they fall into: one timer for all of them, and one call for all
 * that are due together.
 */
export class Wheel<T> {
  readonly #clock: Clock;
  readonly #due: (items: T[]) => void;
  readonly #slots = new Map<number, T[]>();
  #timer: Timer | undefined;
  #nextTick = 0;
  #size = 0;

  constructor(clock: Clock, due: (items: T[]) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** Things waiting. */
  get size(): number {
    return this.#size;
  }

  /** Adds a thing that becomes due at a moment of the clock, at most one tick later than asked. */
  add(item: T, at: number): void {
    if (this.#size === 0) this.#nextTick = Math.floor(this.#clock.now() / TICK_MS);
    const tick = Math.max(Math.ceil(at / TICK_MS), this.#nextTick);
    const slot = this.#slots.get(tick);
    if (slot === undefined) this.#slots.set(tick, [item]);
    else slot.push(item);
    this.#size++;
    this.#timer ??= this.#clock.setTimer(() => this.#turn(), TICK_MS);
  }

  /** Forgets everything. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#slots.clear();
    this.#size = 0;
  }

  #turn(): void {
    this.#timer = undefined;
    const now = Math.floor(this.#clock.now() / TICK_MS);
    while (this.#size > 0 && this.#nextTick <= now) {
      const slot = this.#slots.get(this.#nextTick);
      if (slot !== undefined) {
        this.#slots.delete(this.#nextTick);
        this.#size -= slot.length;
        this.#nextTick++;
        this.#due(slot);
      } else this.#nextTick++;
    }
    if (this.#size > 0) this.#timer ??= this.#clock.setTimer(() => this.#turn(), TICK_MS);
  }
}

/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where time comes from. Everything in this package that waits or measures is given one. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC that never step back, with fractions. */
  now(): number;
  /** Calls fn once, no sooner than after so many milliseconds. */
  setTimer(fn: () => void, delayMs: number): Timer;
}

/** The machine's own time. Monotonic: a wall clock that is set meanwhile does not show before a restart. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer(fn, delayMs) {
    const timer = setTimeout(fn, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A clock that stands still until it is moved by hand, for tests and simulations. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Map<number, { at: number; fn: () => void }>();

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    const id = this.#order++;
    this.#timers.set(id, { at: this.#now + Math.max(0, delayMs), fn });
    return { cancel: () => void this.#timers.delete(id) };
  }

  /** Moves time forward, firing what becomes due in its order, timers set on the way included. */
  advance(byMs: number): void {
    const target = this.#now + byMs;
    for (;;) {
      let next: [number, { at: number; fn: () => void }] | undefined;
      for (const entry of this.#timers) {
        if (entry[1].at <= target && (next === undefined || entry[1].at < next[1].at)) next = entry;
      }
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = next[1].at;
      next[1].fn();
    }
    this.#now = target;
  }

  /** How many timers wait to fire. */
  get pending(): number {
    return this.#timers.size;
  }
}

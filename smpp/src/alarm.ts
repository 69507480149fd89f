import type { Clock, Timer } from './lib/clock.ts';
import { type Due, isLateWake, type NextStep } from './timers.ts';

/** The longest delay a timer takes; waiting longer is done in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Whom an alarm serves. */
export interface AlarmOwner {
  /** What is due at a moment, and when to look again. */
  nextStep(now: number): NextStep;
  /** Does what is due; the owner may end while it does. */
  perform(due: Due, now: number): void;
}

/**
 * The one timer of a session. It is set for the first thing that can become due and not moved when that changes: it
 * then wakes, finds nothing due, and is set anew. So sending and receiving never touch a timer.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #owner: AlarmOwner;
  #timer: Timer | undefined;
  #wakeAt = 0;
  #deferred = false;
  #stopped = false;

  constructor(clock: Clock, owner: AlarmOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Makes sure that the timer fires no later than the next thing is due. */
  arm(now: number): void {
    if (this.#stopped) return;
    const { due, wakeAt } = this.#owner.nextStep(now);
    const at = due.length > 0 ? now : wakeAt;
    if (at === undefined || (this.#timer !== undefined && this.#wakeAt <= at)) return;
    this.#set(now, at);
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #set(now: number, at: number): void {
    this.#timer?.cancel();
    this.#wakeAt = at;
    this.#timer = this.#clock.setTimer(() => this.#wake(), Math.min(Math.ceil(at - now), MAX_TIMER_MS));
  }

  #wake(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    if (isLateWake(this.#wakeAt, now) && !this.#deferred) {
      this.#deferred = true;
      this.#set(now, now + 1);
      return;
    }
    this.#deferred = false;
    for (const each of this.#owner.nextStep(now).due) {
      if (!this.#stopped) this.#owner.perform(each, now);
    }
    this.arm(now);
  }
}

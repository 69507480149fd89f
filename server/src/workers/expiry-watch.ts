import { CATEGORIES, type Category } from '../domain/category.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { PlanPlace, Range } from '../store/store.ts';
import { type Books, type Going, UNBOOKED } from './task-book.ts';

/** How late messages may be ended: none is sent in the meantime, claims see to that. */
const LOOK_EVERY_MS = 1_000;
/** Begins anew this often: a clock that was set back may have left something behind. */
const BEGIN_ANEW_EVERY = 600;
const PLANS_AT_ONCE = 500;
/** Indexes one transaction looks through. */
const STEP = 1_000;

/**
 * Ends what still waits when its plan expires. Open plans stand in the store in the order in which they expire, so a
 * look is at the first of them only; those that are done with and stay open, since carriers have not answered for all of
 * their messages, are passed by.
 */
export class ExpiryWatch implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #book: Books;
  /** Up to here plans have expired, and nothing in them waits. */
  #done: Record<Category, PlanPlace | null> = fromTheFirst();
  #looks = 0;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #stopped = true;

  constructor(desk: Desk, clock: Clock, log: Logger, book: Books = UNBOOKED) {
    this.#book = book;
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
    desk.onNotice((notice) => {
      // It may have started late, behind the place that was reached.
      if (notice.kind === 'plansReopened' || notice.kind === 'missed') this.#done = fromTheFirst();
    });
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#done = fromTheFirst();
    // Whoever asks for a run gets the next look.
    this.#book.offer('expiry', () => {});
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#book.withdraw('expiry');
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.#book
      .run('expiry', (going) => this.#endAll(going))
      .catch((error: unknown) => logFailure(this.#log, error, 'expired messages could not be ended'))
      .finally(() => {
        this.#looking = null;
        if (!this.#stopped) this.#timer = this.#clock.setTimer(() => this.#look(), LOOK_EVERY_MS);
      });
  }

  async #endAll(going: Going): Promise<void> {
    if (++this.#looks % BEGIN_ANEW_EVERY === 0) this.#done = fromTheFirst();
    for (const category of CATEGORIES) {
      for (let more = true; more && !this.#stopped && !going.stop; ) more = await this.#endSome(going, category);
    }
  }

  /** Whether there may be more. */
  async #endSome(going: Going, category: Category): Promise<boolean> {
    const done = this.#done;
    const plans = await this.#desk.ask('expiredPlans', {
      category,
      after: done[category],
      until: this.#clock.now(),
      limit: PLANS_AT_ONCE,
    });
    let ranges: Range[] = [];
    let room = STEP;
    for (const { id: planId, accepted } of plans) {
      for (let from = 0; from < accepted; ) {
        const to = Math.min(accepted, from + room) - 1;
        ranges.push({ planId, from, to });
        room -= to - from + 1;
        from = to + 1;
        if (room > 0) continue;
        going.did((await this.#desk.do('expireUnsent', { ranges })).plans);
        if (this.#stopped) return false;
        ranges = [];
        room = STEP;
      }
    }
    if (ranges.length > 0) going.did((await this.#desk.do('expireUnsent', { ranges })).plans);
    const last = plans.at(-1);
    if (last !== undefined) done[category] = { id: last.id, expiresAt: last.expiresAt };
    return plans.length === PLANS_AT_ONCE;
  }
}

const fromTheFirst = (): Record<Category, PlanPlace | null> => ({
  verification: null,
  notification: null,
  marketing: null,
});

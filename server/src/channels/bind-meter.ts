import { HOLD_CODE, HOLDS, type Hold } from '../domain/bind-hold.ts';
import type { Clock } from '../lib/clock.ts';
import { DurationCounts } from '../lib/duration-counts.ts';

/** Statuses counted one by one; further ones count as one. Carriers have a few dozen at most. */
const MAX_STATUSES = 64;

/** How a part was taken. */
export type Taking = 'accepted' | 'refused' | 'throttled';

/** What a bind has done since it was made; every number only rises. */
export interface MeterReading {
  accepted: number;
  refused: number;
  throttled: number;
  /** Not answered in time, or lost with the link. */
  unanswered: number;
  /** Milliseconds that each limit held. */
  heldMs: Readonly<Record<Hold, number>>;
  /** Requests in flight × milliseconds: divided by a time, how many there were on average. */
  inFlightMs: number;
  /** How long answers took. */
  times: DurationCounts;
}

/** Counts what one bind does, or one pool of connections. Counting allocates nothing and looks nothing up. */
export class BindMeter {
  readonly #clock: Clock;
  readonly #heldMs = new Float64Array(HOLDS.length);
  readonly #times = new DurationCounts();
  readonly #statuses = new Map<number | null, number>();
  #accepted = 0;
  #refused = 0;
  #throttled = 0;
  #unanswered = 0;
  #inFlightMs = 0;
  #hold: number = HOLD_CODE.down;
  #inFlight = 0;
  #since: number;
  #isUp = false;
  #everUp = false;
  #upOrDownSince: number;
  #reconnects = 0;
  #lastError: { text: string; at: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#upOrDownSince = clock.now();
    this.#since = clock.monotonic();
  }

  /** The link came up. */
  up(): void {
    if (this.#everUp) this.#reconnects++;
    this.#everUp = true;
    this.#upOrDownSince = this.#clock.now();
    this.#isUp = true;
  }

  /** The link went away, or did not come up. @param reason empty when that was wanted */
  down(reason: string): void {
    const now = this.#clock.now();
    if (this.#isUp) this.#upOrDownSince = now;
    this.#isUp = false;
    if (reason !== '') this.#lastError = { text: reason, at: now };
    this.holds('down', 0);
  }

  /** Since when the link is up or is not, wall time in milliseconds; how often it came up again; what went wrong last. */
  get link(): { since: number; reconnects: number; lastError: { text: string; at: number } | null } {
    return { since: this.#upOrDownSince, reconnects: this.#reconnects, lastError: this.#lastError };
  }

  /** What holds the bind from now on, with so many requests in flight. To be said after each write and each answer. */
  holds(hold: Hold, inFlight: number): void {
    this.#settle();
    this.#hold = HOLD_CODE[hold];
    this.#inFlight = inFlight;
  }

  /** A part was answered. @param status what a no is counted under */
  answered(taking: Taking, status: number, tookMs: number): void {
    this.#times.add(tookMs);
    if (taking === 'accepted') {
      this.#accepted++;
      return;
    }
    if (taking === 'throttled') this.#throttled++;
    else this.#refused++;
    const key = this.#statuses.has(status) || this.#statuses.size < MAX_STATUSES ? status : null;
    this.#statuses.set(key, (this.#statuses.get(key) ?? 0) + 1);
  }

  /** A part was not answered. */
  unanswered(): void {
    this.#unanswered++;
  }

  /** Other answers than yes, by their status; null: the rest of them. */
  get statuses(): ReadonlyMap<number | null, number> {
    return this.#statuses;
  }

  read(): MeterReading {
    this.#settle();
    return {
      accepted: this.#accepted,
      refused: this.#refused,
      throttled: this.#throttled,
      unanswered: this.#unanswered,
      heldMs: Object.fromEntries(HOLDS.map((hold, code) => [hold, this.#heldMs[code]!])) as Record<Hold, number>,
      inFlightMs: this.#inFlightMs,
      times: this.#times.copy(),
    };
  }

  #settle(): void {
    const now = this.#clock.monotonic();
    const passed = now - this.#since;
    this.#heldMs[this.#hold]! += passed;
    this.#inFlightMs += passed * this.#inFlight;
    this.#since = now;
  }
}

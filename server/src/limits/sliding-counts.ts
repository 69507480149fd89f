import type { FrequencyWindow } from '../domain/frequency.ts';
import { enlarged, NOBODY, RecipientTable } from './recipient-table.ts';

const INITIAL_ROOM = 1 << 12;
/** An expiry that is due for many messages at once is spread over the calls that follow. */
const EXPIRIES_A_CALL = 64;

/**
 * How many messages each (business, recipient) had within some windows, exact to the millisecond. A log keeps every
 * message of the longest window in the order of time; each window has a place in it before which messages do not count
 * any more. All of it is typed arrays, which the garbage collector does not look into: 20 octets for a recipient, two more
 * a window, and 8 for a message, and as much again at most for what they grow by.
 */
export class SlidingCounts {
  /** By length, the longest last. */
  readonly #windows: readonly FrequencyWindow[];
  readonly #maxMessages: number;
  readonly #onForgotten: (at: number) => void;

  #recipients = new RecipientTable();
  /** One a window for each entry of the table. */
  #counts: Uint16Array<ArrayBuffer>;

  // The log, a ring: `#whose` is an entry, or NOBODY for a message taken back.
  #times = new Uint32Array(INITIAL_ROOM);
  #whose = new Int32Array(INITIAL_ROOM);
  #end = 0;
  /** For each window, the first message that still counts in it. */
  #starts: number[];
  #last = 0;

  /**
   * @param maxMessages kept at most: beyond it the oldest are forgotten although their window has not passed
   * @param onForgotten told of each that is
   */
  constructor(windows: readonly FrequencyWindow[], maxMessages: number, onForgotten: (at: number) => void) {
    this.#onForgotten = onForgotten;
    this.#windows = [...windows].sort((a, b) => a.windowMs - b.windowMs);
    this.#maxMessages = maxMessages;
    this.#counts = new Uint16Array(INITIAL_ROOM * windows.length);
    this.#starts = windows.map(() => 0);
  }

  get #longest(): number {
    return this.#windows.length - 1;
  }

  /**
   * Counts one message unless a window is full.
   * @param at milliseconds; never less than in an earlier call
   */
  take(businessId: number, recipient: number, at: number): boolean {
    this.#advance(at);
    let entry = this.#recipients.find(businessId, recipient);
    if (entry !== NOBODY && this.#isFull(entry)) {
      this.#expire(at, Number.POSITIVE_INFINITY);
      entry = this.#recipients.find(businessId, recipient);
      if (entry !== NOBODY && this.#isFull(entry)) return false;
    }
    this.#count(entry, businessId, recipient, at);
    return true;
  }

  /** Counts one message, full or not. */
  add(businessId: number, recipient: number, at: number): void {
    this.#advance(at);
    const entry = this.#recipients.find(businessId, recipient);
    // Far above any limit: there is nothing to tell apart up there, and the count must not run over.
    if (entry !== NOBODY && this.#counts[(entry + 1) * this.#windows.length - 1]! === 0xffff) return;
    this.#count(entry, businessId, recipient, at);
  }

  /** Takes back the latest `count` messages. */
  undo(count: number): void {
    const first = Math.max(this.#end - count, this.#starts[this.#longest]!);
    for (let place = this.#end - 1; place >= first; place--) this.#void(place);
    this.#dropVoid();
  }

  /** Takes back one message for each of the recipients: the latest that was counted at `at` or before. */
  giveBack(businessId: number, recipients: readonly number[], at: number): void {
    const wanted = new Map<number, number>();
    for (const recipient of recipients) {
      const entry = this.#recipients.find(businessId, recipient);
      if (entry !== NOBODY) wanted.set(entry, (wanted.get(entry) ?? 0) + 1);
    }
    const oldest = this.#starts[this.#longest]!;
    for (let place = this.#endOf(at) - 1; place >= oldest && wanted.size > 0; place--) {
      const entry = this.#whose[place & (this.#whose.length - 1)]!;
      const count = wanted.get(entry);
      if (count === undefined) continue;
      if (count === 1) wanted.delete(entry);
      else wanted.set(entry, count - 1);
      this.#void(place);
    }
    this.#dropVoid();
  }

  #isFull(entry: number): boolean {
    const from = entry * this.#windows.length;
    for (let w = 0; w < this.#windows.length; w++) {
      if (this.#counts[from + w]! >= this.#windows[w]!.limit) return true;
    }
    return false;
  }

  #count(found: number, businessId: number, recipient: number, at: number): void {
    const entry = found === NOBODY ? this.#recipients.open(businessId, recipient) : found;
    const from = entry * this.#windows.length;
    if (from >= this.#counts.length) {
      this.#counts = enlarged(this.#counts, new Uint16Array(Math.ceil(this.#counts.length * 1.5)));
    }
    for (let w = 0; w < this.#windows.length; w++) this.#counts[from + w]!++;
    const messages = this.#end - this.#starts[this.#longest]!;
    if (messages === this.#whose.length) this.#growLog();
    const at32 = this.#end & (this.#whose.length - 1);
    this.#times[at32] = at;
    this.#whose[at32] = entry;
    this.#end++;
    if (messages >= this.#maxMessages) this.#forgetOldest();
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #advance(at: number): void {
    // Times are kept modulo 2^32 ms, 49 days: what is older than every window must not come round again.
    if (at - this.#last >= this.#windows[this.#longest]!.windowMs) this.#clear();
    else this.#expire(at, EXPIRIES_A_CALL);
    this.#last = at;
  }

  #expire(at: number, most: number): void {
    let left = most;
    for (let w = 0; w < this.#windows.length; w++) {
      const { windowMs } = this.#windows[w]!;
      while (this.#starts[w]! < this.#end && this.#age(this.#starts[w]!, at) >= windowMs) {
        if (left-- <= 0) return;
        this.#pass(w);
      }
    }
  }

  #age(place: number, at: number): number {
    return (at - this.#times[place & (this.#times.length - 1)]!) >>> 0;
  }

  /** Takes a window past its first message. */
  #pass(w: number): void {
    const entry = this.#whose[this.#starts[w]! & (this.#whose.length - 1)]!;
    this.#starts[w]!++;
    if (entry !== NOBODY) this.#uncount(entry, w);
  }

  #uncount(entry: number, w: number): void {
    const left = --this.#counts[entry * this.#windows.length + w]!;
    if (left === 0 && w === this.#longest) this.#recipients.close(entry);
  }

  #forgetOldest(): void {
    const oldest = this.#starts[this.#longest]!;
    for (let w = 0; w < this.#windows.length; w++) if (this.#starts[w] === oldest) this.#pass(w);
    this.#onForgotten(this.#last);
  }

  /** The place after the last message counted at `at` or before. */
  #endOf(at: number): number {
    let low = this.#starts[this.#longest]!;
    let high = this.#end;
    const age = Math.max(0, this.#last - at);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#age(middle, this.#last) >= age) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #void(place: number): void {
    const at = place & (this.#whose.length - 1);
    const entry = this.#whose[at]!;
    this.#whose[at] = NOBODY;
    if (entry === NOBODY) return;
    for (let w = 0; w < this.#windows.length; w++) if (this.#starts[w]! <= place) this.#uncount(entry, w);
  }

  /** What was taken back at the end takes no room. */
  #dropVoid(): void {
    const oldest = this.#starts[this.#longest]!;
    while (this.#end > oldest && this.#whose[(this.#end - 1) & (this.#whose.length - 1)] === NOBODY) this.#end--;
    for (let w = 0; w < this.#windows.length; w++) this.#starts[w] = Math.min(this.#starts[w]!, this.#end);
  }

  #growLog(): void {
    const size = this.#whose.length;
    const from = this.#end & (size - 1);
    const grown = <T extends Uint32Array | Int32Array>(old: T, made: T): T => {
      // Unrolled from the oldest on; a place is its number modulo the new size.
      for (const [part, place] of [
        [old.subarray(from), this.#end - size],
        [old.subarray(0, from), this.#end - from],
      ] as const) {
        const to = place & (size * 2 - 1);
        made.set(part, to);
      }
      return made;
    };
    this.#times = grown(this.#times, new Uint32Array(size * 2));
    this.#whose = grown(this.#whose, new Int32Array(size * 2));
  }

  #clear(): void {
    if (this.#end === this.#starts[this.#longest]) return;
    this.#recipients = new RecipientTable();
    this.#counts = new Uint16Array(INITIAL_ROOM * this.#windows.length);
    this.#times = new Uint32Array(INITIAL_ROOM);
    this.#whose = new Int32Array(INITIAL_ROOM);
    this.#starts.fill(this.#end);
  }
}

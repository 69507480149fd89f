/** Sequence numbers run from 1 to this and start over (§3.2). */
export const MAX_SEQUENCE = 0x7fffffff;

/** A request that waits for its response. */
export interface Pending<C> {
  readonly context: C;
  readonly sequence: number;
  /** When it was written, by the session's clock. */
  readonly sentAt: number;
}

const NONE = -1;
const EMPTY = 0;

/**
 * The requests of one session that wait for a response (§2.9): a table indexed by the low bits of the sequence number,
 * threaded by a list in the order of sending. Opening, settling and finding the oldest are O(1), nothing is allocated
 * per request. The table is at least twice the window; a number whose place is still held by an old request is
 * skipped, which §3.2 allows, because numbers must only rise.
 */
export class Window<C> {
  readonly size: number;
  readonly #mask: number;
  readonly #sequences: Int32Array;
  readonly #sentAt: Float64Array;
  readonly #contexts: (C | undefined)[];
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  #oldest = NONE;
  #newest = NONE;
  #used = 0;
  #lastSequence: number;

  /**
   * @param size how many requests may wait at once, 1 to 1,000,000
   * @param firstSequence the number the first request gets
   */
  constructor(size: number, firstSequence = 1) {
    if (!Number.isInteger(size) || size < 1 || size > 1_000_000) {
      throw new RangeError(`a window of ${size} requests is not between 1 and 1,000,000`);
    }
    this.size = size;
    this.#lastSequence = firstSequence - 1;
    const places = 2 ** Math.ceil(Math.log2(size * 2));
    this.#mask = places - 1;
    this.#sequences = new Int32Array(places);
    this.#sentAt = new Float64Array(places);
    this.#contexts = new Array(places).fill(undefined);
    this.#older = new Int32Array(places).fill(NONE);
    this.#newer = new Int32Array(places).fill(NONE);
  }

  /** Requests waiting for a response. */
  get used(): number {
    return this.#used;
  }

  /** Requests that may still be opened. */
  get free(): number {
    return this.size - this.#used;
  }

  /** When the oldest waiting request was sent, or undefined when none waits. */
  get oldestSentAt(): number | undefined {
    return this.#oldest === NONE ? undefined : this.#sentAt[this.#oldest];
  }

  /** The next sequence number, for a request that is not kept here (enquire_link, bind, unbind). */
  nextSequence(): number {
    this.#lastSequence = this.#lastSequence === MAX_SEQUENCE ? 1 : this.#lastSequence + 1;
    return this.#lastSequence;
  }

  /** Opens a place and returns the sequence number it stands for; only while free is above 0. */
  open(context: C, now: number): number {
    if (this.#used >= this.size) throw new RangeError('the window is full');
    let sequence = this.nextSequence();
    while (this.#sequences[sequence & this.#mask] !== EMPTY) sequence = this.nextSequence();
    const place = sequence & this.#mask;
    this.#sequences[place] = sequence;
    this.#sentAt[place] = now;
    this.#contexts[place] = context;
    this.#older[place] = this.#newest;
    this.#newer[place] = NONE;
    if (this.#newest === NONE) this.#oldest = place;
    else this.#newer[this.#newest] = place;
    this.#newest = place;
    this.#used++;
    return sequence;
  }

  /** Whether a request with this sequence number waits. */
  has(sequence: number): boolean {
    return sequence !== EMPTY && this.#sequences[sequence & this.#mask] === sequence;
  }

  /** Closes the place of a sequence number and returns its request, or undefined when none waits under it. */
  settle(sequence: number): Pending<C> | undefined {
    if (!this.has(sequence)) return undefined;
    return this.#close(sequence & this.#mask);
  }

  /** Closes the places of all requests sent at or before a moment, oldest first. */
  expire(sentAtOrBefore: number): Pending<C>[] {
    const expired: Pending<C>[] = [];
    while (this.#oldest !== NONE && this.#sentAt[this.#oldest]! <= sentAtOrBefore) {
      expired.push(this.#close(this.#oldest));
    }
    return expired;
  }

  /** Closes all places, oldest first. */
  drain(): Pending<C>[] {
    return this.expire(Number.POSITIVE_INFINITY);
  }

  #close(place: number): Pending<C> {
    const pending = {
      context: this.#contexts[place] as C,
      sequence: this.#sequences[place]!,
      sentAt: this.#sentAt[place]!,
    };
    const older = this.#older[place]!;
    const newer = this.#newer[place]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    this.#sequences[place] = EMPTY;
    this.#contexts[place] = undefined;
    this.#used--;
    return pending;
  }
}

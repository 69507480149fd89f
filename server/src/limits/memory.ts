import type { FrequencyLimits, FrequencyWindow } from './limits.ts';

/** A window is counted in this many slices; a message is forgotten between `windowMs` and `windowMs` + one slice later. */
const SLICES = 10;
const INITIAL_CAPACITY = 1 << 12;
/** About 44 octets an entry; recipients beyond it are not limited until older ones are forgotten. */
const MAX_CAPACITY = 1 << 21;

/**
 * Frequency counts in typed arrays: open addressing over (business, recipient), a ring of slice counts each. A million
 * recipients take about 90 MB at the usual load, none of it seen by the garbage collector.
 */
export class MemoryFrequencyLimits implements FrequencyLimits {
  readonly #limit: number;
  readonly #sliceMs: number;
  readonly windowMs: number;
  #capacity = INITIAL_CAPACITY;
  #used = 0;
  /** Slice in which entries that have passed were last dropped. */
  #sweptIn = 0;
  #recipients = new Float64Array(INITIAL_CAPACITY);
  #businesses = new Int32Array(INITIAL_CAPACITY);
  /** Number of the latest slice counted in, plus one; 0 marks a free place. */
  #slices = new Float64Array(INITIAL_CAPACITY);
  #counts = new Uint16Array(INITIAL_CAPACITY * SLICES);

  constructor(window: FrequencyWindow) {
    this.#limit = window.limit;
    this.windowMs = window.windowMs;
    this.#sliceMs = Math.ceil(window.windowMs / (SLICES - 1));
  }

  take(businessId: number, recipients: readonly number[], atMs: number): boolean {
    const slice = this.#sliceAt(atMs);
    for (let i = 0; i < recipients.length; i++) {
      if (!this.#count(businessId, recipients[i]!, slice)) {
        for (let j = 0; j < i; j++) this.#uncount(businessId, recipients[j]!, slice);
        return false;
      }
    }
    return true;
  }

  giveBack(businessId: number, recipients: readonly number[], atMs: number): void {
    const slice = this.#sliceAt(atMs);
    for (const recipient of recipients) this.#uncount(businessId, recipient, slice);
  }

  restore(businessId: number, recipient: number, atMs: number): void {
    const place = this.#claim(businessId, recipient, this.#sliceAt(atMs));
    if (place >= 0) this.#counts[place * SLICES + (this.#sliceAt(atMs) % SLICES)]!++;
  }

  #sliceAt(atMs: number): number {
    return Math.floor(atMs / this.#sliceMs) + 1;
  }

  #count(businessId: number, recipient: number, slice: number): boolean {
    const place = this.#claim(businessId, recipient, slice);
    if (place < 0) return true;
    const from = place * SLICES;
    let sum = 0;
    for (let i = 0; i < SLICES; i++) sum += this.#counts[from + i]!;
    if (sum >= this.#limit) return false;
    this.#counts[from + (slice % SLICES)]!++;
    return true;
  }

  #uncount(businessId: number, recipient: number, slice: number): void {
    const place = this.#find(businessId, recipient);
    if (this.#slices[place] === 0 || slice <= this.#slices[place]! - SLICES) return;
    const at = place * SLICES + (slice % SLICES);
    if (this.#counts[at]! > 0) this.#counts[at]!--;
  }

  /** The entry's place with slices older than the window cleared; -1 when the table is full. */
  #claim(businessId: number, recipient: number, slice: number): number {
    let place = this.#find(businessId, recipient);
    if (this.#slices[place] === 0) {
      // A table that may not grow is swept once a slice: nothing more has passed before the next.
      if (this.#used >= this.#capacity * 0.6 && (this.#capacity < MAX_CAPACITY || slice > this.#sweptIn)) {
        this.#rebuild(slice);
        place = this.#find(businessId, recipient);
      }
      if (this.#used >= this.#capacity * 0.9) return -1;
      this.#recipients[place] = recipient;
      this.#businesses[place] = businessId;
      this.#slices[place] = slice;
      this.#used++;
      return place;
    }
    const from = place * SLICES;
    const last = this.#slices[place]!;
    if (slice - last >= SLICES) this.#counts.fill(0, from, from + SLICES);
    else for (let passed = last + 1; passed <= slice; passed++) this.#counts[from + (passed % SLICES)] = 0;
    if (slice > last) this.#slices[place] = slice;
    return place;
  }

  #find(businessId: number, recipient: number): number {
    const mask = this.#capacity - 1;
    const high = Math.floor(recipient / 0x100000000);
    let hash = Math.imul(recipient >>> 0, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(businessId, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let place = hash & mask;
    while (
      this.#slices[place] !== 0 &&
      (this.#recipients[place] !== recipient || this.#businesses[place] !== businessId)
    ) {
      place = (place + 1) & mask;
    }
    return place;
  }

  /** Drops entries whose window has passed; doubles the table when that does not free half of it. */
  #rebuild(slice: number): void {
    this.#sweptIn = slice;
    const old = {
      recipients: this.#recipients,
      businesses: this.#businesses,
      slices: this.#slices,
      counts: this.#counts,
    };
    let live = 0;
    for (const last of old.slices) if (last !== 0 && slice - last < SLICES) live++;
    if (live > this.#capacity * 0.3 && this.#capacity < MAX_CAPACITY) this.#capacity *= 2;
    this.#recipients = new Float64Array(this.#capacity);
    this.#businesses = new Int32Array(this.#capacity);
    this.#slices = new Float64Array(this.#capacity);
    this.#counts = new Uint16Array(this.#capacity * SLICES);
    this.#used = 0;
    for (let i = 0; i < old.slices.length; i++) {
      const last = old.slices[i]!;
      if (last === 0 || slice - last >= SLICES) continue;
      const place = this.#find(old.businesses[i]!, old.recipients[i]!);
      this.#recipients[place] = old.recipients[i]!;
      this.#businesses[place] = old.businesses[i]!;
      this.#slices[place] = last;
      this.#counts.set(old.counts.subarray(i * SLICES, (i + 1) * SLICES), place * SLICES);
      this.#used++;
    }
  }
}

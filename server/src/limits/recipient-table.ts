const INITIAL_ROOM = 1 << 12;
/** Stands for no entry. */
export const NOBODY = -1;

/**
 * Gives each (business, recipient) a small number of its own while it is in the table. Typed arrays, chained; the buckets
 * grow one by one (linear hashing), so that no call waits for the whole table to be built anew.
 */
export class RecipientTable {
  #recipients = new Float64Array(INITIAL_ROOM);
  #businesses = new Int32Array(INITIAL_ROOM);
  /** The next entry of the same bucket, or the next free one. */
  #next = new Int32Array(INITIAL_ROOM);
  #used = 0;
  #free = NOBODY;
  #size = 0;
  #heads = new Int32Array(INITIAL_ROOM).fill(NOBODY);
  #buckets = INITIAL_ROOM;
  /** All buckets but those that have been split go by these bits of the hash; the split ones by one bit more. */
  #mask = INITIAL_ROOM - 1;

  /** The entry's number, or NOBODY. */
  find(businessId: number, recipient: number): number {
    let entry = this.#heads[this.#bucketOf(hash(businessId, recipient))]!;
    while (entry !== NOBODY && (this.#recipients[entry] !== recipient || this.#businesses[entry] !== businessId)) {
      entry = this.#next[entry]!;
    }
    return entry;
  }

  /** Puts in what `find` did not find; numbers of closed entries are given again. */
  open(businessId: number, recipient: number): number {
    if (++this.#size > this.#buckets) this.#split();
    let entry = this.#free;
    if (entry !== NOBODY) this.#free = this.#next[entry]!;
    else {
      entry = this.#used++;
      if (entry === this.#recipients.length) this.#grow();
    }
    const bucket = this.#bucketOf(hash(businessId, recipient));
    this.#recipients[entry] = recipient;
    this.#businesses[entry] = businessId;
    this.#next[entry] = this.#heads[bucket]!;
    this.#heads[bucket] = entry;
    return entry;
  }

  close(entry: number): void {
    const bucket = this.#bucketOf(hash(this.#businesses[entry]!, this.#recipients[entry]!));
    const following = this.#next[entry]!;
    let before = this.#heads[bucket]!;
    if (before === entry) this.#heads[bucket] = following;
    else {
      while (this.#next[before] !== entry) before = this.#next[before]!;
      this.#next[before] = following;
    }
    this.#next[entry] = this.#free;
    this.#free = entry;
    this.#size--;
  }

  #bucketOf(hashed: number): number {
    const wide = hashed & (this.#mask * 2 + 1);
    return wide < this.#buckets ? wide : hashed & this.#mask;
  }

  /** Parts the next bucket in two. */
  #split(): void {
    const added = this.#buckets;
    if (added === this.#heads.length) this.#heads = enlarged(this.#heads, new Int32Array(added * 2));
    const bucket = added - this.#mask - 1;
    let entry = this.#heads[bucket]!;
    this.#heads[bucket] = NOBODY;
    this.#heads[added] = NOBODY;
    this.#buckets++;
    while (entry !== NOBODY) {
      const following = this.#next[entry]!;
      const place = this.#bucketOf(hash(this.#businesses[entry]!, this.#recipients[entry]!));
      this.#next[entry] = this.#heads[place]!;
      this.#heads[place] = entry;
      entry = following;
    }
    if (this.#buckets === (this.#mask + 1) * 2) this.#mask = this.#mask * 2 + 1;
  }

  #grow(): void {
    const room = Math.ceil(this.#recipients.length * 1.5);
    this.#recipients = enlarged(this.#recipients, new Float64Array(room));
    this.#businesses = enlarged(this.#businesses, new Int32Array(room));
    this.#next = enlarged(this.#next, new Int32Array(room));
  }
}

/** The same contents in a longer array. */
export function enlarged<T extends Float64Array | Int32Array | Uint16Array>(old: T, longer: T): T {
  longer.set(old);
  return longer;
}

function hash(businessId: number, recipient: number): number {
  const high = Math.floor(recipient / 0x100000000);
  let mixed = Math.imul(recipient >>> 0, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(businessId, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & 0x3fffffff;
}

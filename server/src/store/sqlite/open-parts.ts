import { randomUint32 } from '../../lib/random.ts';
import type { Awaiting } from '../store.ts';

/** Slots to begin with; they double when they are used up. */
const INITIAL_SLOTS = 1 << 12;
/** Octets of an id that have their place in the columns. Longer ids, and those beyond Latin-1, are kept beside them. */
const ID_OCTETS = 24;
/** In place of an id's length: it is kept beside the columns. */
const ASIDE = 255;
/** Stands for no slot. */
const NONE = -1;

/** Parts that were noted together. */
export class OpenBatch {
  readonly logId: number;
  readonly firstSince: number;
  /** The part that was added last; NONE when none is open. */
  newest = NONE;

  /** @param logId the row of the log that holds them */
  constructor(logId: number, firstSince: number) {
    this.logId = logId;
    this.firstSince = firstSince;
  }

  /** Whether all of them have been taken away. */
  get done(): boolean {
    return this.newest === NONE;
  }
}

/** What names a part. */
export type PartKey = Pick<Awaiting, 'channelId' | 'carrierId' | 'planId' | 'index'>;

/**
 * Open parts of one report each, found by channel and carrier id. Hundreds of thousands may wait for a while, so they are
 * slots of typed arrays, about 90 octets each; as objects they took 450. Slots of one bucket are chained, the newest
 * first; those of one batch are chained both ways, so that either is left at once.
 */
export class OpenParts {
  #plans!: Float64Array;
  #recipients!: Float64Array;
  #since!: Float64Array;
  #indexes!: Int32Array;
  #channels!: Int32Array;
  #hashes!: Int32Array;
  /** The next slot of the bucket, or the next free one. */
  #next!: Int32Array;
  /** Neighbours in the batch. */
  #older!: Int32Array;
  #newer!: Int32Array;
  #idLengths!: Uint8Array;
  #idOctets!: Uint8Array;
  readonly #idsAside = new Map<number, string>();
  #batches!: (OpenBatch | undefined)[];
  /** The newest slot of each bucket; as many as there are slots. */
  #heads!: Int32Array;
  #used = 0;
  #free = NONE;
  #size = 0;
  /** Keeps carriers from choosing ids that fall into one bucket. */
  readonly #seed = randomUint32() | 0;

  constructor() {
    this.clear();
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
    this.#used = 0;
    this.#free = NONE;
    this.#idsAside.clear();
    this.#batches = [];
    this.#plans = new Float64Array(INITIAL_SLOTS);
    this.#recipients = new Float64Array(INITIAL_SLOTS);
    this.#since = new Float64Array(INITIAL_SLOTS);
    this.#indexes = new Int32Array(INITIAL_SLOTS);
    this.#channels = new Int32Array(INITIAL_SLOTS);
    this.#hashes = new Int32Array(INITIAL_SLOTS);
    this.#next = new Int32Array(INITIAL_SLOTS);
    this.#older = new Int32Array(INITIAL_SLOTS);
    this.#newer = new Int32Array(INITIAL_SLOTS);
    this.#idLengths = new Uint8Array(INITIAL_SLOTS);
    this.#idOctets = new Uint8Array(INITIAL_SLOTS * ID_OCTETS);
    this.#heads = new Int32Array(INITIAL_SLOTS).fill(NONE);
  }

  /** Adds a part that is not there. */
  add(row: Awaiting, batch: OpenBatch): void {
    const slot = this.#takeSlot();
    const hash = this.#hashOf(row.channelId, row.carrierId);
    this.#plans[slot] = row.planId;
    this.#recipients[slot] = row.recipient;
    this.#since[slot] = row.since;
    this.#indexes[slot] = row.index;
    this.#channels[slot] = row.channelId;
    this.#hashes[slot] = hash;
    this.#keepId(slot, row.carrierId);
    this.#batches[slot] = batch;
    this.#older[slot] = batch.newest;
    this.#newer[slot] = NONE;
    if (batch.newest !== NONE) this.#newer[batch.newest] = slot;
    batch.newest = slot;
    this.#chain(slot);
    this.#size++;
  }

  /** Takes a part away; false when it is not there. */
  remove({ channelId, carrierId, planId, index }: PartKey): boolean {
    const hash = this.#hashOf(channelId, carrierId);
    for (let slot = this.#heads[this.#bucketOf(hash)]!; slot !== NONE; slot = this.#next[slot]!) {
      if (this.#plans[slot] !== planId || this.#indexes[slot] !== index) continue;
      if (!this.#hasId(slot, hash, channelId, carrierId)) continue;
      this.#giveUp(slot);
      return true;
    }
    return false;
  }

  /** The parts with an id, in the order in which they were added. */
  find(channelId: number, carrierId: string): Awaiting[] {
    const found: Awaiting[] = [];
    const hash = this.#hashOf(channelId, carrierId);
    for (let slot = this.#heads[this.#bucketOf(hash)]!; slot !== NONE; slot = this.#next[slot]!) {
      if (this.#hasId(slot, hash, channelId, carrierId)) found.push(this.#row(slot, carrierId));
    }
    return found.length < 2 ? found : found.reverse();
  }

  /** Takes away what is open of a batch. */
  takeBatch(batch: OpenBatch): Awaiting[] {
    const rows: Awaiting[] = [];
    while (batch.newest !== NONE) {
      const slot = batch.newest;
      rows.push(this.#row(slot, this.#idOf(slot)));
      this.#giveUp(slot);
    }
    return rows;
  }

  #row(slot: number, carrierId: string): Awaiting {
    return {
      channelId: this.#channels[slot]!,
      carrierId,
      planId: this.#plans[slot]!,
      index: this.#indexes[slot]!,
      recipient: this.#recipients[slot]!,
      parts: 1,
      since: this.#since[slot]!,
    };
  }

  #takeSlot(): number {
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.#next[slot]!;
      return slot;
    }
    if (this.#used === this.#plans.length) this.#grow();
    return this.#used++;
  }

  #giveUp(slot: number): void {
    const bucket = this.#bucketOf(this.#hashes[slot]!);
    const following = this.#next[slot]!;
    let before = this.#heads[bucket]!;
    if (before === slot) this.#heads[bucket] = following;
    else {
      while (this.#next[before] !== slot) before = this.#next[before]!;
      this.#next[before] = following;
    }
    const older = this.#older[slot]!;
    const newer = this.#newer[slot]!;
    if (older !== NONE) this.#newer[older] = newer;
    if (newer !== NONE) this.#older[newer] = older;
    else this.#batches[slot]!.newest = older;
    this.#batches[slot] = undefined;
    if (this.#idLengths[slot] === ASIDE) this.#idsAside.delete(slot);
    this.#next[slot] = this.#free;
    this.#free = slot;
    this.#size--;
  }

  #chain(slot: number): void {
    const bucket = this.#bucketOf(this.#hashes[slot]!);
    this.#next[slot] = this.#heads[bucket]!;
    this.#heads[bucket] = slot;
  }

  #keepId(slot: number, id: string): void {
    const at = slot * ID_OCTETS;
    let fits = id.length <= ID_OCTETS;
    for (let i = 0; fits && i < id.length; i++) {
      const code = id.charCodeAt(i);
      fits = code <= 0xff;
      this.#idOctets[at + i] = code;
    }
    this.#idLengths[slot] = fits ? id.length : ASIDE;
    if (!fits) this.#idsAside.set(slot, id);
  }

  #idOf(slot: number): string {
    const length = this.#idLengths[slot]!;
    if (length === ASIDE) return this.#idsAside.get(slot)!;
    const at = slot * ID_OCTETS;
    return String.fromCharCode(...this.#idOctets.subarray(at, at + length));
  }

  #hasId(slot: number, hash: number, channelId: number, id: string): boolean {
    if (this.#hashes[slot] !== hash || this.#channels[slot] !== channelId) return false;
    const length = this.#idLengths[slot]!;
    if (length === ASIDE) return this.#idsAside.get(slot) === id;
    if (length !== id.length) return false;
    const at = slot * ID_OCTETS;
    for (let i = 0; i < length; i++) if (this.#idOctets[at + i] !== id.charCodeAt(i)) return false;
    return true;
  }

  #bucketOf(hash: number): number {
    return hash & (this.#heads.length - 1);
  }

  /** FNV-1a over the id's characters, then mixed, so that its lowest bits depend on all of them. */
  #hashOf(channelId: number, id: string): number {
    let hash = this.#seed ^ Math.imul(channelId, 0x9e3779b1);
    for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    return hash ^ (hash >>> 13);
  }

  #grow(): void {
    const slots = this.#plans.length * 2;
    const doubled = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#plans = doubled(new Float64Array(slots), this.#plans);
    this.#recipients = doubled(new Float64Array(slots), this.#recipients);
    this.#since = doubled(new Float64Array(slots), this.#since);
    this.#indexes = doubled(new Int32Array(slots), this.#indexes);
    this.#channels = doubled(new Int32Array(slots), this.#channels);
    this.#hashes = doubled(new Int32Array(slots), this.#hashes);
    this.#next = doubled(new Int32Array(slots), this.#next);
    this.#older = doubled(new Int32Array(slots), this.#older);
    this.#newer = doubled(new Int32Array(slots), this.#newer);
    this.#idLengths = doubled(new Uint8Array(slots), this.#idLengths);
    this.#idOctets = doubled(new Uint8Array(slots * ID_OCTETS), this.#idOctets);
    this.#rechain(slots);
  }

  /** Puts every slot, all of which are taken, into the bucket it has among more of them; the order in each stays. */
  #rechain(buckets: number): void {
    const before = this.#heads;
    this.#heads = new Int32Array(buckets).fill(NONE);
    const chain: number[] = [];
    for (const head of before) {
      for (let slot = head; slot !== NONE; slot = this.#next[slot]!) chain.push(slot);
      for (let slot = chain.pop(); slot !== undefined; slot = chain.pop()) this.#chain(slot);
    }
  }
}

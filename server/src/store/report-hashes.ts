/** What looking at a batch costs beside its hashes, as a number of hashes. */
const BATCH = 100;
/** Hashes that one question looks through. */
const LOOKED_AT = 1_000_000;
/** Batches of which it does, at most. */
export const BATCHES_LOOKED_AT = LOOKED_AT / BATCH;

/** Goes through the hashes of batches, the same for both stores, until enough were found or it has taken long enough. */
export class HashSearch {
  readonly #wanted: readonly number[];
  readonly #limit: number;
  #left = LOOKED_AT;
  /** Ids of those that have one of the hashes, in the order in which they came. */
  readonly found: number[] = [];
  /** The batch that was looked at last. */
  last: number | null = null;

  constructor(wanted: readonly number[], limit: number) {
    this.#wanted = wanted;
    this.#limit = limit;
  }

  get ended(): boolean {
    return this.found.length >= this.#limit || this.#left <= 0;
  }

  /** @param octets the hashes of a batch, four octets each as this machine writes them */
  look(id: number, octets: Uint8Array): void {
    // A copy, since what a driver hands out need not stand where numbers of four octets may.
    const hashes = new Uint32Array(Uint8Array.from(octets).buffer);
    if (this.#wanted.some((hash) => hashes.includes(hash))) this.found.push(id);
    this.#left -= BATCH + hashes.length;
    this.last = id;
  }
}

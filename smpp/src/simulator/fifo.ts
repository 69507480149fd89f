const COMPACT_ABOVE = 1024;

/** A queue that is taken from in batches, and to which a batch can be given back. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes up to so many from the front. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > COMPACT_ABOVE && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Puts a batch back in front, in its order. */
  giveBack(batch: readonly T[]): void {
    this.#items = [...batch, ...this.#items.slice(this.#head)];
    this.#head = 0;
  }
}

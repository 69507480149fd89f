/**
 * A set of positive integers below 2^53 for files of any length: one typed array with open addressing, at
 * most 32 octets a number where a Set takes about 50 and ends at 16 million.
 */
export class NumberSet {
  #slots = new Float64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(value: number): boolean {
    return this.#slots[this.#slotOf(value)] === value;
  }

  /** Returns false when it was there already. */
  add(value: number): boolean {
    const slot = this.#slotOf(value);
    if (this.#slots[slot] === value) return false;
    this.#slots[slot] = value;
    this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  /** Returns false when it was not there. */
  delete(value: number): boolean {
    const found = this.#slotOf(value);
    if (this.#slots[found] !== value) return false;
    this.#slots[found] = 0;
    this.#size--;
    // What stands behind it in its run moves up where it would not be found any more.
    const mask = this.#slots.length - 1;
    for (let slot = (found + 1) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const moved = this.#slots[slot]!;
      this.#slots[slot] = 0;
      this.#slots[this.#slotOf(moved)] = moved;
    }
    return true;
  }

  /** Where the value is, or would be: the first slot of its run that holds it or is empty (0). */
  #slotOf(value: number): number {
    const mask = this.#slots.length - 1;
    // Fibonacci hashing of both halves: consecutive numbers spread over the table.
    const low = Math.imul((value % 4_294_967_296) | 0, 0x9e3779b1);
    let slot = (low ^ Math.imul((value / 4_294_967_296) | 0, 0x85ebca6b) ^ (low >>> 15)) & mask;
    while (this.#slots[slot] !== 0 && this.#slots[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const value of old) if (value !== 0) this.#slots[this.#slotOf(value)] = value;
  }
}

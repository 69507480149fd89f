/**
 * Remembers a number for a number, until another takes its place. Two typed arrays, which the garbage collector does not
 * look into: to remember costs two writes, where a Map that forgets what is old costs three look-ups.
 */
export class NumberCache {
  readonly #keys: Float64Array;
  readonly #values: Float64Array;
  readonly #mask: number;

  /** @param bits it has 2^bits places, of 16 octets each; a key has one of them */
  constructor(bits: number) {
    const places = 2 ** bits;
    // NaN is no key, and equal to none.
    this.#keys = new Float64Array(places).fill(Number.NaN);
    this.#values = new Float64Array(places);
    this.#mask = places - 1;
  }

  get(key: number): number | undefined {
    const place = this.#placeOf(key);
    return this.#keys[place] === key ? this.#values[place] : undefined;
  }

  /** @param key an integer */
  set(key: number, value: number): void {
    const place = this.#placeOf(key);
    this.#keys[place] = key;
    this.#values[place] = value;
  }

  #placeOf(key: number): number {
    const high = Math.floor(key / 0x100000000);
    const mixed = Math.imul(key >>> 0, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}

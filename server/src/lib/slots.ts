/**
 * Things under way, each under a number of its own. What a Map holds for so short a time outlives it: as entries come and go
 * a Map leaves its table for a new one, and tables that have reached V8's old generation keep alive, until that is
 * collected, whatever stood in them. Requests to send left 1.1 KB each so.
 */
export class Slots<T> {
  #things: (T | undefined)[] = new Array(16).fill(undefined);
  /** The number of what stands in each slot; 0 where nothing does. */
  #numbers = new Float64Array(16);
  #used = 0;
  #last = 0;

  /** Keeps a thing; returns its number: an integer from 1, higher than those before. */
  put(thing: T): number {
    if (this.#used * 2 >= this.#things.length) this.#grow();
    // A slot whose thing has stayed for long is passed by.
    do this.#last++;
    while (this.#numbers[this.#slotOf(this.#last)] !== 0);
    const slot = this.#slotOf(this.#last);
    this.#things[slot] = thing;
    this.#numbers[slot] = this.#last;
    this.#used++;
    return this.#last;
  }

  /** Takes the thing of a number; undefined where there is none. */
  take(number: number): T | undefined {
    const slot = this.#slotOf(number);
    if (number === 0 || this.#numbers[slot] !== number) return undefined;
    const thing = this.#things[slot];
    this.#things[slot] = undefined;
    this.#numbers[slot] = 0;
    this.#used--;
    return thing;
  }

  /** Takes all there is, with its numbers, in their order. */
  takeAll(): [number: number, thing: T][] {
    const numbers = this.#numbers.filter((number) => number !== 0).sort();
    return Array.from(numbers, (number) => [number, this.take(number)!]);
  }

  /** The remainder by a power of two, of numbers that may be above 32 bits too. */
  #slotOf(number: number): number {
    return number % this.#things.length;
  }

  #grow(): void {
    const things = this.#things;
    const numbers = this.#numbers;
    this.#things = new Array(things.length * 2).fill(undefined);
    this.#numbers = new Float64Array(things.length * 2);
    for (let i = 0; i < things.length; i++) {
      const number = numbers[i]!;
      if (number === 0) continue;
      // Those that had different slots have different ones in twice as many.
      this.#things[this.#slotOf(number)] = things[i];
      this.#numbers[this.#slotOf(number)] = number;
    }
  }
}

/** One of those who share, with what it has had. */
export interface Sharer {
  /** Its share beside those of the others, above 0. */
  weight: number;
  /** The virtual time up to which it has been served. */
  tag: number;
  /** When it came to wait, to tell those with the same tag apart. */
  turn: number;
  /** Its place among those who wait; -1 while it does not. */
  place: number;
}

/** Somebody who has had nothing yet. */
export const newSharer = (weight: number): Sharer => ({ weight, tag: 0, turn: 0, place: -1 });

/**
 * Weighted fair queueing by start tags. Each sharer has a tag, the virtual time up to which it has been served; whoever
 * waits with the least is next, and what it is given moves its tag by cost ÷ weight. Over any stretch in which two of
 * them wait all the time, what each was given per weight differs by one turn of each at the most. Virtual time is the
 * tag of whoever was next last: who comes fresh begins there, so nobody saves up for later, and who has had too much at
 * once waits until the others have caught up, also when it went away in between.
 */
export class FairShare<S extends Sharer> {
  /** A binary heap by tag, then turn. */
  readonly #waiting: S[] = [];
  #now = 0;
  #turns = 0;

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Who is next; null when nobody waits. */
  get first(): S | null {
    return this.#waiting[0] ?? null;
  }

  /** Lets somebody wait for a turn, unless it does already. */
  join(sharer: S): void {
    if (sharer.place >= 0) return;
    sharer.tag = Math.max(sharer.tag, this.#now);
    sharer.turn = this.#turns++;
    sharer.place = this.#waiting.length;
    this.#waiting.push(sharer);
    this.#rise(sharer);
  }

  /** Says what was given to whoever was next. */
  served(cost: number): void {
    const sharer = this.#waiting[0]!;
    this.#now = sharer.tag;
    sharer.tag += cost / sharer.weight;
    // Whoever waits alone takes nothing from anybody, so it does not owe it to who comes next.
    if (this.#waiting.length === 1) this.#now = sharer.tag;
    sharer.turn = this.#turns++;
    this.#sink(sharer);
  }

  /** Says what somebody was given out of turn. */
  charge(sharer: S, cost: number): void {
    sharer.tag = Math.max(sharer.tag, this.#now) + cost / sharer.weight;
    if (sharer.place >= 0) this.#sink(sharer);
  }

  /** Takes somebody out who has nothing to wait for any more. */
  leave(sharer: S): void {
    const { place } = sharer;
    if (place < 0) return;
    const last = this.#waiting.pop()!;
    sharer.place = -1;
    if (last === sharer) return;
    last.place = place;
    this.#waiting[place] = last;
    this.#rise(last);
    this.#sink(last);
  }

  /** Whether somebody who does not wait can be forgotten: come fresh, it would begin at the same place. */
  forgettable(sharer: S): boolean {
    return sharer.place < 0 && sharer.tag <= this.#now;
  }

  #before(a: S, b: S): boolean {
    return a.tag < b.tag || (a.tag === b.tag && a.turn < b.turn);
  }

  #rise(sharer: S): void {
    const heap = this.#waiting;
    while (sharer.place > 0) {
      const above = heap[(sharer.place - 1) >> 1]!;
      if (!this.#before(sharer, above)) return;
      this.#swap(sharer, above);
    }
  }

  #sink(sharer: S): void {
    const heap = this.#waiting;
    for (;;) {
      const left = heap[sharer.place * 2 + 1];
      if (left === undefined) return;
      const right = heap[sharer.place * 2 + 2];
      const less = right !== undefined && this.#before(right, left) ? right : left;
      if (!this.#before(less, sharer)) return;
      this.#swap(sharer, less);
    }
  }

  #swap(a: S, b: S): void {
    const { place } = a;
    a.place = b.place;
    b.place = place;
    this.#waiting[a.place] = a;
    this.#waiting[b.place] = b;
  }
}

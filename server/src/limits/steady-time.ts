/** Makes of a wall clock a time that never goes back, and passes as fast as the clock does. */
export class SteadyTime {
  #last = Number.NEGATIVE_INFINITY;
  /** How far it is ahead of the clock: as much as that has gone back so far. */
  #aheadMs = 0;

  /** The time at which the clock says `atMs`, the latest that it has said. */
  pass(atMs: number): number {
    if (atMs < this.#last) this.#aheadMs += this.#last - atMs;
    this.#last = atMs;
    return atMs + this.#aheadMs;
  }

  /** The same for what the clock said before. */
  of(atMs: number): number {
    return atMs + this.#aheadMs;
  }
}

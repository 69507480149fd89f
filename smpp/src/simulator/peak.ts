const SECOND_MS = 1000;

/** The most things that came in any one second, wherever it begins: what a contract for so many a second is judged by. */
export class Peak {
  /** Moments and how many came then, the oldest first; those before `#head` are out of the second. */
  #moments: { at: number; count: number }[] = [];
  #head = 0;
  #inSecond = 0;
  #most = 0;

  /** Takes what came at a moment, never before the last one. */
  add(at: number, count: number): void {
    this.#moments.push({ at, count });
    this.#inSecond += count;
    while (this.#moments[this.#head]!.at <= at - SECOND_MS) this.#inSecond -= this.#moments[this.#head++]!.count;
    if (this.#head > 1024) {
      this.#moments = this.#moments.slice(this.#head);
      this.#head = 0;
    }
    this.#most = Math.max(this.#most, this.#inSecond);
  }

  get most(): number {
    return this.#most;
  }
}

/** The same of moments that were recorded, in any order. */
export function mostInOneSecond(moments: readonly number[]): number {
  const peak = new Peak();
  for (const at of [...moments].sort((a, b) => a - b)) peak.add(at, 1);
  return peak.most;
}

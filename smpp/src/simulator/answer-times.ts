/** How long answers took, in milliseconds, over the latest of them. */
export interface AnswerTimes {
  readonly count: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

const KEPT = 1 << 16;

/** Records how long each submit_sm waited for its response: from its socket read to the write of the answer. */
export class AnswerClock {
  readonly #latest = new Float64Array(KEPT);
  #count = 0;

  record(ms: number): void {
    this.#latest[this.#count++ % KEPT] = ms;
  }

  /** Of the last 65,536 answers; zeros when there was none. */
  get times(): AnswerTimes {
    const sorted = this.#latest.slice(0, Math.min(this.#count, KEPT)).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { count: this.#count, medianMs: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.#count = 0;
  }
}

/** Answers in which noes may stand together by chance, and how many of them. */
const CLOSE = 16;
const CLOSE_NOES = 6;
/** The share of noes is a mean over about so many answers, and as high as this where the speed is why. */
const MEAN_OF = 256;
const SHARE = 0.06;

/**
 * Whether a carrier's noes are about the speed at which it is given parts. A carrier that takes so many a second says no
 * to everything until the next one begins, and one that is given evenly too much says no to that share. Some say no to
 * one part in a hundred, whatever the speed: of those, 6 among 16 answers come once in hundreds of millions, and a mean
 * share of 6 % less often still.
 */
export class Noes {
  /** The last answers, the newest in the lowest bit; a no is a one. */
  #close = 0;
  /** While nothing is known, a no is taken to be about the speed. */
  #share = SHARE;

  /** A no was answered. */
  add(): void {
    this.#close = ((this.#close << 1) | 1) & ((1 << CLOSE) - 1);
    this.#share += (1 - this.#share) / MEAN_OF;
  }

  /** Something else was answered so many times. */
  others(count: number): void {
    this.#close = count < CLOSE ? (this.#close << count) & ((1 << CLOSE) - 1) : 0;
    this.#share *= (1 - 1 / MEAN_OF) ** count;
  }

  /** Less is given from now on. A no that comes soon after is about the speed still; how many there were before is past. */
  heeded(): void {
    this.#share = Math.min(this.#share, SHARE);
  }

  /** Whether there are more than chance would make. */
  get many(): boolean {
    return this.#share >= SHARE || ones(this.#close) >= CLOSE_NOES;
  }
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

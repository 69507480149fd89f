/** First three digits of mainland mobile numbers, all of which a validity check takes. */
const PREFIXES = [
  130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 150, 151, 152, 155, 156, 157, 158, 159, 180, 185, 186,
];
const PER_PREFIX = 100_000_000;
/** Below PREFIXES.length * PER_PREFIX, so that every step stands for another number. */
const STEPS = 2 ** 30;

/** Digits of a number as the generator writes it: national, without a country code. */
export const NATIONAL_DIGITS = 11;

/**
 * Mainland mobile numbers in an order that looks random, none twice within a billion: a full-period linear congruence
 * whose values are spread by steps that can all be undone.
 */
export class NumberSource {
  #state: number;

  constructor(seed: number) {
    this.#state = seed % STEPS;
  }

  /** The next number, 11 digits. */
  next(): number {
    // Hull and Dobell: odd increment, multiplier 1 mod 4, modulus a power of two, so the period is the modulus.
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) & (STEPS - 1);
    let spread = this.#state ^ (this.#state >>> 15);
    spread = Math.imul(spread, 0x2c1b3c6d) & (STEPS - 1);
    spread ^= spread >>> 13;
    spread *= 1.9; // over nearly all prefixes; injective on integers because it is more than 1
    const place = Math.floor(spread);
    return PREFIXES[Math.floor(place / PER_PREFIX)]! * PER_PREFIX + (place % PER_PREFIX);
  }
}

/** What tells a set of numbers from another of the same size, cheaply: the sum of their last eight digits. */
export function checksumOf(number: number): number {
  return number % PER_PREFIX;
}

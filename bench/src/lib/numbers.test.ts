import { describe, expect, it } from 'vitest';
import { NATIONAL_DIGITS, NumberSource } from './numbers.ts';

const take = (seed: number, count: number): number[] => {
  const source = new NumberSource(seed);
  return Array.from({ length: count }, () => source.next());
};

describe('numbers of the load generator', () => {
  it('are mainland mobile numbers, none twice', () => {
    const numbers = take(1, 200_000);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers.slice(0, 1_000)) {
      expect(String(number)).toMatch(/^1(3\d|5[0-25-9]|8[056])\d{8}$/);
      expect(String(number)).toHaveLength(NATIONAL_DIGITS);
    }
  });

  it('are the same for the same seed, and lie all over the range', () => {
    const numbers = take(7, 1_000);
    expect(take(7, 1_000)).toEqual(numbers);
    expect(take(8, 1_000)).not.toEqual(numbers);
    const prefixes = new Set(numbers.map((number) => Math.floor(number / 1e8)));
    expect(prefixes.size).toBeGreaterThan(15);
  });
});

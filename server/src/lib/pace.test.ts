import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('so many may be at once, and the next when the first of them are a second old', () => {
  const pace = new Pace(3);
  expect([pace.free(0, 2), pace.free(0, 10), pace.nextAt]).toEqual([2, 3, Number.NEGATIVE_INFINITY]);
  pace.took(1, 0);
  pace.took(2, 400);
  expect([pace.free(400, 10), pace.nextAt]).toEqual([0, 1_000]);
  expect(pace.free(999, 10)).toBe(0);
  expect([pace.free(1_000, 10), pace.nextAt]).toEqual([1, 1_000]);
  pace.took(1, 1_000);
  expect(pace.nextAt).toBe(1_400);
});

test('time that was lost is not made up for', () => {
  expect(new Pace(3).free(60_000, 100)).toBe(3);
});

test('a second may be a little longer', () => {
  const pace = new Pace(1, 1_003);
  pace.took(1, 0);
  expect([pace.free(1_002, 10), pace.free(1_003, 10)]).toEqual([0, 1]);
});

import { expect, it } from 'vitest';
import { LowestLately } from './lowest-lately.ts';
import { ManualClock } from './manual-clock.ts';

const HOUR_MS = 3_600_000;

it('the lowest value is forgotten after a day', () => {
  const clock = new ManualClock();
  const lowest = new LowestLately(clock);
  expect(lowest.value).toBeNull();
  lowest.add(30);
  lowest.add(20);
  lowest.add(40);
  expect(lowest.value).toBe(20);
  clock.advance(12 * HOUR_MS);
  lowest.add(25);
  expect(lowest.value).toBe(20);
  clock.advance(13 * HOUR_MS);
  expect(lowest.value).toBe(25);
  clock.advance(100 * HOUR_MS);
  expect(lowest.value).toBeNull();
  lowest.add(7);
  expect(lowest.value).toBe(7);
});

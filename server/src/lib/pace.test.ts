import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { Pace } from './pace.ts';

test('so many may be at once, and the next when the first of them are a second old', () => {
  const clock = new ManualClock();
  const pace = new Pace(3, clock);
  expect([pace.free(2), pace.free(10), pace.waitMs()]).toEqual([2, 3, 0]);
  pace.take();
  clock.advance(400);
  pace.take();
  pace.take();
  expect([pace.free(10), pace.waitMs()]).toEqual([0, 600]);
  clock.advance(599);
  expect(pace.free(10)).toBe(0);
  clock.advance(1);
  expect([pace.free(10), pace.waitMs()]).toEqual([1, 0]);
  pace.take();
  expect(pace.waitMs()).toBe(400);
});

test('time that was lost is not made up for', () => {
  const clock = new ManualClock();
  const pace = new Pace(3, clock);
  clock.advance(60_000);
  expect(pace.free(100)).toBe(3);
});

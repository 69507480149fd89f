import { expect, test } from 'vitest';
import { startRefusal } from './plan.ts';

const NOW = 1_700_000_000_999;
const inS = (seconds: number) => Math.floor(NOW / 1_000) * 1_000 + seconds * 1_000;
const DAY_S = 86_400;

test.each([
  [180, true],
  [179, false],
  [0, false],
  [-1, false],
  [30 * DAY_S, true],
  [30 * DAY_S + 1, false],
])('the EngageLab dialect lets a plan start %d s ahead, by the second: %s', (seconds, may) => {
  expect(startRefusal('engagelab', inS(seconds), NOW)).toBe(
    may ? null : 'at least 3 minutes and at most 30 days ahead',
  );
});

test.each([
  [-1_000, true],
  [366 * DAY_S, true],
  [366 * DAY_S + 1, false],
  [Number.MAX_SAFE_INTEGER, false],
])('the native API lets a plan start %d s ahead: %s', (seconds, may) => {
  expect(startRefusal('native', inS(seconds), NOW)).toBe(may ? null : 'at most 366 days ahead');
});

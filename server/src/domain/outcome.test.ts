import { describe, expect, test } from 'vitest';
import { CATEGORIES } from './category.ts';
import { retryDelayMs, uncertainPolicy } from './outcome.ts';

describe('a message whose outcome is unknown', () => {
  test.each([
    ['verification', 0, { decision: 'repeat', afterMs: 0 }],
    ['verification', 1, { decision: 'giveUp' }],
    ['notification', 0, { decision: 'repeat', afterMs: 45_000 }],
    ['notification', 1, { decision: 'giveUp' }],
    ['marketing', 0, { decision: 'giveUp' }],
    ['marketing', 1, { decision: 'giveUp' }],
  ] as const)('of a %s after %i repeats', (category, repeats, policy) => {
    expect(uncertainPolicy(category, repeats, 45_000)).toEqual(policy);
  });

  test('is never repeated without end', () => {
    for (const category of CATEGORIES) expect(uncertainPolicy(category, 2, 0)).toEqual({ decision: 'giveUp' });
  });
});

test('a message refused for now waits from one second, twice as long each time, to one minute', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(retryDelayMs);
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

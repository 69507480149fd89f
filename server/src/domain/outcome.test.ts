import { describe, expect, test } from 'vitest';
import { DEFAULT_REPEAT_AFTER_MS, retryDelayMs, uncertainPolicy } from './outcome.ts';

describe('a message whose outcome is unknown', () => {
  test.each([
    ['verification', 0, { decision: 'repeat', afterMs: 0 }],
    ['verification', 1, { decision: 'giveUp' }],
    ['notification', 0, { decision: 'repeat', afterMs: 60_000 }],
    ['notification', 1, { decision: 'giveUp' }],
    ['marketing', 0, { decision: 'giveUp' }],
    ['marketing', 1, { decision: 'giveUp' }],
  ] as const)('of a %s after %i repeats', (category, repeats, policy) => {
    expect(uncertainPolicy(DEFAULT_REPEAT_AFTER_MS[category], repeats)).toEqual(policy);
  });

  test('is never repeated without end', () => {
    for (const repeats of [1, 2]) expect(uncertainPolicy(0, repeats)).toEqual({ decision: 'giveUp' });
  });
});

test('a message refused for now waits from one second, twice as long each time, to one minute', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(retryDelayMs);
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_REPEAT_AFTER_MS, retryDelayMs, uncertainPolicy } from './outcome.ts';

describe('a message whose outcome is unknown', () => {
  const repeat = (afterMs: number) => ({ decision: 'repeat', afterMs });
  const giveUp = { decision: 'giveUp' };

  test.each([
    ['verification', 0, repeat(0)],
    ['verification', 1, giveUp],
    ['notification', 0, repeat(60_000)],
    ['notification', 1, giveUp],
    ['marketing', 0, giveUp],
    ['marketing', 1, giveUp],
  ] as const)('of a %s that was not answered, after %i repeats', (category, repeats, policy) => {
    expect(uncertainPolicy(DEFAULT_REPEAT_AFTER_MS[category], repeats, null)).toEqual(policy);
  });

  test.each([
    ['verification', 1, repeat(0)],
    ['verification', 2, repeat(0)],
    ['verification', 3, giveUp],
    ['notification', 2, repeat(60_000)],
    ['notification', 3, giveUp],
    ['marketing', 0, giveUp],
  ] as const)('of a %s whose link was lost, after %i repeats of three', (category, repeats, policy) => {
    expect(uncertainPolicy(DEFAULT_REPEAT_AFTER_MS[category], repeats, 3)).toEqual(policy);
  });
});

test('a message refused for now waits from one second, twice as long each time, to one minute', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(retryDelayMs);
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

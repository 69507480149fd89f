import { expect, test } from 'vitest';
import { nextDelayMs } from './backoff.ts';

test('waits double from the shortest to the longest, less up to half by chance', () => {
  for (const [attempt, full] of [
    [0, 250],
    [1, 500],
    [2, 1_000],
    [6, 16_000],
    [7, 30_000],
    [100, 30_000],
    [100_000, 30_000],
  ] as const) {
    const waits = Array.from({ length: 500 }, () => nextDelayMs(attempt, 250, 30_000));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(full / 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(full);
    // They are spread, so that many who lost one carrier do not come back together.
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(full / 4);
    expect(waits.every(Number.isInteger)).toBe(true);
  }
});

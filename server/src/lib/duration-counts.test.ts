import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationCounts } from './duration-counts.ts';

const counted = (...durations: number[]) => {
  const counts = new DurationCounts();
  for (const ms of durations) counts.add(ms);
  return counts;
};

describe('counts of durations', () => {
  it('have percentiles near those of the durations themselves', () => {
    const ms = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 1_600_000, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(ms, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0, 0.5, 0.95, 0.99, 1),
        (all, share) => {
          const sorted = [...all].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(all.length * share)) - 1]!;
          const found = counted(...all).percentile(share)!;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.max(0.051, exact * 0.0626));
        },
      ),
    );
  });

  it('say nothing of nothing', () => {
    expect(counted().percentile(0.5)).toBeNull();
    expect(counted().total).toBe(0);
    expect(counted().sumMs).toBe(0);
  });

  it('count what is negative as 0 and what is endless as the longest', () => {
    expect(counted(-5).percentile(1)).toBe(0);
    expect(counted(Number.POSITIVE_INFINITY, 1e12).percentile(0)).toBeGreaterThan(1_600_000);
  });

  it('can be compared with what they were, and put together', () => {
    const counts = counted(10, 20);
    const before = counts.copy();
    counts.add(500);
    expect(before.total).toBe(2);
    expect(counts.since(before).percentile(1)).toBeCloseTo(500, -2);
    expect(counts.since(before).total).toBe(1);
    expect(before.plus(counts).total).toBe(5);
  });

  it('tell sums and how many were short', () => {
    const counts = counted(1, 1, 100, 1_000);
    expect(counts.notAbove(1)).toBe(2);
    expect(counts.notAbove(200)).toBe(3);
    expect(counts.notAbove(1e9)).toBe(4);
    expect(counts.sumMs).toBeGreaterThan(1_030);
    expect(counts.sumMs).toBeLessThan(1_180);
  });
});

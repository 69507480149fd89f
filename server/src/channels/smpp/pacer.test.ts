import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../lib/manual-clock.ts';
import { Pacer } from './pacer.ts';

/** How many of some sorted moments lie within a second at most, wherever it begins. */
function worstSecond(moments: readonly number[]): number {
  let worst = 0;
  let from = 0;
  for (let to = 0; to < moments.length; to++) {
    while (moments[to]! - moments[from]! >= 1_000) from++;
    worst = Math.max(worst, to - from + 1);
  }
  return worst;
}

/** Lets as much pass as it may for a while; timers are late by what `lateness` says, writes take what `writing` says. */
function run(rate: number, forMs: number, lateness: () => number, writing: () => number = () => 0): number[] {
  const clock = new ManualClock(0);
  const pacer = new Pacer(rate);
  const left: number[] = [];
  const tick = () => {
    const free = pacer.free(clock.now());
    for (let i = 0; i < free; i++) left.push(clock.now());
    if (free > 0) {
      clock.advance(writing());
      pacer.wrote(free, clock.now());
    }
    clock.setTimer(tick, Math.max(5, pacer.nextAt - clock.now()) + lateness());
  };
  tick();
  clock.advance(forMs);
  return left;
}

/** Numbers from a list, over and over. */
const cycle = (values: readonly number[]) => {
  let i = 0;
  return () => values[i++ % values.length]!;
};

const aRate = fc.integer({ min: 1, max: 3_000 });

describe('a pacer', () => {
  it('never lets more pass than its rate in any second, whatever timers and writes do', () => {
    const delays = fc.array(fc.oneof(fc.nat(12), fc.nat(400), fc.nat(3_000)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(aRate, delays, delays, (rate, late, writes) => {
        const left = run(rate, 20_000, cycle(late), cycle(writes));
        expect(worstSecond(left)).toBeLessThanOrEqual(rate);
      }),
      { numRuns: 200 },
    );
  });

  it('lets 98 % of its rate pass under load, though timers are late', () => {
    const late = fc.array(fc.nat(8), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(aRate, late, (rate, lateness) => {
        const seconds = 60;
        const left = run(rate, seconds * 1_000, cycle(lateness));
        // One is let pass at the very beginning.
        expect(left.length - 1).toBeGreaterThanOrEqual(rate * seconds * 0.98 - 1);
      }),
      { numRuns: 100 },
    );
  });

  it('never makes up for lost time', () => {
    const pacer = new Pacer(500);
    const clock = new ManualClock(0);
    const take = () => {
      const free = pacer.free(clock.now());
      pacer.wrote(free, clock.now());
      return free;
    };
    for (let i = 0; i < 400; i++) {
      take();
      clock.advance(5);
    }
    clock.advance(10_000);
    // What is due at once is what a late timer costs, not ten seconds.
    expect(take()).toBeLessThanOrEqual(26);
    let soon = 0;
    for (let i = 0; i < 20; i++) {
      clock.advance(5);
      soon += take();
    }
    expect(soon).toBeLessThanOrEqual(51);
  });

  it('spreads what it lets pass over the second', () => {
    const left = run(1_000, 5_000, () => 0);
    for (let from = 0; from < 5_000; from += 100) {
      const count = left.filter((at) => at >= from && at < from + 100).length;
      expect(count).toBeGreaterThan(40);
      expect(count).toBeLessThan(160);
    }
  });

  it('lets the first pass at once, and says when the next may', () => {
    const pacer = new Pacer(2);
    expect(pacer.free(100)).toBe(1);
    pacer.wrote(1, 100);
    expect(pacer.free(100)).toBe(0);
    expect(pacer.nextAt).toBeGreaterThan(500);
    expect(pacer.free(pacer.nextAt)).toBe(1);
  });
});

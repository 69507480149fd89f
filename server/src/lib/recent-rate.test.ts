import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';
import { RecentRate } from './recent-rate.ts';

describe('a recent rate', () => {
  let clock: ManualClock;
  let rate: RecentRate;
  beforeEach(() => {
    clock = new ManualClock();
    rate = new RecentRate(clock);
  });
  /** Adds so many each 50 ms. */
  const go = (ms: number, each: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      rate.add(each);
    }
  };

  it('is nothing at first', () => {
    expect(rate.perSecond).toBe(0);
    rate.add(1_000);
    expect(rate.perSecond).toBe(0);
  });

  it('comes to what lasts, and goes with it', () => {
    go(8_000, 25);
    expect(rate.perSecond).toBeGreaterThan(490);
    expect(rate.perSecond).toBeLessThan(505);
    clock.advance(1_000);
    expect(rate.perSecond).toBeGreaterThan(230);
    expect(rate.perSecond).toBeLessThan(270);
    clock.advance(60_000);
    expect(rate.perSecond).toBeLessThan(1);
  });

  it('is moved by a burst a little only', () => {
    go(8_000, 25);
    rate.add(500);
    go(300, 25);
    expect(rate.perSecond).toBeLessThan(900);
  });

  it('is the same whether it was looked at in between or not', () => {
    const other = new RecentRate(clock);
    go(1_000, 10);
    for (let i = 0; i < 40; i++) {
      clock.advance(25);
      void other.perSecond;
    }
    expect(other.perSecond).toBe(0);
    expect(rate.perSecond).toBeLessThan(200);
  });
});

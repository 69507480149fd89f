import { describe, expect, test } from 'vitest';
import { isoTime, parseTime, sleep, systemClock } from './clock.ts';
import { ManualClock } from './manual-clock.ts';

describe('times as text', () => {
  test('are RFC 3339, UTC, to the millisecond', () => {
    expect(isoTime(1_767_225_600_007)).toBe('2026-01-01T00:00:00.007Z');
    expect(parseTime('2026-01-01T00:00:00.007Z')).toBe(1_767_225_600_007);
    expect(parseTime('2026-01-01T08:00:00+08:00')).toBe(1_767_225_600_000);
    expect(parseTime('soon')).toBe(null);
    expect(parseTime('Nov 22 2026')).toBe(null);
  });

  test('name days that exist', () => {
    expect(parseTime('2027-02-29T00:00:00Z')).toBe(null);
    expect(parseTime('2027-04-31T08:00:00+08:00')).toBe(null);
    expect(parseTime('2028-02-29T00:30:00+08:00')).toBe(1_835_368_200_000);
  });
});

describe('the clock of the machine', () => {
  test('rises and runs what it is given', async () => {
    const before = systemClock.monotonic();
    await sleep(systemClock, 1);
    expect(systemClock.monotonic()).toBeGreaterThan(before);
    await new Promise<void>((resolve) => systemClock.afterInput(resolve));
  });

  test('forgets a timer that was taken back', async () => {
    const ran: string[] = [];
    systemClock.setTimer(() => ran.push('cancelled'), 1).cancel();
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 20));
    expect(ran).toEqual([]);
  });
});

describe('a clock moved by hand', () => {
  test('runs timers in order, at their times, also those set meanwhile', () => {
    const clock = new ManualClock(1_000);
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.now()]);
    clock.setTimer(note('late'), 30);
    clock.setTimer(() => {
      note('early')();
      clock.setTimer(note('nested'), 10);
    }, 10);
    clock.setTimer(note('never'), 15).cancel();
    clock.setTimer(note('after'), 31);
    clock.advance(30);
    expect(ran).toEqual([
      ['early', 1_010],
      ['nested', 1_020],
      ['late', 1_030],
    ]);
    expect([clock.now(), clock.monotonic()]).toEqual([1_030, 1_030]);
    clock.advance(1);
    expect(ran.at(-1)).toEqual(['after', 1_031]);
  });
});

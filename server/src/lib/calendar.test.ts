import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  dayText,
  localTime,
  parseDay,
  periodStarts,
  QUARTER_MS,
  startOfDay,
  timeOfClock,
} from './calendar.ts';

const utc = (text: string): number => Date.parse(text);

describe('days', () => {
  test.each([
    ['UTC', 20_261_130, '2026-11-30T00:00:00Z'],
    ['Asia/Shanghai', 20_261_130, '2026-11-29T16:00:00Z'],
    ['Asia/Kolkata', 20_261_130, '2026-11-29T18:30:00Z'],
    ['Asia/Kathmandu', 20_261_130, '2026-11-29T18:15:00Z'],
    ['Pacific/Chatham', 20_261_130, '2026-11-29T10:15:00Z'],
    ['America/New_York', 20_260_308, '2026-03-08T05:00:00Z'],
    ['Pacific/Kiritimati', 20_260_101, '2025-12-31T10:00:00Z'],
    // Clocks are put forward at midnight: the day begins at one.
    ['Africa/Cairo', 20_260_424, '2026-04-23T22:00:00Z'],
  ])('in %s, %i begins at %s', (zone, day, start) => {
    expect(new Date(startOfDay(zone, day)).toISOString()).toBe(new Date(utc(start)).toISOString());
  });

  test('are read, written and counted', () => {
    expect([parseDay('2026-11-30'), parseDay('2026-02-30'), parseDay('2026-1-1'), parseDay('x')]).toEqual([
      20_261_130,
      null,
      null,
      null,
    ]);
    expect(dayText(20_260_105)).toBe('2026-01-05');
    expect([
      addDays(20_261_231, 1),
      addDays(20_280_228, 1),
      addMonths(20_261_215, 1),
      addMonths(20_260_115, -1),
    ]).toEqual([20_270_101, 20_280_229, 20_270_101, 20_251_201]);
  });
});

test.each([
  ['2026-11-01T08:30:00+05:45', '2026-11-01T02:45:00Z'],
  ['2026-11-01T08:30:00z', '2026-11-01T08:30:00Z'],
  ['2026-11-01 08:30:00', '2026-11-01T00:30:00Z'],
  ['2026/11/01 08:30', '2026-11-01T00:30:00Z'],
  ['20261101083000', '2026-11-01T00:30:00Z'],
  ['1793500200', '2026-11-01T02:30:00Z'],
  ['1793500200000', '2026-11-01T02:30:00Z'],
])('%s in a list from Shanghai is %s', (text, time) => {
  expect(timeOfClock('Asia/Shanghai', text)).toBe(utc(time));
});

test('what is no time is none, and a time beside a change of the clocks is the right one', () => {
  for (const text of ['', 'yesterday', '2026-02-30 08:00:00', '2026-11-01 25:00:00', '12']) {
    expect(timeOfClock('UTC', text)).toBe(null);
  }
  expect(timeOfClock('America/New_York', '2026-03-08 01:59:00')).toBe(utc('2026-03-08T06:59:00Z'));
  expect(timeOfClock('America/New_York', '2026-03-08 03:01:00')).toBe(utc('2026-03-08T07:01:00Z'));
});

describe('periods', () => {
  const zones = [
    'UTC',
    'Asia/Kathmandu',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Cairo',
    'America/St_Johns',
  ];

  test('of any kind, in any zone, begin where its clocks say, and leave nothing out', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom('hour', 'day', 'month'),
        fc.integer({ min: utc('2026-01-01T00:00:00Z') / QUARTER_MS, max: utc('2026-12-01T00:00:00Z') / QUARTER_MS }),
        fc.integer({ min: 1, max: 400 }),
        (zone, by, quarter, length) => {
          const from = quarter * QUARTER_MS;
          const starts = periodStarts(by, zone, from, from + length * QUARTER_MS, 10_000);
          expect(starts[0]).toBe(from);
          const named = (at: number) => {
            const { day, hour } = localTime(zone, at);
            return by === 'hour' ? `${day} ${hour}` : by === 'day' ? day : Math.floor(day / 100);
          };
          for (const [i, start] of starts.entries()) {
            const end = starts[i + 1] ?? from + length * QUARTER_MS;
            for (let at = start; at < end; at += QUARTER_MS) expect(named(at)).toBe(named(start));
            // Clocks that are put back show an hour twice: each is a period.
            if (i > 0 && by !== 'hour') expect(named(start)).not.toBe(named(starts[i - 1]!));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('an hour that comes twice is two periods, and a day has 25', () => {
    const from = startOfDay('America/New_York', 20_261_101);
    const starts = periodStarts('hour', 'America/New_York', from, startOfDay('America/New_York', 20_261_102), 100);
    expect(starts.map((at) => localTime('America/New_York', at).hour)).toEqual([
      0,
      1,
      ...Array.from({ length: 23 }, (_, hour) => hour + 1),
    ]);
  });

  test('no more than the limit', () => {
    expect(periodStarts('hour', 'UTC', 0, 100 * 3_600_000, 5)).toHaveLength(5);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beganQuiet, isQuiet, parseQuietHours, Rests, restsUntil, writeQuietHours } from './quiet-hours.ts';
import { minuteOfDay } from './zones.ts';

const NIGHT = parseQuietHours('21:00-08:00')!;
const MINUTE = 60_000;
const CHINA = 8_613_800_138_000;

describe('quiet hours', () => {
  test.each(['21:00-08:00', '00:00-06:30', '12:05-14:10'])('%s are read and written', (text) => {
    expect(writeQuietHours(parseQuietHours(text)!)).toBe(text);
  });

  test.each(['', 'off', '8:00-9:00', '21:00', '24:00-08:00', '21:60-08:00', '08:00-08:00', '21:00-08:00 '])(
    '%j name none',
    (text) => {
      expect(parseQuietHours(text)).toBe(null);
    },
  );

  test('go over midnight, or not', () => {
    const quietAt = (text: string, time: string) => {
      const [hour, minute] = time.split(':').map(Number) as [number, number];
      return isQuiet(parseQuietHours(text)!, hour * 60 + minute);
    };
    for (const time of ['21:00', '23:59', '00:00', '07:59']) expect(quietAt('21:00-08:00', time)).toBe(true);
    for (const time of ['08:00', '12:00', '20:59']) expect(quietAt('21:00-08:00', time)).toBe(false);
    for (const time of ['12:00', '13:59']) expect(quietAt('12:00-14:00', time)).toBe(true);
    for (const time of ['11:59', '14:00', '00:00']) expect(quietAt('12:00-14:00', time)).toBe(false);
  });

  test('began between two moments when they last at the second only', () => {
    const at = (hour: number, minute = 0) => Date.UTC(2026, 0, 15, hour, minute);
    expect(beganQuiet(NIGHT, 'UTC', at(20), at(21))).toBe(true);
    expect(beganQuiet(NIGHT, 'UTC', at(21), at(22))).toBe(false);
    expect(beganQuiet(NIGHT, 'UTC', at(19), at(20))).toBe(false);
    expect(beganQuiet(NIGHT, 'Asia/Shanghai', at(12), at(13, 30))).toBe(true);
  });
});

describe('a recipient rests', () => {
  const utc = (text: string) => Date.parse(`${text}Z`);

  test('until it is not quiet any more', () => {
    expect(restsUntil(NIGHT, ['Asia/Shanghai'], utc('2026-01-15T12:59'))).toBe(null);
    expect(restsUntil(NIGHT, ['Asia/Shanghai'], utc('2026-01-15T13:00'))).toBe(utc('2026-01-16T00:00'));
    expect(restsUntil(NIGHT, ['Asia/Shanghai'], utc('2026-01-15T23:59:59.999'))).toBe(utc('2026-01-16T00:00'));
    expect(restsUntil(NIGHT, ['Asia/Shanghai'], utc('2026-01-16T00:00'))).toBe(null);
  });

  test('while it is quiet in any of its zones', () => {
    const zones = ['America/New_York', 'America/Los_Angeles'];
    // Nine in the morning in New York, six in Los Angeles.
    expect(restsUntil(NIGHT, zones, utc('2026-01-15T14:00'))).toBe(utc('2026-01-15T16:00'));
    // Nine in the evening in New York, six in Los Angeles.
    expect(restsUntil(NIGHT, zones, utc('2026-01-16T02:00'))).toBe(utc('2026-01-16T16:00'));
  });

  test('an hour less or more when the clocks are changed in between', () => {
    // New York: forward on 8 March 2026, back on 1 November 2026, at two in the morning.
    expect(restsUntil(NIGHT, ['America/New_York'], utc('2026-03-08T02:00'))).toBe(utc('2026-03-08T12:00'));
    expect(restsUntil(NIGHT, ['America/New_York'], utc('2026-11-01T01:00'))).toBe(utc('2026-11-01T13:00'));
  });

  test('to the end of a gap that swallows the end of the quiet hours, and once where they end twice', () => {
    const early = parseQuietHours('22:00-02:30')!;
    expect(restsUntil(early, ['America/New_York'], utc('2026-03-08T06:00'))).toBe(utc('2026-03-08T07:00'));
    const back = restsUntil(parseQuietHours('22:00-01:30')!, ['America/New_York'], utc('2026-11-01T04:00'));
    expect(back).toBe(utc('2026-11-01T05:30'));
  });

  test('for ever where there is no moment that suits all its zones', () => {
    const day = parseQuietHours('18:00-10:00')!;
    expect(restsUntil(day, ['Asia/Shanghai', 'America/New_York'], utc('2026-01-15T12:00'))).toBe(Infinity);
    expect(new Rests(NIGHT).until(881_612_345_678, utc('2026-01-15T12:00'))).toBe(Infinity);
  });

  const zone = fc.constantFrom(
    'UTC',
    'Asia/Shanghai',
    'Asia/Kathmandu',
    'Europe/Berlin',
    'America/New_York',
    'America/Sao_Paulo',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'America/St_Johns',
    'Pacific/Apia',
  );
  const minute = fc.integer({ min: 0, max: 1_439 });
  const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2030, 0, 1) });

  test('until the first minute at which it is quiet nowhere, whatever the zones do to their clocks', () => {
    fc.assert(
      fc.property(
        fc.tuple(minute, minute),
        fc.uniqueArray(zone, { minLength: 1, maxLength: 3 }),
        moment,
        (ends, zones, at) => {
          const hours = { from: ends[0], to: ends[1] };
          fc.pre(hours.from !== hours.to);
          const quiet = (time: number) => zones.some((each) => isQuiet(hours, minuteOfDay(each, time)));
          const until = restsUntil(hours, zones, at);
          expect(quiet(at)).toBe(until !== null);
          if (until === null || until === Infinity) return;
          expect(until).toBeGreaterThan(at);
          expect(quiet(until)).toBe(false);
          expect(quiet(until - MINUTE)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('the same whether it was asked for before or not', () => {
    const rests = new Rests(NIGHT);
    fc.assert(
      fc.property(
        fc.constantFrom(CHINA, 12_125_550_123, 79_161_234_567),
        moment,
        fc.integer({ min: -90, max: 90 }),
        (recipient, at, minutes) => {
          for (const time of [at, at + minutes * MINUTE]) {
            expect(rests.until(recipient, time)).toBe(new Rests(NIGHT).until(recipient, time));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

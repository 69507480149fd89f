import { expect, test } from 'vitest';
import { localTime } from './local-time.ts';

test.each([
  ['2026-11-23T15:30:00Z', 'UTC', '2026-11-23T15:30:00+00:00'],
  ['2026-11-23T17:30:59.999Z', 'Asia/Shanghai', '2026-11-24T01:30:59+08:00'],
  ['2026-07-01T00:00:00Z', 'America/New_York', '2026-06-30T20:00:00-04:00'],
  ['2026-12-01T00:00:00Z', 'America/New_York', '2026-11-30T19:00:00-05:00'],
  ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01T05:45:00+05:45'],
  ['2026-01-01T00:00:00Z', 'America/St_Johns', '2025-12-31T20:30:00-03:30'],
])('%s in %s is %s', (utc, zone, local) => {
  const ms = Date.parse(utc);
  expect(localTime(ms, zone)).toBe(local);
  expect(Date.parse(localTime(ms, zone))).toBe(Math.floor(ms / 1_000) * 1_000);
});

test('an hour that comes twice is told apart by its offset', () => {
  const first = Date.parse('2026-10-25T00:30:00Z');
  expect(localTime(first, 'Europe/Berlin')).toBe('2026-10-25T02:30:00+02:00');
  expect(localTime(first + 3_600_000, 'Europe/Berlin')).toBe('2026-10-25T02:30:00+01:00');
});

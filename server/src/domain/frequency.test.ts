import { describe, expect, test } from 'vitest';
import {
  DAY_MS,
  HOUR_MS,
  longWindows,
  NO_FREQUENCY_POLICY,
  parseFrequency,
  shortWindows,
  writeFrequency,
} from './frequency.ts';

describe('frequency windows as they are written', () => {
  test.each([
    ['off', []],
    ['20/600s', [{ limit: 20, windowMs: 600_000 }]],
    [
      '1/1m 5/1h 10/1d',
      [
        { limit: 1, windowMs: 60_000 },
        { limit: 5, windowMs: HOUR_MS },
        { limit: 10, windowMs: DAY_MS },
      ],
    ],
    ['10000/30d', [{ limit: 10_000, windowMs: 30 * DAY_MS }]],
    ['3/7200s', [{ limit: 3, windowMs: 2 * HOUR_MS }]],
  ])('%s', (text, windows) => {
    expect(parseFrequency(text)).toEqual(windows);
    expect(parseFrequency(writeFrequency(windows))).toEqual(windows);
  });

  test('are written in the largest unit that says them whole', () => {
    expect(writeFrequency(parseFrequency('1/60s 20/600s 5/3600s 10/24h')!)).toBe('1/1m 20/10m 5/1h 10/1d');
    expect(writeFrequency(parseFrequency('7/90s 9/36h')!)).toBe('7/90s 9/36h');
    expect(writeFrequency([])).toBe('off');
  });

  test.each([
    '',
    ' ',
    'on',
    'OFF',
    '20',
    '20/600',
    '0/600s',
    '20/0s',
    '-1/1m',
    '1.5/1m',
    '10001/1m',
    '1/31d',
    '1/1w',
    '1/1M',
    '1/1m  5/1h',
    ' 1/1m',
    '1/1m,5/1h',
    '1/61m',
    '1/3601s',
    '1/1m 2/60s',
    '1/1m off',
    '1/1s 1/2s 1/3s 1/4s 1/5s',
    '01/1m',
    '1/9999999d',
  ])('not as %j', (text) => {
    expect(parseFrequency(text)).toBe(null);
  });
});

describe('a policy', () => {
  const policy = {
    ...NO_FREQUENCY_POLICY,
    all: parseFrequency('20/10m 100/1d')!,
    of: { ...NO_FREQUENCY_POLICY.of, verification: parseFrequency('1/1m 5/1h 10/1d')! },
  };

  test('parts what is counted to the millisecond from what is counted in hours', () => {
    expect(shortWindows(policy)).toEqual({
      all: parseFrequency('20/10m'),
      of: { ...NO_FREQUENCY_POLICY.of, verification: parseFrequency('1/1m 5/1h') },
    });
    const ofAll = { category: null, windows: parseFrequency('100/1d') };
    expect(longWindows(policy)).toEqual({
      verification: [ofAll, { category: 'verification', windows: parseFrequency('10/1d') }],
      notification: [ofAll],
      marketing: [ofAll],
    });
    expect(longWindows(shortWindows(policy))).toEqual({ verification: [], notification: [], marketing: [] });
  });
});

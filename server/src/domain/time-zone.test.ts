import { expect, test } from 'vitest';
import { DEFAULT_TIME_ZONE, isTimeZone } from './time-zone.ts';

test.each([DEFAULT_TIME_ZONE, 'Asia/Shanghai', 'America/Argentina/Buenos_Aires', 'Etc/GMT+8', 'Europe/London'])(
  '%s is a time zone',
  (name) => expect(isTimeZone(name)).toBe(true),
);

test.each(['', ' UTC', '+08:00', 'Asia/Atlantis', 'Asia/Shanghai\0', '../etc', 'x'.repeat(100), '8'])(
  '%j is none',
  (name) => expect(isTimeZone(name)).toBe(false),
);

import metadata from 'libphonenumber-js/mobile/metadata';
import { describe, expect, test } from 'vitest';
import { ZONES_OF_COUNTRIES, ZONES_OF_PREFIXES } from './zone-table.ts';
import { minuteOfDay, zonesOf } from './zones.ts';

describe('the zones of a number', () => {
  test.each([
    ['China, which has one time', 8_613_800_138_000, ['Asia/Shanghai']],
    ['a small country', 4_917_612_345_678, ['Europe/Berlin']],
    ['an island with the calling code of another', 447_781_123_456, ['Europe/Guernsey']],
    ['New York', 12_125_550_123, ['America/New_York']],
    ['Honolulu', 18_085_550_123, ['Pacific/Honolulu']],
    ['an area code that lies in two zones', 18_505_550_123, ['America/New_York', 'America/Chicago']],
    ['Toronto', 14_165_550_123, ['America/Toronto']],
    ['Manaus', 5_592_991_234_567, ['America/Manaus']],
  ])('in %s', (_where, recipient, zones) => {
    expect(zonesOf(recipient)).toEqual(zones);
  });

  test('are all of the country where more is not known, and all of the world where not even that is', () => {
    expect(zonesOf(79_161_234_567)).toContain('Europe/Kaliningrad');
    expect(zonesOf(79_161_234_567)).toContain('Asia/Kamchatka');
    expect(zonesOf(77_011_234_567)).toEqual(['Asia/Almaty']);
    // A satellite telephone.
    expect(zonesOf(881_612_345_678).length).toBeGreaterThan(200);
  });

  test('are the same list for the same zones', () => {
    expect(zonesOf(12_125_550_123)).toBe(zonesOf(13_055_550_123));
  });
});

describe('the tables', () => {
  const rows = ZONES_OF_COUNTRIES.trim().split(/,\s*/);

  test('have every country whose numbers can be read, once', () => {
    const countries = rows.map((row) => row.slice(0, 2));
    expect(countries.toSorted()).toEqual(Object.keys(metadata.countries).toSorted());
  });

  test('name zones this runtime knows', () => {
    const zones = [
      ...rows.flatMap((row) => row.slice(3).split(' ')),
      ...ZONES_OF_PREFIXES.flatMap(([, , z]) => z.split(' ')),
    ];
    for (const zone of new Set(zones)) {
      const minute = minuteOfDay(zone, 0);
      expect(Number.isInteger(minute) && minute >= 0 && minute < 1_440).toBe(true);
    }
  });

  test('name each area once, all of a calling code with as many digits', () => {
    const areas = ZONES_OF_PREFIXES.flatMap(([code, list]) => list.split(/\s+/).map((area) => `${code} ${area}`));
    expect(new Set(areas).size).toBe(areas.length);
    for (const area of areas) expect(area).toMatch(/^(?:1 [2-9]\d\d|55 [1-9][1-9])$/);
  });
});

test('the minute of the day is that on the clocks of the zone', () => {
  const noon = Date.UTC(2026, 0, 15, 12, 34);
  expect(minuteOfDay('UTC', noon)).toBe(12 * 60 + 34);
  expect(minuteOfDay('Asia/Shanghai', noon)).toBe(20 * 60 + 34);
  expect(minuteOfDay('Asia/Kathmandu', noon)).toBe(18 * 60 + 19);
  expect(minuteOfDay('America/New_York', Date.UTC(2026, 6, 15, 4, 0))).toBe(0);
});

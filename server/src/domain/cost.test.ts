import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microsText, parseMicros } from './cost.ts';

test('amounts are read and written exactly', () => {
  expect([parseMicros('0.0315'), parseMicros('12'), parseMicros('0.000001')]).toEqual([31_500, 12_000_000, 1]);
  expect([microsText(31_500), microsText(12_000_000), microsText(1), microsText(-1_500_000)]).toEqual([
    '0.0315',
    '12',
    '0.000001',
    '-1.5',
  ]);
  const amount = fc.integer({ min: 0, max: 999_999_999_999_999 });
  fc.assert(
    fc.property(amount, (micros) => {
      expect(parseMicros(microsText(micros))).toBe(micros);
    }),
  );
});

test.each(['', '.5', '1.', '-1', '1e3', '0.1234567', '1,5', ' 1', '1000000000'])('%j is no amount', (text) => {
  expect(parseMicros(text)).toBe(null);
});

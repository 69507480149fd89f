import { describe, expect, test } from 'vitest';
import { EXACT, type IdFormat, mayBeSame, plainId, tellsApart, waysToWrite, writtenBy } from './carrier-id.ts';

const ways = (id: string, format: IdFormat = 'auto') => [...waysToWrite(id, format)];

describe('the id of a report', () => {
  test.each([
    // [in the report, in the answer, the base that is found]
    ['1311768467463790320', '123456789abcdef0', 'hex'],
    ['1311768467463790320', '123456789ABCDEF0', 'hex'],
    ['78187493520', '0000001234567890', 'hex'],
    ['123456789abcdef0', '1311768467463790320', 'decimal'],
    ['123456789ABCDEF0', '1311768467463790320', 'decimal'],
    ['1234567890', '00000000078187493520', 'decimal'],
    ['ABCDEF12', 'abcdef12', 'digits'],
    ['0000012345', '12345', 'digits'],
    ['12345', '00000000000000012345', 'digits'],
  ])('%s may have been %s in the answer', (inReport, inAnswer, base) => {
    const way = ways(inReport).find(({ id, form }) => id === inAnswer && form.base === base);
    expect(way).toBeDefined();
    // What was found turns the next id of its kind, too.
    expect(writtenBy(inReport, way!.form)).toContain(inAnswer);
    expect(mayBeSame(inReport, inAnswer)).toBe(true);
  });

  test('with zeros in front that a number lost on its way through another base is found', () => {
    const { form } = ways('1311768467463790320').find(({ id }) => id === '123456789abcdef0')!;
    expect(writtenBy(String(0x00ff), form)).toEqual(['00000000000000ff', 'ff']);
  });

  test('that is no number stays as it is', () => {
    for (const id of ['4f8e7c2a-1b2c-4d3e-9f00-aabbccddeeff', 'msg:77', '', 'x'.repeat(65)]) {
      expect(ways(id)).toEqual([]);
      expect(writtenBy(id, { base: 'hex', upper: false, length: 16 })).toEqual([id]);
      expect(plainId(id)).toBe(id);
    }
  });

  test('is looked for as the channel says', () => {
    expect(ways('12', 'same')).toEqual([]);
    expect(new Set(ways('12', 'hex_to_decimal').map(({ form }) => form.base))).toEqual(new Set(['hex']));
    expect(new Set(ways('12', 'decimal_to_hex').map(({ form }) => form.base))).toEqual(new Set(['decimal']));
    expect(ways('zz', 'decimal_to_hex')).toEqual([]);
    expect(writtenBy('12', EXACT)).toEqual(['12']);
  });

  test('is looked for in a bounded number of ways', () => {
    for (const id of ['1', '0', '9'.repeat(40), 'f'.repeat(40)]) expect(ways(id).length).toBeLessThan(120);
  });

  test('shows nothing when it would be the same in every base', () => {
    expect(['7', '0', '000'].map(tellsApart)).toEqual([false, false, false]);
    expect(['10', 'abcd', 'a-b', '0012'].map(tellsApart)).toEqual([true, true, true, true]);
  });

  test('is not taken for another', () => {
    expect(mayBeSame('12345', '12346')).toBe(false);
    expect(mayBeSame('a-1', 'A-1')).toBe(false);
  });
});

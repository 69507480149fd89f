import { describe, expect, it } from 'vitest';
import { defaultAlphabet, ESCAPE, extensionTable } from './alphabet.ts';
import { decodeGsm7, encodeGsm7 } from './gsm7.ts';
import { type NationalTable, nationalLanguageIdentifiers, nationalTables, singleShiftTables } from './national.ts';

/**
 * Annex A.2 written a second time, as code points by code, so that a look-alike letter or a composed accent in the tables
 * cannot pass unnoticed.
 */
const codePoints: Record<NationalTable, Record<number, number>> = {
  turkish: { 71: 0x11e, 73: 0x130, 83: 0x15e, 99: 0xe7, 103: 0x11f, 105: 0x131, 115: 0x15f },
  spanish: { 9: 0xe7, 65: 0xc1, 73: 0xcd, 79: 0xd3, 85: 0xda, 97: 0xe1, 105: 0xed, 111: 0xf3, 117: 0xfa },
  portuguese: {
    ...{ 5: 0xea, 9: 0xe7, 11: 0xd4, 12: 0xf4, 14: 0xc1, 15: 0xe1 },
    ...{ 18: 0x3a6, 19: 0x393, 21: 0x3a9, 22: 0x3a0, 23: 0x3a8, 24: 0x3a3, 25: 0x398, 31: 0xca },
    ...{ 65: 0xc0, 73: 0xcd, 79: 0xd3, 85: 0xda, 91: 0xc3, 92: 0xd5 },
    ...{ 97: 0xc2, 105: 0xed, 111: 0xf3, 117: 0xfa, 123: 0xe3, 124: 0xf5, 127: 0xe2 },
  },
};
const extensionCodePoints = {
  ...{ 10: 0x0c, 20: 0x5e, 40: 0x7b, 41: 0x7d, 47: 0x5c },
  ...{ 60: 0x5b, 61: 0x7e, 62: 0x5d, 64: 0x7c, 101: 0x20ac },
};

it('names the languages by their identifiers', () => {
  expect(nationalLanguageIdentifiers).toEqual({ turkish: 1, spanish: 2, portuguese: 3 });
  expect(nationalTables.map((national) => nationalLanguageIdentifiers[national])).toEqual([1, 2, 3]);
});

describe.each(nationalTables)('%s single shift table', (national) => {
  const entries = Object.entries(singleShiftTables[national]).map(([code, character]) => ({
    code: Number(code),
    character,
  }));

  it('assigns the code points of annex A.2', () => {
    const assigned = Object.fromEntries(
      entries.map(({ code, character }) => [code, [...character].map((one) => one.codePointAt(0))]),
    );
    const expected = { ...extensionCodePoints, ...codePoints[national] };
    expect(assigned).toEqual(Object.fromEntries(Object.entries(expected).map(([code, point]) => [code, [point]])));
  });

  it('repeats the extension table and leaves the reserved codes empty', () => {
    expect(singleShiftTables[national]).toMatchObject(extensionTable);
    expect(singleShiftTables[national]).not.toHaveProperty([0x0d]);
    expect(singleShiftTables[national]).not.toHaveProperty([ESCAPE]);
  });

  it('round-trips every entry', () => {
    for (const { code, character } of entries) {
      expect(decodeGsm7(Uint8Array.of(ESCAPE, code), national)).toBe(character);
      expect(decodeGsm7(encodeGsm7(character, national), national)).toBe(character);
    }
  });

  it('escapes only what the default alphabet lacks', () => {
    for (const { code, character } of entries) {
      const plain = defaultAlphabet.indexOf(character);
      expect(encodeGsm7(character, national)).toEqual(
        plain === -1 ? Uint8Array.of(ESCAPE, code) : Uint8Array.of(plain),
      );
    }
  });
});

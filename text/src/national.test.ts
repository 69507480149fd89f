import { describe, expect, it } from 'vitest';
import { defaultAlphabet, ESCAPE, extensionTable } from './alphabet.ts';
import { decodeGsm7, encodeGsm7 } from './gsm7.ts';
import {
  alphabetOf,
  type LockingTable,
  lockingShiftTables,
  lockingTables,
  type NationalTable,
  nationalLanguageIdentifiers,
  nationalTables,
  singleShiftTables,
} from './national.ts';

/**
 * Annex A.2 written a second time, for the languages of Europe, as code points by code, so that a look-alike letter or a
 * composed accent in the tables cannot pass unnoticed.
 */
const codePoints: Partial<Record<NationalTable, Record<number, number>>> = {
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
  expect(nationalTables.map((national) => nationalLanguageIdentifiers[national])).toEqual(
    Array.from({ length: 13 }, (_, i) => i + 1),
  );
  expect(nationalLanguageIdentifiers).toMatchObject({ turkish: 1, portuguese: 3, bengali: 4, malayalam: 8, urdu: 13 });
  expect(lockingTables).toEqual(nationalTables.filter((table) => table !== 'spanish'));
});

it.each(Object.keys(codePoints) as NationalTable[])('%s assigns the code points of annex A.2', (national) => {
  const assigned = Object.entries(singleShiftTables[national]).map(([code, character]) => [
    code,
    [...character].map((one) => one.codePointAt(0)),
  ]);
  const expected = { ...extensionCodePoints, ...codePoints[national] };
  expect(Object.fromEntries(assigned)).toEqual(
    Object.fromEntries(Object.entries(expected).map(([code, point]) => [code, [point]])),
  );
});

describe.each(nationalTables)('%s single shift table', (national) => {
  const entries = Object.entries(singleShiftTables[national]).map(([code, character]) => ({
    code: Number(code),
    character,
  }));

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

/**
 * Annex A.3 written a second time, for the languages of Europe: what each locking shift table has where the default alphabet
 * has something else.
 */
const lockingCodePoints: Partial<Record<LockingTable, Record<number, number>>> = {
  turkish: { 4: 0x20ac, 7: 0x131, 11: 0x11e, 12: 0x11f, 28: 0x15e, 29: 0x15f, 64: 0x130, 96: 0xe7 },
  portuguese: {
    ...{ 4: 0xea, 6: 0xfa, 7: 0xed, 8: 0xf3, 9: 0xe7, 11: 0xd4, 12: 0xf4, 14: 0xc1, 15: 0xe1 },
    ...{ 18: 0xaa, 19: 0xc7, 20: 0xc0, 21: 0x221e, 22: 0x5e, 23: 0x5c, 24: 0x20ac, 25: 0xd3, 26: 0x7c },
    ...{ 28: 0xc2, 29: 0xe2, 30: 0xca, 36: 0xba, 64: 0xcd, 91: 0xc3, 92: 0xd5, 93: 0xda, 96: 0x7e },
    ...{ 123: 0xe3, 124: 0xf5, 125: 0x60 },
  },
};

it.each(Object.keys(lockingCodePoints) as LockingTable[])(
  '%s differs from the default alphabet by the code points of annex A.3',
  (locking) => {
    const table = lockingShiftTables[locking];
    const differing = [...Array(128).keys()].filter((code) => table[code] !== defaultAlphabet[code]);
    expect(Object.fromEntries(differing.map((code) => [code, table.codePointAt(code)]))).toEqual(
      lockingCodePoints[locking],
    );
  },
);

describe.each(lockingTables)('%s locking shift table', (locking) => {
  const table = lockingShiftTables[locking];

  it('holds 128 positions, no character but the space of empty cells twice, the escape where it was', () => {
    expect(table).toHaveLength(128);
    const letters = [...table].filter((character) => character !== ' ');
    expect(new Set(letters).size).toBe(letters.length);
    expect(table.charCodeAt(ESCAPE)).toBe(ESCAPE);
  });

  it('round-trips every character as one septet, under every single shift table', () => {
    for (const national of [null, ...nationalTables]) {
      for (let code = 0; code < 128; code++) {
        if (code === ESCAPE) continue;
        if (table[code] === ' ') expect(decodeGsm7(Uint8Array.of(code), national, locking)).toBe(' ');
        if (table[code] === ' ' && code !== 0x20) continue;
        expect(encodeGsm7(table.charAt(code), national, locking)).toEqual(Uint8Array.of(code));
        expect(decodeGsm7(Uint8Array.of(code), national, locking)).toBe(table.charAt(code));
      }
    }
  });

  it('refuses a character of the default alphabet that it drops', () => {
    expect(() => encodeGsm7('¡', null, locking)).toThrow(RangeError);
    expect(() => encodeGsm7('¿', null, locking)).toThrow(RangeError);
  });

  it('leads an escape to the extension table, or to the single shift table that is named', () => {
    expect(encodeGsm7('{', null, locking)).toEqual(Uint8Array.of(ESCAPE, 40));
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 40), null, locking)).toBe('{');
    expect(encodeGsm7('Á', 'spanish', 'turkish')).toEqual(Uint8Array.of(ESCAPE, 65));
    expect(encodeGsm7('Φ', 'portuguese', 'portuguese')).toEqual(Uint8Array.of(ESCAPE, 18));
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 18), 'portuguese', 'portuguese')).toBe('Φ');
  });

  it('is what an empty escaped code shows', () => {
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 4), null, locking)).toBe(alphabetOf(locking).charAt(4));
  });
});

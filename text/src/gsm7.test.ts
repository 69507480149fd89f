import { describe, expect, it } from 'vitest';
import { defaultAlphabet, ESCAPE, extensionTable } from './alphabet.ts';
import { decodeGsm7, encodeGsm7 } from './gsm7.ts';
import { nationalTables } from './national.ts';

describe('default alphabet', () => {
  it('holds 128 positions, no character twice', () => {
    expect(defaultAlphabet).toHaveLength(128);
    expect(new Set(defaultAlphabet).size).toBe(128);
  });

  it.each([
    ['@', 0x00],
    ['Ç', 0x09],
    ['\n', 0x0a],
    ['\r', 0x0d],
    ['Δ', 0x10],
    ['_', 0x11],
    ['Φ', 0x12],
    ['Γ', 0x13],
    ['Λ', 0x14],
    ['Ω', 0x15],
    ['Π', 0x16],
    ['Ψ', 0x17],
    ['Σ', 0x18],
    ['Θ', 0x19],
    ['Ξ', 0x1a],
    ['É', 0x1f],
    [' ', 0x20],
    ['¤', 0x24],
    ['?', 0x3f],
    ['¡', 0x40],
    ['A', 0x41],
    ['§', 0x5f],
    ['¿', 0x60],
    ['z', 0x7a],
    ['à', 0x7f],
  ])('writes %j as %i', (character, code) => {
    expect(encodeGsm7(character)).toEqual(Uint8Array.of(code));
  });

  it('round-trips every character as one septet', () => {
    for (let code = 0; code < 128; code++) {
      if (code === ESCAPE) continue;
      const character = defaultAlphabet.charAt(code);
      expect(encodeGsm7(character)).toEqual(Uint8Array.of(code));
      expect(decodeGsm7(Uint8Array.of(code))).toBe(character);
    }
  });

  it('is the same under every national table', () => {
    const text = defaultAlphabet.replace('\u001b', '');
    for (const national of nationalTables) {
      expect(encodeGsm7(text, national)).toEqual(encodeGsm7(text));
      expect(decodeGsm7(encodeGsm7(text), national)).toBe(text);
    }
  });
});

describe('extension table', () => {
  it.each([
    ['\f', 0x0a],
    ['^', 0x14],
    ['{', 0x28],
    ['}', 0x29],
    ['\\', 0x2f],
    ['[', 0x3c],
    ['~', 0x3d],
    [']', 0x3e],
    ['|', 0x40],
    ['€', 0x65],
  ])('writes %j as the escape and %i, and reads it back', (character, code) => {
    expect(encodeGsm7(character)).toEqual(Uint8Array.of(ESCAPE, code));
    expect(decodeGsm7(Uint8Array.of(ESCAPE, code))).toBe(character);
  });

  it('holds nothing else', () => {
    expect(Object.keys(extensionTable)).toHaveLength(10);
  });
});

describe('encodeGsm7', () => {
  it.each(['ç', '\u001b', '`', '\u00a0', '你', '\u{1f600}', '\ud800'])(
    'refuses %j and tells where it is',
    (character) => {
      expect(() => encodeGsm7(`ab${character}`)).toThrow(
        new RangeError('character at index 2 is not in the GSM 7 bit tables'),
      );
    },
  );

  it('writes nothing for an empty text', () => {
    expect(encodeGsm7('')).toEqual(new Uint8Array(0));
  });
});

describe('decodeGsm7', () => {
  it('shows the default character where the extension table is empty', () => {
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 0x41, 0x42))).toBe('AB');
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 0x0d))).toBe('\r');
  });

  it('shows a national character under its table only', () => {
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 0x53), 'turkish')).toBe('Ş');
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 0x53))).toBe('S');
    expect(decodeGsm7(Uint8Array.of(ESCAPE, 0x53), 'spanish')).toBe('S');
  });

  it('shows an escaped escape as one space', () => {
    expect(decodeGsm7(Uint8Array.of(0x41, ESCAPE, ESCAPE, 0x65))).toBe('A e');
  });

  it('shows an escape at the end as a space', () => {
    expect(decodeGsm7(Uint8Array.of(0x41, ESCAPE))).toBe('A ');
  });

  it('ignores the eighth bit', () => {
    expect(decodeGsm7(Uint8Array.of(0xc1, 0x9b, 0xe5))).toBe('A€');
  });
});

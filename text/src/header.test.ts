import { describe, expect, it } from 'vitest';
import { MAX_PARTS, userDataHeader, userDataHeaderOctets } from './header.ts';

const part = { reference: 0xa7, total: 3, index: 2 };

describe('userDataHeader', () => {
  it('is empty for a single segment without a national table', () => {
    expect(userDataHeader(null, null)).toEqual(new Uint8Array(0));
  });

  it('numbers a part with an 8-bit reference', () => {
    expect(userDataHeader(part, null)).toEqual(Uint8Array.of(0x05, 0x00, 0x03, 0xa7, 3, 2));
  });

  it('names the national table of a single segment', () => {
    expect(userDataHeader(null, 'turkish')).toEqual(Uint8Array.of(0x03, 0x24, 0x01, 1));
    expect(userDataHeader(null, 'spanish')).toEqual(Uint8Array.of(0x03, 0x24, 0x01, 2));
    expect(userDataHeader(null, 'portuguese')).toEqual(Uint8Array.of(0x03, 0x24, 0x01, 3));
  });

  it('does both for a part of a national text', () => {
    expect(userDataHeader(part, 'spanish')).toEqual(Uint8Array.of(0x08, 0x00, 0x03, 0xa7, 3, 2, 0x24, 0x01, 2));
  });

  it('is as long as the limits reckon', () => {
    for (const which of [null, part]) {
      for (const national of [null, 'turkish'] as const) {
        expect(userDataHeader(which, national)).toHaveLength(userDataHeaderOctets(which !== null, national !== null));
      }
    }
  });

  it('accepts the ends of every range', () => {
    expect(userDataHeader({ reference: 0, total: 1, index: 1 }, null).slice(3)).toEqual(Uint8Array.of(0, 1, 1));
    expect(userDataHeader({ reference: 255, total: MAX_PARTS, index: MAX_PARTS }, null).slice(3)).toEqual(
      Uint8Array.of(255, 255, 255),
    );
  });

  it.each([
    { reference: -1 },
    { reference: 256 },
    { reference: 1.5 },
    { reference: Number.NaN },
    { total: 0, index: 1 },
    { total: 256 },
    { index: 0 },
    { index: 4 },
  ])('refuses %j', (wrong) => {
    expect(() => userDataHeader({ ...part, ...wrong }, null)).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PARTS, readUserDataHeader, userDataHeader, userDataHeaderOctets } from './header.ts';
import { lockingTables, nationalTables } from './national.ts';

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

  it('names a locking shift table, alone and behind a single shift table', () => {
    expect(userDataHeader(null, null, 'turkish')).toEqual(Uint8Array.of(0x03, 0x25, 0x01, 1));
    expect(userDataHeader(null, 'spanish', 'portuguese')).toEqual(Uint8Array.of(0x06, 0x24, 0x01, 2, 0x25, 0x01, 3));
    expect(userDataHeader(part, 'turkish', 'turkish')).toEqual(
      Uint8Array.of(0x0b, 0x00, 0x03, 0xa7, 3, 2, 0x24, 0x01, 1, 0x25, 0x01, 1),
    );
  });

  it('is as long as the limits reckon', () => {
    for (const which of [null, part]) {
      for (const national of [null, 'turkish'] as const) {
        for (const locking of [null, 'turkish'] as const) {
          const tables = [national, locking].filter((table) => table !== null).length;
          expect(userDataHeader(which, national, locking)).toHaveLength(userDataHeaderOctets(which !== null, tables));
        }
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

describe('readUserDataHeader', () => {
  const nothing = { part: null, national: null, locking: null };

  it('reads every header that is written, and tells where the text begins', () => {
    const table = <Table>(tables: readonly Table[]) => fc.option(fc.constantFrom(...tables));
    const anyPart = fc
      .record({ reference: fc.nat(255), total: fc.integer({ min: 1, max: 255 }), index: fc.nat(254) })
      .map(({ reference, total, index }) => ({ reference, total, index: (index % total) + 1 }));
    fc.assert(
      fc.property(
        fc.option(anyPart),
        table(nationalTables),
        table(lockingTables),
        fc.uint8Array({ maxLength: 20 }),
        (which, national, locking, text) => {
          const header = userDataHeader(which, national, locking);
          if (header.length === 0) return;
          const read = readUserDataHeader(Uint8Array.of(...header, ...text));
          expect(read).toEqual({ octets: header.length, part: which, national, locking });
        },
      ),
    );
  });

  it('reads a 16-bit reference', () => {
    expect(readUserDataHeader(Uint8Array.of(0x06, 0x08, 0x04, 0x12, 0x34, 3, 2, 0x41))).toEqual({
      ...nothing,
      octets: 7,
      part: { reference: 0x1234, total: 3, index: 2 },
    });
  });

  it('passes over elements it does not know, and takes the last of those that are repeated', () => {
    const ports = [0x05, 0x04, 0x0b, 0x84, 0x23, 0xf0];
    expect(readUserDataHeader(Uint8Array.of(0x0c, ...ports, 0x24, 0x01, 1, 0x24, 0x01, 3))).toEqual({
      ...nothing,
      octets: 13,
      national: 'portuguese',
    });
  });

  it.each([
    ['no octets', [], 0],
    ['an empty header', [0x00, 0x41], 1],
    ['a header longer than the data', [0x20, 0x00, 0x03], 3],
    ['an element longer than the header', [0x03, 0x00, 0x03, 1, 2, 1], 4],
    ['an element of a wrong length', [0x04, 0x00, 0x02, 1, 2], 5],
    ['part 0', [0x05, 0x00, 0x03, 1, 2, 0], 6],
    ['part 3 of 2', [0x05, 0x00, 0x03, 1, 2, 3], 6],
    ['an identifier without its length', [0x01, 0x00], 2],
    ['a language without a table', [0x03, 0x25, 0x01, 2], 4],
  ])('finds nothing in %s', (_what, octets, begins) => {
    expect(readUserDataHeader(Uint8Array.from(octets))).toEqual({ ...nothing, octets: begins });
  });

  it('never throws, and never points behind the data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        expect(readUserDataHeader(octets).octets).toBeLessThanOrEqual(octets.length);
      }),
    );
  });
});

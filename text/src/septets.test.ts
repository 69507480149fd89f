import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeGsm7 } from './gsm7.ts';
import { packSeptets, unpackSeptets } from './septets.ts';

const hex = (octets: Uint8Array) => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');

describe('packSeptets', () => {
  it.each([
    ['', ''],
    ['1', '31'],
    ['hello', 'e8329bfd06'],
    ['hellohello', 'e8329bfd4697d9ec37'],
    // Eight septets fill seven octets to the last bit.
    ['@@@@@@@à', '000000000000fe'],
  ])('packs %j', (text, packed) => {
    expect(hex(packSeptets(encodeGsm7(text)))).toBe(packed);
  });

  it.each([
    // 6 octets are 48 bits, one short of 7 septets.
    { headerOctets: 6, packed: 'd06536fb0d' },
    // 4 octets are 32 bits, three short of 5 septets.
    { headerOctets: 4, packed: '4097d9ec37' },
    // 9 octets are 72 bits, five short of 11 septets.
    { headerOctets: 9, packed: '005d66b3df' },
    // 7 octets are 8 septets: no fill bits.
    { headerOctets: 7, packed: 'e8329bfd06' },
  ])('begins a septet boundary behind a header of $headerOctets octets', ({ headerOctets, packed }) => {
    expect(hex(packSeptets(encodeGsm7('hello'), headerOctets))).toBe(packed);
  });
});

describe('unpackSeptets', () => {
  it('tells seven septets from eight in seven octets by the count', () => {
    const packed = packSeptets(encodeGsm7('1234567'));
    expect(packed).toHaveLength(7);
    expect(unpackSeptets(packed, 7)).toEqual(encodeGsm7('1234567'));
    expect(unpackSeptets(packed, 8)).toEqual(encodeGsm7('1234567@'));
  });

  it('refuses octets that hold fewer septets', () => {
    expect(() => unpackSeptets(new Uint8Array(7), 9)).toThrow(new RangeError('fewer octets than the septets need'));
    expect(() => unpackSeptets(new Uint8Array(7), 8, 6)).toThrow(RangeError);
  });
});

it('unpacks what was packed, behind any header, in as few octets as hold it', () => {
  const septets = fc.uint8Array({ max: 0x7f, maxLength: 170 });
  fc.assert(
    fc.property(septets, fc.integer({ min: 0, max: 140 }), (plain, headerOctets) => {
      const packed = packSeptets(plain, headerOctets);
      expect(unpackSeptets(packed, plain.length, headerOctets)).toEqual(plain);
      const septetsBefore = Math.ceil((8 * headerOctets) / 7);
      expect(headerOctets + packed.length).toBe(Math.ceil((7 * (septetsBefore + plain.length)) / 8));
    }),
  );
});

import { expect, it } from 'vitest';
import { decodeLatin1, encodeLatin1 } from './latin1.ts';

it('reads every octet back as it was written', () => {
  const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  expect(encodeLatin1(decodeLatin1(octets))).toEqual(octets);
  expect(decodeLatin1(Uint8Array.of(0x41, 0xe7, 0xff))).toBe('Açÿ');
});

it.each(['€', 'ş', '你', '\u{1f600}'])('refuses %j and tells where it is', (character) => {
  expect(() => encodeLatin1(`ab${character}`)).toThrow(new RangeError('character at index 2 is not in ISO 8859-1'));
});

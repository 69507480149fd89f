import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalOctets, KeyedHash, randomOctets, randomSecret, randomUint32 } from './random.ts';

test('a keyed hash is HMAC-SHA-256', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ unit: 'binary' }), (key, text) => {
      expect(new KeyedHash(key).of(text)).toBe(createHmac('sha256', key).update(text).digest('base64'));
    }),
  );
});

test('a key longer than a block is refused', () => {
  expect(() => new KeyedHash(new Uint8Array(65))).toThrow(RangeError);
});

test('random octets are as many as asked for and do not repeat, also over the end of the pool', () => {
  const drawn = Array.from({ length: 2_000 }, () => randomOctets(16));
  expect(drawn.every((octets) => octets.length === 16)).toBe(true);
  expect(new Set(drawn.map((octets) => octets.toString('hex'))).size).toBe(drawn.length);
});

test('secrets have the bits asked for, numbers 32', () => {
  expect(Buffer.from(randomSecret(144), 'base64url')).toHaveLength(18);
  const numbers = Array.from({ length: 200 }, randomUint32);
  expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 2 ** 32)).toBe(true);
  expect(Math.max(...numbers)).toBeGreaterThan(2 ** 31);
});

test('octets are equal only when all of them are', () => {
  expect(equalOctets(Buffer.from('abc'), Buffer.from('abc'))).toBe(true);
  expect(equalOctets(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
  expect(equalOctets(Buffer.from('abc'), Buffer.from('abcd'))).toBe(false);
});

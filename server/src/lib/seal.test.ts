import { describe, expect, test } from 'vitest';
import { Seal } from './seal.ts';

const seal = new Seal(new Uint8Array(32).fill(7));

describe('a sealed number', () => {
  test.each([0, 1, 8_613_800_138_000, Number.MAX_SAFE_INTEGER])('%i comes back', (value) => {
    const text = seal.close(value);
    expect(seal.open(text)).toBe(value);
    expect(text).toMatch(/^[\w-]{48}$/);
    expect(seal.close(value)).not.toBe(text);
  });

  test('cannot be changed, nor opened with another key', () => {
    const text = seal.close(42);
    const octets = Buffer.from(text, 'base64url');
    for (let i = 0; i < octets.length; i++) {
      const changed = Buffer.from(octets);
      changed[i]! ^= 1;
      expect(seal.open(changed.toString('base64url'))).toBe(null);
    }
    expect(new Seal(new Uint8Array(32).fill(8)).open(text)).toBe(null);
  });

  test.each(['', 'x', 'a'.repeat(48), 'a'.repeat(100)])('is not %j', (text) => {
    expect(seal.open(text)).toBe(null);
  });
});

import { describe, expect, test } from 'vitest';
import { base32, hotp, matchTotp, otpauthUrl, totpStep } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890', 'ascii');

describe('codes', () => {
  test.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [5, '254676'],
    [6, '287922'],
    [7, '162583'],
    [8, '399871'],
    [9, '520489'],
  ])('of counter %i are those of RFC 4226, appendix D', (counter, code) => {
    expect(hotp(SECRET, counter)).toBe(code);
  });

  test.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %i s are those of RFC 6238, appendix B', (seconds, code) => {
    expect(hotp(SECRET, totpStep(seconds * 1_000), 8)).toBe(code);
  });
});

describe('a code that is given', () => {
  const now = 1_234_567_890_000;
  const step = totpStep(now);

  test.each([
    [-2, null],
    [-1, step - 1],
    [0, step],
    [1, step + 1],
    [2, null],
  ])('of %i steps from now is of step %j', (away, found) => {
    expect(matchTotp(SECRET, hotp(SECRET, step + away), now, 0)).toBe(found);
  });

  test('fits once, and none before it fits any more', () => {
    expect(matchTotp(SECRET, hotp(SECRET, step), now, step)).toBe(null);
    expect(matchTotp(SECRET, hotp(SECRET, step - 1), now, step)).toBe(null);
    expect(matchTotp(SECRET, hotp(SECRET, step + 1), now, step)).toBe(step + 1);
  });

  test.each(['', '00000', '0000000', 'abcdef', ' 89005924'])('fits nothing when it is %j', (code) => {
    expect(matchTotp(SECRET, code, now, 0)).toBe(null);
  });
});

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%j in base32 is that of RFC 4648, section 10, without padding', (text, coded) => {
  expect(base32(Buffer.from(text))).toBe(coded);
});

test('the address of a secret carries everything an app needs', () => {
  const url = new URL(otpauthUrl('Signet', 'a@b+c', SECRET));
  expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual(['otpauth:', 'totp', '/Signet:a@b+c']);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    issuer: 'Signet',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

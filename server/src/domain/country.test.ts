import { expect, test } from 'vitest';
import { readCountryCodes } from './country.ts';
import { callingCodeOf } from './recipient.ts';

test.each([
  ['CN', 'CN'],
  ['cn,us', 'CN,US'],
  [' CN , Us ', 'CN,US'],
  ['CN,cn,HK,CN', 'CN,HK'],
  ['AQ,XK,TW', 'AQ,XK,TW'],
])('%j names %j', (text, codes) => {
  expect(readCountryCodes(text)).toBe(codes);
});

test.each([
  '',
  ' ',
  ',',
  'CN,',
  ',CN',
  'CN,,US',
  'CN US',
  'CN;US',
  'CHN',
  'C',
  'ZZ',
  'UK',
  'EU',
  'XX',
  '86',
  'ﬀ',
  'CN，US',
])('%j names no countries', (text) => {
  expect(readCountryCodes(text)).toBe(null);
});

test('every country whose numbers can be read can be named', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const readable = letters.flatMap((a) => letters.map((b) => a + b)).filter((code) => callingCodeOf(code) !== null);
  // Ascension and Tristan da Cunha are numbered apart and belong to SH.
  expect(readable.filter((code) => readCountryCodes(code) === null)).toEqual(['AC', 'TA']);
});

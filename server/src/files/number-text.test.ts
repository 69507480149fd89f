import { expect, test } from 'vitest';
import { digitsOf, isRounded, looksLikeNumber } from './number-text.ts';

test.each([
  ['13800138000', '13800138000'],
  ['+8613800138000', '+8613800138000'],
  ["'+86 138-0013-8000", '+8613800138000'],
  ['(+86) 138.0013.8000', '+8613800138000'],
  ['１３８００１３８０００', '13800138000'],
  ['＋８６１３８００１３８０００', '+8613800138000'],
  ['13800138000.0', '13800138000'],
  ['\u202d13800138000\u202c', '13800138000'],
  ['\ufeff138\u00a00013\u200b8000', '13800138000'],
  ['138–0013—8000', '13800138000'],
  ['138001380x', '138001380x'],
  ['13800138000, 13800138001', '13800138000,13800138001'],
])('the digits of %j', (cell, digits) => {
  expect(digitsOf(cell)).toBe(digits);
});

test.each(['8.61380013E+12', '8,61380013E+12', '8.6138E12', '1e11'])('%s has lost digits', (cell) => {
  expect(isRounded(cell)).toBe(true);
  expect(looksLikeNumber(cell)).toBe(true);
});

test.each(['name', '手机号', '1234', 'A12345', ''])('%j is no number to call', (cell) => {
  expect(looksLikeNumber(cell)).toBe(false);
});

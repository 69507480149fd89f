import { expect, test } from 'vitest';
import { maskNumber } from './log.ts';

test('numbers in the log show where they are from and their last two digits', () => {
  expect(maskNumber(8_613_800_138_000)).toBe('+8613***00');
  expect(maskNumber('+44 7700 900123')).toBe('+4477***23');
  expect(maskNumber('123456')).toBe('***');
  expect(maskNumber('')).toBe('***');
});

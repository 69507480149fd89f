import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 26, 12, 0, 0);

test.each([
  [undefined, 0],
  ['3', 3_000],
  ['0', 0],
  ['9999999', 60_000],
  ['Thu, 26 Nov 2026 12:00:05 GMT', 5_000],
  ['Thu, 26 Nov 2026 11:59:00 GMT', 0],
  ['soon', 0],
  ['-1', 0],
])('%s is %i ms', (header, ms) => {
  expect(retryAfterMs(header, NOW, 60_000)).toBe(ms);
});

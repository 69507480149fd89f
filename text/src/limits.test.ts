import { expect, it } from 'vitest';
import { segmentLimits } from './limits.ts';
import { nationalTables } from './national.ts';

it('gives 160 and 153 septets under the default alphabet', () => {
  expect(segmentLimits('gsm7')).toEqual({ single: 160, part: 153 });
});

it('gives 155 and 149 septets under a national table', () => {
  for (const national of nationalTables) expect(segmentLimits('gsm7', national)).toEqual({ single: 155, part: 149 });
});

it('gives 70 and 67 units of UCS-2', () => {
  expect(segmentLimits('ucs2')).toEqual({ single: 70, part: 67 });
});

import { expect, it } from 'vitest';
import { segmentLimits } from './limits.ts';
import { lockingTables, nationalTables } from './national.ts';

it('gives 160 and 153 septets under the default alphabet', () => {
  expect(segmentLimits('gsm7')).toEqual({ single: 160, part: 153 });
});

it('gives 155 and 149 septets under a national table', () => {
  for (const national of nationalTables) expect(segmentLimits('gsm7', national)).toEqual({ single: 155, part: 149 });
});

it('gives 155 and 149 septets under a locking shift table, 152 and 146 under both', () => {
  for (const locking of lockingTables) {
    expect(segmentLimits('gsm7', null, locking)).toEqual({ single: 155, part: 149 });
    for (const national of nationalTables) {
      expect(segmentLimits('gsm7', national, locking)).toEqual({ single: 152, part: 146 });
    }
  }
});

it('gives 140 and 134 octets of ISO 8859-1', () => {
  expect(segmentLimits('latin1')).toEqual({ single: 140, part: 134 });
});

it('gives 70 and 67 units of UCS-2', () => {
  expect(segmentLimits('ucs2')).toEqual({ single: 70, part: 67 });
});

import { countParts } from './boundary.ts';
import { chooseEncoding, type SegmentOptions } from './choice.ts';

/**
 * The number of segments `segmentText` would cut the text into, without cutting it. A text that fits one segment is read
 * once. Beyond 255, where `segmentText` refuses, the true number is still told.
 */
export function countSegments(text: string, options?: SegmentOptions): number {
  const { limits, units, escapes } = chooseEncoding(text, options);
  return units <= limits.single ? 1 : countParts(text, limits.part, escapes);
}

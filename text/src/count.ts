import { segmentEnd } from './boundary.ts';
import { chooseEncoding, type SegmentOptions } from './choice.ts';

/**
 * The number of segments `segmentText` would cut the text into, without cutting it. A text that fits one segment is read
 * once. Beyond 255, where `segmentText` refuses, the true number is still told.
 */
export function countSegments(text: string, options?: SegmentOptions): number {
  const { limits, units } = chooseEncoding(text, options);
  if (units <= limits.single) return 1;
  const escaped = units !== text.length;
  let count = 0;
  for (let start = 0; start < text.length; start = segmentEnd(text, start, limits.part, escaped)) count += 1;
  return count;
}

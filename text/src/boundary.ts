import { type Codes, ESCAPED } from './codes.ts';

/**
 * The index behind the last code unit of the segment that begins at `start` and may hold `limit` units. An escape and
 * its code stay together (3GPP TS 23.040, 9.2.3.24.1), and so does a surrogate pair: what does not fit whole begins the
 * next segment. `escapes` are the codes of a text in which some character costs two septets, null for any other text.
 */
export function segmentEnd(text: string, start: number, limit: number, escapes: Codes | null): number {
  if (escapes !== null) return septetEnd(text, start, limit, escapes);
  const end = start + limit;
  if (end >= text.length) return text.length;
  // GSM 7 bit and ISO 8859-1 texts hold no surrogates, so one rule serves all encodings.
  return isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

/** How many segments of at most `limit` units the text is cut into; `escapes` as of `segmentEnd`. */
export function countParts(text: string, limit: number, escapes: Codes | null): number {
  let count = 0;
  for (let start = 0; start < text.length; start = segmentEnd(text, start, limit, escapes)) count += 1;
  return count;
}

function septetEnd(text: string, start: number, limit: number, codes: Codes): number {
  let septets = 0;
  for (let index = start; index < text.length; index++) {
    septets += (codes[text.charCodeAt(index)]! & ESCAPED) === 0 ? 1 : 2;
    if (septets > limit) return index;
  }
  return text.length;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

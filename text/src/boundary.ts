import { ESCAPED, repertoire } from './repertoire.ts';

/**
 * The index behind the last code unit of the segment that begins at `start` and may hold `limit` units. An escape and
 * its code stay together (3GPP TS 23.040, 9.2.3.24.1), and so does a surrogate pair: what does not fit whole begins the
 * next segment. `escaped` says that some character of the text costs two septets.
 */
export function segmentEnd(text: string, start: number, limit: number, escaped: boolean): number {
  if (escaped) return septetEnd(text, start, limit);
  const end = start + limit;
  if (end >= text.length) return text.length;
  // GSM 7 bit texts hold no surrogates, so one rule serves both encodings.
  return isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
}

function septetEnd(text: string, start: number, limit: number): number {
  let septets = 0;
  for (let index = start; index < text.length; index++) {
    septets += (repertoire[text.charCodeAt(index)]! & ESCAPED) === 0 ? 1 : 2;
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

import { segmentEnd } from './boundary.ts';
import { chooseEncoding, type SegmentOptions } from './choice.ts';
import { encodeGsm7 } from './gsm7.ts';
import { MAX_PARTS } from './header.ts';
import type { Encoding } from './limits.ts';
import type { NationalTable } from './national.ts';
import { encodeUcs2 } from './ucs2.ts';

/** What one short message carries of a text. */
export interface Segment {
  readonly text: string;
  /** Septets including escapes, or 16-bit units. */
  readonly units: number;
  /**
   * The user data without its header: unpacked septets, one per octet, as SMPP carries them under data_coding 0; or
   * big-endian UTF-16.
   */
  readonly payload: Uint8Array;
}

/** A text cut into the segments that go on the air. */
export interface SegmentedText {
  readonly encoding: Encoding;
  /** The national single shift table that every segment's header must name, null for none. */
  readonly national: NationalTable | null;
  /** At least one; an empty text is one empty segment. Joined, their texts are the text. */
  readonly segments: readonly Segment[];
  /** Units of all segments together. */
  readonly units: number;
  /** Most units a segment of this message holds. */
  readonly limit: number;
}

/**
 * Chooses the encoding of a text and cuts it into segments. Every segment but the last is as full as the rule allows
 * that an escape pair or a surrogate pair is never split. Lone surrogates are carried as they stand.
 *
 * Throws RangeError when the text needs more segments than the concatenation header can number.
 */
export function segmentText(text: string, options?: SegmentOptions): SegmentedText {
  const { encoding, national, limits, units } = chooseEncoding(text, options);
  const limit = units <= limits.single ? limits.single : limits.part;
  const escaped = units !== text.length;
  const segments: Segment[] = [];
  let start = 0;
  do {
    if (segments.length === MAX_PARTS) throw new RangeError(`text needs more than ${MAX_PARTS} segments`);
    const end = segmentEnd(text, start, limit, escaped);
    const part = text.slice(start, end);
    segments.push(
      encoding === 'gsm7' ? gsm7Segment(part, national) : { text: part, units: part.length, payload: encodeUcs2(part) },
    );
    start = end;
  } while (start < text.length);
  return { encoding, national, segments, units, limit };
}

function gsm7Segment(text: string, national: NationalTable | null): Segment {
  const payload = encodeGsm7(text, national);
  return { text, units: payload.length, payload };
}

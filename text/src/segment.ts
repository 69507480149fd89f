import { segmentEnd } from './boundary.ts';
import { type Choice, chooseEncoding, type SegmentOptions } from './choice.ts';
import { encodeGsm7 } from './gsm7.ts';
import { MAX_PARTS } from './header.ts';
import { encodeLatin1 } from './latin1.ts';
import type { Encoding } from './limits.ts';
import type { LockingTable, NationalTable } from './national.ts';
import { encodeUcs2 } from './ucs2.ts';

/** What one short message carries of a text. */
export interface Segment {
  readonly text: string;
  /** Septets including escapes, octets of ISO 8859-1, or 16-bit units. */
  readonly units: number;
  /**
   * The user data without its header: unpacked septets, one per octet, as SMPP carries them under data_coding 0 (for
   * carriers that want them packed, `packSeptets`); ISO 8859-1; or big-endian UTF-16.
   */
  readonly payload: Uint8Array;
}

/** A text cut into the segments that go on the air. */
export interface SegmentedText {
  readonly encoding: Encoding;
  /** The national single shift table that every segment's header must name, null for none. */
  readonly national: NationalTable | null;
  /** The national locking shift table that every segment's header must name, null for none. */
  readonly locking: LockingTable | null;
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
  const choice = chooseEncoding(text, options);
  const { encoding, national, locking, limits, units, escapes } = choice;
  const limit = units <= limits.single ? limits.single : limits.part;
  const segments: Segment[] = [];
  let start = 0;
  do {
    if (segments.length === MAX_PARTS) throw new RangeError(`text needs more than ${MAX_PARTS} segments`);
    const end = segmentEnd(text, start, limit, escapes);
    segments.push(segmentOf(text.slice(start, end), choice));
    start = end;
  } while (start < text.length);
  return { encoding, national, locking, segments, units, limit };
}

function segmentOf(text: string, { encoding, national, locking }: Choice): Segment {
  if (encoding === 'ucs2') return { text, units: text.length, payload: encodeUcs2(text) };
  const payload = encoding === 'gsm7' ? encodeGsm7(text, national, locking) : encodeLatin1(text);
  return { text, units: payload.length, payload };
}

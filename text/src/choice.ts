import { type Encoding, type SegmentLimits, segmentLimits } from './limits.ts';
import type { NationalTable } from './national.ts';
import { ESCAPED, IN_DEFAULT, repertoire, tableBit } from './repertoire.ts';

/** What the carrier of a text allows. */
export interface SegmentOptions {
  /** National single shift tables the carrier passes on, the preferred first. Default: none. */
  readonly national?: readonly NationalTable[];
  /**
   * Never: locking shift tables are not offered. They replace the default alphabet itself, so that a handset that does
   * not know one shows wrong letters in plain words too; an unknown single shift spoils only the escaped characters.
   */
  readonly locking?: never;
}

/** How a text will be carried. */
export interface Choice {
  readonly encoding: Encoding;
  /** The national single shift table the text needs, null for none. */
  readonly national: NationalTable | null;
  readonly limits: SegmentLimits;
  /** Units of the whole text: septets with their escapes, or 16-bit units. */
  readonly units: number;
}

/**
 * Chooses the encoding of a text: the GSM 7 bit default alphabet when it holds every character, else the first allowed
 * national table that does, else UCS-2.
 *
 * The first table that fits is also the cheapest: what is escaped depends only on the default alphabet, so that all
 * fitting tables give the same units and the same segments.
 */
export function chooseEncoding(text: string, options: SegmentOptions = {}): Choice {
  const allowed = options.national;
  let fitting = IN_DEFAULT;
  if (allowed !== undefined) for (const national of allowed) fitting |= tableBit(national);

  let escapes = 0;
  for (let index = 0; index < text.length; index++) {
    const entry = repertoire[text.charCodeAt(index)]!;
    fitting &= entry;
    if (fitting === 0) break;
    escapes += entry & ESCAPED;
  }

  if (fitting === 0) return { encoding: 'ucs2', national: null, limits: segmentLimits('ucs2'), units: text.length };
  const national =
    (fitting & IN_DEFAULT) !== 0 ? null : allowed!.find((candidate) => (fitting & tableBit(candidate)) !== 0)!;
  return {
    encoding: 'gsm7',
    national,
    limits: segmentLimits('gsm7', national),
    units: text.length + escapes / ESCAPED,
  };
}

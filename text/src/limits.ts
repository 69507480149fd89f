import { userDataHeaderOctets } from './header.ts';
import type { NationalTable } from './national.ts';

/** How the characters of a message are carried: GSM 7 bit septets, or 16-bit units. */
export type Encoding = 'gsm7' | 'ucs2';

/** Most units (septets with their escapes, or 16-bit units) in the text of one segment. */
export interface SegmentLimits {
  /** For a message that is one segment. */
  readonly single: number;
  /** For each part of a message of several. */
  readonly part: number;
}

/** Octets of user data in one short message, header included (3GPP TS 23.040, 9.2.3.24 and 9.2.3.16). */
const USER_DATA_OCTETS = 140;

const gsm7: SegmentLimits = limits(7, false);
const gsm7National: SegmentLimits = limits(7, true);
const ucs2: SegmentLimits = limits(16, false);

/**
 * The limits of an encoding: 160 and 153 septets, with a national table (whose header even a single segment carries) 155
 * and 149, and 70 and 67 16-bit units. They hold for SMPP too, where septets travel one per octet: the carrier's centre
 * packs them into the same 140 octets.
 */
export function segmentLimits(encoding: Encoding, national: NationalTable | null = null): SegmentLimits {
  if (encoding === 'ucs2') return ucs2;
  return national === null ? gsm7 : gsm7National;
}

function limits(unitBits: number, national: boolean): SegmentLimits {
  const fitting = (concatenated: boolean) =>
    Math.floor(((USER_DATA_OCTETS - userDataHeaderOctets(concatenated, national)) * 8) / unitBits);
  return { single: fitting(false), part: fitting(true) };
}

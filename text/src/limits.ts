import { userDataHeaderOctets } from './header.ts';
import type { LockingTable, NationalTable } from './national.ts';

/** How the characters of a message are carried: GSM 7 bit septets, ISO 8859-1 octets, or 16-bit units. */
export type Encoding = 'gsm7' | 'latin1' | 'ucs2';

/** Most units (septets with their escapes, octets, or 16-bit units) in the text of one segment. */
export interface SegmentLimits {
  /** For a message that is one segment. */
  readonly single: number;
  /** For each part of a message of several. */
  readonly part: number;
}

/** Octets of user data in one short message, header included (3GPP TS 23.040, 9.2.3.24 and 9.2.3.16). */
const USER_DATA_OCTETS = 140;

/** By the number of national tables the header names. */
const gsm7: readonly SegmentLimits[] = [limits(7, 0), limits(7, 1), limits(7, 2)];
const latin1: SegmentLimits = limits(8, 0);
const ucs2: SegmentLimits = limits(16, 0);

/**
 * The limits of an encoding: 160 and 153 septets; with a national table (whose header even a single segment carries) 155
 * and 149, with both a locking and a single shift table 152 and 146; 140 and 134 octets of ISO 8859-1; 70 and 67 16-bit
 * units. They hold for SMPP too, where septets travel one per octet: the carrier's centre packs them into the same 140
 * octets.
 */
export function segmentLimits(
  encoding: Encoding,
  national: NationalTable | null = null,
  locking: LockingTable | null = null,
): SegmentLimits {
  if (encoding === 'latin1') return latin1;
  if (encoding === 'ucs2') return ucs2;
  return gsm7[(national === null ? 0 : 1) + (locking === null ? 0 : 1)]!;
}

function limits(unitBits: number, tables: number): SegmentLimits {
  const fitting = (concatenated: boolean) =>
    Math.floor(((USER_DATA_OCTETS - userDataHeaderOctets(concatenated, tables)) * 8) / unitBits);
  return { single: fitting(false), part: fitting(true) };
}

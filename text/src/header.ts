import {
  type LockingTable,
  lockingTables,
  type NationalTable,
  nationalLanguageIdentifiers,
  nationalTables,
} from './national.ts';

/** Most parts of one message: the total of the concatenation element is one octet (3GPP TS 23.040, 9.2.3.24.1). */
export const MAX_PARTS = 255;

/** Information element identifiers, each followed by its length and data (3GPP TS 23.040, 9.2.3.24). */
const CONCATENATED_8_BIT = 0x00;
const CONCATENATED_16_BIT = 0x08;
const NATIONAL_SINGLE_SHIFT = 0x24;
const NATIONAL_LOCKING_SHIFT = 0x25;

/** Octets of the whole elements: identifier, length and data. */
const CONCATENATION_OCTETS = 5;
const SHIFT_OCTETS = 3;

/** Which part of a message in several parts this is. */
export interface Part {
  /** The same in every part of a message: 0 to 255, read from a 16-bit element up to 65535. */
  readonly reference: number;
  /** Parts of the message, 1 to 255. */
  readonly total: number;
  /** This part, counted from 1. */
  readonly index: number;
}

/**
 * Octets of the header that `userDataHeader` writes, its length octet included; 0 when it writes none.
 *
 * `tables`: how many national tables it names, 0 to 2.
 */
export function userDataHeaderOctets(concatenated: boolean, tables: number): number {
  const elements = (concatenated ? CONCATENATION_OCTETS : 0) + tables * SHIFT_OCTETS;
  return elements === 0 ? 0 : 1 + elements;
}

/**
 * The user data header of one segment, its length octet (UDHL) first: concatenation with an 8-bit reference when the
 * segment is a part (3GPP TS 23.040, 9.2.3.24.1), the national language single shift and locking shift when the text
 * uses them (9.2.3.24.15 and 16; every part names them, since each is decoded by its own header). Empty when nothing is
 * needed.
 *
 * Throws RangeError when a number of the part is outside its octet: a receiver would ignore the element.
 */
export function userDataHeader(
  part: Part | null,
  national: NationalTable | null,
  locking: LockingTable | null = null,
): Uint8Array {
  const octets = userDataHeaderOctets(part !== null, (national === null ? 0 : 1) + (locking === null ? 0 : 1));
  if (octets === 0) return new Uint8Array(0);
  const header = [octets - 1];
  if (part !== null) {
    const { reference, total, index } = part;
    requireWithin('reference', reference, 0, 0xff);
    requireWithin('total', total, 1, MAX_PARTS);
    requireWithin('index', index, 1, total);
    header.push(CONCATENATED_8_BIT, CONCATENATION_OCTETS - 2, reference, total, index);
  }
  if (national !== null) header.push(NATIONAL_SINGLE_SHIFT, SHIFT_OCTETS - 2, nationalLanguageIdentifiers[national]);
  if (locking !== null) header.push(NATIONAL_LOCKING_SHIFT, SHIFT_OCTETS - 2, nationalLanguageIdentifiers[locking]);
  return Uint8Array.from(header);
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`part ${name} must be a whole number from ${least} to ${most}`);
  }
}

/** What a user data header says. */
export interface UserDataHeader {
  /** Octets of the header with its length octet: where the text begins. Never more than there are. */
  readonly octets: number;
  readonly part: Part | null;
  /** The single shift table; null also for a language this package has no table of. */
  readonly national: NationalTable | null;
  /** The locking shift table; null also for a language this package has no table of. */
  readonly locking: LockingTable | null;
}

/**
 * Reads the user data header that begins user data. As a receiver does (3GPP TS 23.040, 9.2.3.24), it passes over
 * elements it does not know, elements of a wrong length, and parts that cannot be (none of none, the fourth of three);
 * of an element that is repeated the last counts. Never throws.
 */
export function readUserDataHeader(userData: Uint8Array): UserDataHeader {
  const octets = userData.length === 0 ? 0 : Math.min(userData[0]! + 1, userData.length);
  let part: Part | null = null;
  let national: NationalTable | null = null;
  let locking: LockingTable | null = null;
  for (let at = 1; at + 2 <= octets; ) {
    const identifier = userData[at]!;
    const length = userData[at + 1]!;
    const data = userData.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    if (at > octets) break;
    if (identifier === CONCATENATED_8_BIT && length === 3) part = partOf(data[0]!, data[1]!, data[2]!) ?? part;
    else if (identifier === CONCATENATED_16_BIT && length === 4) {
      part = partOf((data[0]! << 8) | data[1]!, data[2]!, data[3]!) ?? part;
    } else if (identifier === NATIONAL_SINGLE_SHIFT && length === 1) national = tableOf(nationalTables, data[0]!);
    else if (identifier === NATIONAL_LOCKING_SHIFT && length === 1) locking = tableOf(lockingTables, data[0]!);
  }
  return { octets, part, national, locking };
}

function partOf(reference: number, total: number, index: number): Part | null {
  return index >= 1 && index <= total ? { reference, total, index } : null;
}

function tableOf<Table extends NationalTable>(tables: readonly Table[], identifier: number): Table | null {
  return tables.find((table) => nationalLanguageIdentifiers[table] === identifier) ?? null;
}

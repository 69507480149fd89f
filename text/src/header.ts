import { type NationalTable, nationalLanguageIdentifiers } from './national.ts';

/** Most parts of one message: the total of the concatenation element is one octet (3GPP TS 23.040, 9.2.3.24.1). */
export const MAX_PARTS = 255;

/** Information element identifiers, each followed by its length and data (3GPP TS 23.040, 9.2.3.24). */
const CONCATENATED_8_BIT = 0x00;
const NATIONAL_SINGLE_SHIFT = 0x24;

/** Octets of the whole elements: identifier, length and data. */
const CONCATENATION_OCTETS = 5;
const SINGLE_SHIFT_OCTETS = 3;

/** Which part of a message in several parts this is. */
export interface Part {
  /** 0 to 255, the same in every part of a message. */
  readonly reference: number;
  /** Parts of the message, 1 to 255. */
  readonly total: number;
  /** This part, counted from 1. */
  readonly index: number;
}

/** Octets of the header that `userDataHeader` writes, its length octet included; 0 when it writes none. */
export function userDataHeaderOctets(concatenated: boolean, national: boolean): number {
  const elements = (concatenated ? CONCATENATION_OCTETS : 0) + (national ? SINGLE_SHIFT_OCTETS : 0);
  return elements === 0 ? 0 : 1 + elements;
}

/**
 * The user data header of one segment, its length octet (UDHL) first: concatenation with an 8-bit reference when the
 * segment is a part (3GPP TS 23.040, 9.2.3.24.1), the national language single shift when the text uses one
 * (9.2.3.24.15; every part names it, since each is decoded by its own header). Empty when neither is needed.
 *
 * Throws RangeError when a number of the part is outside its octet: a receiver would ignore the element.
 */
export function userDataHeader(part: Part | null, national: NationalTable | null): Uint8Array {
  const octets = userDataHeaderOctets(part !== null, national !== null);
  if (octets === 0) return new Uint8Array(0);
  const header = [octets - 1];
  if (part !== null) {
    const { reference, total, index } = part;
    requireWithin('reference', reference, 0, 0xff);
    requireWithin('total', total, 1, MAX_PARTS);
    requireWithin('index', index, 1, total);
    header.push(CONCATENATED_8_BIT, CONCATENATION_OCTETS - 2, reference, total, index);
  }
  if (national !== null) {
    header.push(NATIONAL_SINGLE_SHIFT, SINGLE_SHIFT_OCTETS - 2, nationalLanguageIdentifiers[national]);
  }
  return Uint8Array.from(header);
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`part ${name} must be a whole number from ${least} to ${most}`);
  }
}

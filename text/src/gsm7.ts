import { ESCAPE } from './alphabet.ts';
import { ABSENT, type Codes, codesOf, ESCAPED } from './codes.ts';
import { alphabetOf, type LockingTable, type NationalTable, shiftTableOf } from './national.ts';

/**
 * Writes a text as GSM 7 bit septets, one per octet (3GPP TS 23.038, 6.2.1 and 6.2.1.1; annexes A.2 and A.3 with
 * national tables). A character of the extension or national single shift table takes two: the escape and its code.
 *
 * Throws RangeError when a character is in none of the tables.
 */
export function encodeGsm7(
  text: string,
  national: NationalTable | null = null,
  locking: LockingTable | null = null,
): Uint8Array {
  const codes = codesOf(locking, national);
  const septets = new Uint8Array(septetsNeeded(text, codes));
  let written = 0;
  for (let index = 0; index < text.length; index++) {
    const code = codes[text.charCodeAt(index)]!;
    if ((code & ESCAPED) !== 0) septets[written++] = ESCAPE;
    septets[written++] = code & 0x7f;
  }
  return septets;
}

/** Counted first, because one array of the right size costs less than a larger one and its copy. */
function septetsNeeded(text: string, codes: Codes): number {
  let escapes = 0;
  for (let index = 0; index < text.length; index++) {
    const code = codes[text.charCodeAt(index)]!;
    if (code === ABSENT) throw new RangeError(`character at index ${index} is not in the GSM 7 bit tables`);
    escapes += code & ESCAPED;
  }
  return text.length + escapes / ESCAPED;
}

/**
 * Reads GSM 7 bit septets, one per octet (the eighth bit is ignored), as a receiving entity shows them (3GPP TS 23.038,
 * 6.2.1.1): an escaped code that the table leaves empty is the character of the default alphabet, or of the locking
 * shift table in its place; an escaped escape is a space, and so is an escape with nothing behind it (6.2.1). Never
 * throws.
 */
export function decodeGsm7(
  septets: Uint8Array,
  national: NationalTable | null = null,
  locking: LockingTable | null = null,
): string {
  const alphabet = alphabetOf(locking);
  const shifted = shiftTableOf(national);
  let text = '';
  for (let index = 0; index < septets.length; index++) {
    const code = septets[index]! & 0x7f;
    if (code !== ESCAPE) {
      text += alphabet[code];
      continue;
    }
    index += 1;
    const next = index < septets.length ? septets[index]! & 0x7f : ESCAPE;
    text += next === ESCAPE ? ' ' : (shifted[next] ?? alphabet[next]);
  }
  return text;
}

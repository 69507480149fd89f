import { defaultAlphabet, ESCAPE } from './alphabet.ts';
import { type NationalTable, nationalTables, shiftTableOf } from './national.ts';
import { DEFAULT_CODE, ESCAPED, repertoire, tableBit } from './repertoire.ts';

/** Codes after the escape by UTF-16 code unit, for each table. */
const shiftCodes: ReadonlyMap<NationalTable | null, ReadonlyMap<number, number>> = new Map(
  [null, ...nationalTables].map((national) => [
    national,
    new Map(Object.entries(shiftTableOf(national)).map(([code, character]) => [character.charCodeAt(0), Number(code)])),
  ]),
);

/**
 * Writes a text as GSM 7 bit septets, one per octet (3GPP TS 23.038, 6.2.1 and 6.2.1.1; annex A.2 with a national
 * table). A character of the extension or national table takes two: the escape and its code.
 *
 * Throws RangeError when a character is in none of the tables.
 */
export function encodeGsm7(text: string, national: NationalTable | null = null): Uint8Array {
  const septets = new Uint8Array(septetsNeeded(text, tableBit(national)));
  const codes = shiftCodes.get(national)!;
  let written = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    const entry = repertoire[unit]!;
    if ((entry & ESCAPED) === 0) {
      septets[written++] = entry & DEFAULT_CODE;
    } else {
      septets[written++] = ESCAPE;
      septets[written++] = codes.get(unit)!;
    }
  }
  return septets;
}

/** Counted first, because one array of the right size costs less than a larger one and its copy. */
function septetsNeeded(text: string, bit: number): number {
  let escapes = 0;
  for (let index = 0; index < text.length; index++) {
    const entry = repertoire[text.charCodeAt(index)]!;
    if ((entry & bit) === 0) throw new RangeError(`character at index ${index} is not in the GSM 7 bit tables`);
    escapes += entry & ESCAPED;
  }
  return text.length + escapes / ESCAPED;
}

/**
 * Reads GSM 7 bit septets, one per octet (the eighth bit is ignored), as a receiving entity shows them (3GPP TS 23.038,
 * 6.2.1.1): an escaped code that the table leaves empty is the default alphabet's character, an escaped escape is a
 * space, and so is an escape with nothing behind it (6.2.1). Never throws.
 */
export function decodeGsm7(septets: Uint8Array, national: NationalTable | null = null): string {
  const shifted = shiftTableOf(national);
  let text = '';
  for (let index = 0; index < septets.length; index++) {
    const code = septets[index]! & 0x7f;
    if (code !== ESCAPE) {
      text += defaultAlphabet[code];
      continue;
    }
    index += 1;
    const next = index < septets.length ? septets[index]! & 0x7f : ESCAPE;
    text += next === ESCAPE ? ' ' : (shifted[next] ?? defaultAlphabet[next]);
  }
  return text;
}

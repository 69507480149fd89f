import { defaultAlphabet, ESCAPE, extensionTable, type ShiftTable } from './alphabet.ts';
import { type NationalTable, nationalLanguageIdentifiers, nationalTables, singleShiftTables } from './national.ts';

/** Bits of a repertoire entry that hold the code in the default alphabet, for a character that is in it. */
export const DEFAULT_CODE = 0x7f;

/** The bit of a character that needs the escape before it, and so costs two septets. */
export const ESCAPED = 0x80;

/** The bit of a character that is in the default alphabet or its extension table. */
export const IN_DEFAULT = 0x100;

/**
 * The bit of a character that can be written with a table: the default alphabet, then after an escape the extension
 * table (null) or the named national one.
 */
export function tableBit(national: NationalTable | null): number {
  return national === null ? IN_DEFAULT : IN_DEFAULT << nationalLanguageIdentifiers[national];
}

/**
 * What every UTF-16 code unit is to GSM 7 bit: its default code, whether it is escaped, and which tables hold it. One
 * array read per character then both prices a text and tells which tables fit it whole. Zero: no table holds it, as for
 * every surrogate.
 */
export const repertoire: Uint16Array = buildRepertoire();

function buildRepertoire(): Uint16Array {
  const entries = new Uint16Array(0x10000);
  const admitShifted = (table: ShiftTable, bit: number) => {
    for (const character of Object.values(table)) {
      const unit = character.charCodeAt(0);
      entries[unit] = (entries[unit] ?? 0) | bit | ESCAPED;
    }
  };
  admitShifted(extensionTable, IN_DEFAULT);
  for (const national of nationalTables) admitShifted(singleShiftTables[national], tableBit(national));

  // Written last: a character that is also in the default alphabet costs one septet, whatever the table.
  const everyTable = nationalTables.reduce((bits, national) => bits | tableBit(national), IN_DEFAULT);
  for (let code = 0; code < defaultAlphabet.length; code++) {
    if (code !== ESCAPE) entries[defaultAlphabet.charCodeAt(code)] = everyTable | code;
  }
  return entries;
}

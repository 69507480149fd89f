import { defaultAlphabet, extensionTable, type ShiftTable } from './alphabet.ts';
import { type IndianTable, indianLockingShifts, indianSingleShifts } from './indian.ts';

/** The languages whose single shift table this package knows. */
export type NationalTable = 'turkish' | 'spanish' | 'portuguese' | IndianTable;

/** The languages whose locking shift table this package knows; Spanish has none of its own (3GPP TS 23.038, A.3.2). */
export type LockingTable = 'turkish' | 'portuguese' | IndianTable;

/** National language identifiers, as the header element carries them (3GPP TS 23.038, 6.2.1.2.4). */
export const nationalLanguageIdentifiers: Readonly<Record<NationalTable, number>> = {
  turkish: 1,
  spanish: 2,
  portuguese: 3,
  bengali: 4,
  gujarati: 5,
  hindi: 6,
  kannada: 7,
  malayalam: 8,
  oriya: 9,
  punjabi: 10,
  tamil: 11,
  telugu: 12,
  urdu: 13,
};

/** Every national single shift table, in the order of the identifiers. */
export const nationalTables = Object.keys(nationalLanguageIdentifiers) as readonly NationalTable[];

/** Every national locking shift table, in the order of the identifiers. */
export const lockingTables: readonly LockingTable[] = nationalTables.filter((table) => table !== 'spanish');

/**
 * National language single shift tables (3GPP TS 23.038, A.2.1 to A.2.13). Each replaces the extension table for its
 * message, and each repeats all of that table's characters at the same codes.
 */
export const singleShiftTables: Readonly<Record<NationalTable, ShiftTable>> = {
  turkish: {
    ...extensionTable,
    71: 'Ğ',
    73: 'İ',
    83: 'Ş',
    99: 'ç',
    103: 'ğ',
    105: 'ı',
    115: 'ş',
  },
  spanish: {
    ...extensionTable,
    9: 'ç',
    65: 'Á',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    97: 'á',
    105: 'í',
    111: 'ó',
    117: 'ú',
  },
  // The Greek capitals are also in the default alphabet. They are repeated here for the Portuguese locking shift table,
  // which drops them; an encoder that keeps the default alphabet never needs these codes, a decoder does.
  portuguese: {
    ...extensionTable,
    5: 'ê',
    9: 'ç',
    11: 'Ô',
    12: 'ô',
    14: 'Á',
    15: 'á',
    18: 'Φ',
    19: 'Γ',
    21: 'Ω',
    22: 'Π',
    23: 'Ψ',
    24: 'Σ',
    25: 'Θ',
    31: 'Ê',
    65: 'À',
    73: 'Í',
    79: 'Ó',
    85: 'Ú',
    91: 'Ã',
    92: 'Õ',
    97: 'Â',
    105: 'í',
    111: 'ó',
    117: 'ú',
    123: 'ã',
    124: 'õ',
    127: 'â',
  },
  ...indianSingleShifts,
};

/**
 * National language locking shift tables in code order (3GPP TS 23.038, A.3.1 and A.3.3 to A.3.13). Each replaces the default
 * alphabet for its message; those written here differ from it in the codes that are given. An escape leads to the extension table as
 * before, or to the single shift table that the message names as well.
 */
export const lockingShiftTables: Readonly<Record<LockingTable, string>> = {
  turkish: defaultAlphabetWith({ 4: '€', 7: 'ı', 11: 'Ğ', 12: 'ğ', 28: 'Ş', 29: 'ş', 64: 'İ', 96: 'ç' }),
  portuguese: defaultAlphabetWith({
    ...{ 4: 'ê', 6: 'ú', 7: 'í', 8: 'ó', 9: 'ç', 11: 'Ô', 12: 'ô', 14: 'Á', 15: 'á' },
    ...{ 18: 'ª', 19: 'Ç', 20: 'À', 21: '∞', 22: '^', 23: '\\', 24: '€', 25: 'Ó', 26: '|', 28: 'Â', 29: 'â', 30: 'Ê' },
    ...{ 36: 'º', 64: 'Í', 91: 'Ã', 92: 'Õ', 93: 'Ú', 96: '~', 123: 'ã', 124: 'õ', 125: '`' },
  }),
  ...indianLockingShifts,
};

function defaultAlphabetWith(changes: ShiftTable): string {
  return Array.from(defaultAlphabet, (character, code) => changes[code] ?? character).join('');
}

/** The table a code without an escape is read by: the locking one when the message names it, else the default alphabet. */
export function alphabetOf(locking: LockingTable | null): string {
  return locking === null ? defaultAlphabet : lockingShiftTables[locking];
}

/** The table an escape leads to: the national one when the message names it, else the extension table. */
export function shiftTableOf(national: NationalTable | null): ShiftTable {
  return national === null ? extensionTable : singleShiftTables[national];
}

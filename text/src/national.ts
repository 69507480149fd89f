import { extensionTable, type ShiftTable } from './alphabet.ts';

/** The languages whose single shift table this package knows. */
export type NationalTable = 'turkish' | 'spanish' | 'portuguese';

/** National language identifiers, as the header element carries them (3GPP TS 23.038, 6.2.1.2.4). */
export const nationalLanguageIdentifiers: Readonly<Record<NationalTable, number>> = {
  turkish: 1,
  spanish: 2,
  portuguese: 3,
};

/** Every national table, in the order of the identifiers. */
export const nationalTables: readonly NationalTable[] = ['turkish', 'spanish', 'portuguese'];

/**
 * National language single shift tables (3GPP TS 23.038, A.2.1 to A.2.3). Each replaces the extension table for its
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
};

/** The table an escape leads to: the national one when the message names it, else the extension table. */
export function shiftTableOf(national: NationalTable | null): ShiftTable {
  return national === null ? extensionTable : singleShiftTables[national];
}

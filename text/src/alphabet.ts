/** The code that announces a character of the extension table or of a national single shift table (23.038, 6.2.1). */
export const ESCAPE = 0x1b;

/**
 * GSM 7 bit default alphabet in code order, sixteen codes a line (3GPP TS 23.038, 6.2.1).
 *
 * Code 0x09 is the capital Ç, as 23.038 has it. Some carriers and handsets show ç there, following an old reading of the
 * table that Unicode's GSM0338.TXT kept; a text with ç therefore never uses this code. Position 0x1B holds the escape,
 * which stands for no character.
 */
export const defaultAlphabet: string =
  '@£$¥èéùìòÇ\nØø\rÅå' +
  'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./' +
  '0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNO' +
  'PQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmno' +
  'pqrstuvwxyzäöñüà';

/** Characters by the code that follows the escape. */
export type ShiftTable = Readonly<Record<number, string>>;

/**
 * GSM 7 bit default alphabet extension table (3GPP TS 23.038, 6.2.1.1). 0x0A is the page break, written as form feed;
 * 0x0D and 0x1B are reserved and hold nothing.
 */
export const extensionTable: ShiftTable = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

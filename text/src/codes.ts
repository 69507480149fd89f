import { ESCAPE } from './alphabet.ts';
import { alphabetOf, type LockingTable, type NationalTable, shiftTableOf } from './national.ts';

/** The bit of a character that needs the escape before its code, and so costs two septets. */
export const ESCAPED = 0x80;

const SPACE = 0x20;

/** What stands for a character that the tables do not hold: the escape itself is nobody's code. */
export const ABSENT = ESCAPE;

/**
 * The code of every UTF-16 code unit under one pair of tables: plain codes as they are, those behind an escape with
 * ESCAPED, all others ABSENT, as every surrogate. One array read per character then prices a text, tells whether it
 * fits, and encodes it.
 */
export type Codes = Uint8Array;

const built = new Map<string, Codes>();

/** The codes under a locking and a single shift table; null for the default alphabet and its extension table. */
export function codesOf(locking: LockingTable | null, national: NationalTable | null): Codes {
  const pair = `${locking} ${national}`;
  let codes = built.get(pair);
  if (codes === undefined) {
    codes = build(locking, national);
    built.set(pair, codes);
  }
  return codes;
}

function build(locking: LockingTable | null, national: NationalTable | null): Codes {
  const codes = new Uint8Array(0x10000).fill(ABSENT);
  for (const [code, character] of Object.entries(shiftTableOf(national))) {
    const unit = character.charCodeAt(0);
    // Of a character that has two codes, the lower one.
    if (codes[unit] === ABSENT) codes[unit] = ESCAPED | Number(code);
  }
  // Written last: a character that is in both tables is written without the escape, as one septet.
  const alphabet = alphabetOf(locking);
  for (let code = 0; code < alphabet.length; code++) {
    // Empty cells of a locking shift table read as spaces, and are nobody's code.
    if (alphabet[code] !== ' ' || code === SPACE) codes[alphabet.charCodeAt(code)] = code;
  }
  return codes;
}

import { DATA_CODING } from '../pdu/constants.ts';

/**
 * The characters a handset would show, and the octets it would send. Only what a simulator needs: the GSM 7 bit default
 * alphabet without national tables (3GPP TS 23.038, 6.2.1), ISO 8859-1, UCS-2.
 */

/** The default alphabet in code order; the escape at 0x1B stands for no character. */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
/** The codes behind an escape and their characters (6.2.1.1), in the same order. */
const SHIFTED_CODES = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65];
const SHIFTED = '\f^{}\\[~]|€';

/** Septets of each character, one per octet. */
const CODES = new Map<string, readonly number[]>([
  ...Array.from(SHIFTED, (character, i) => [character, [ESCAPE, SHIFTED_CODES[i]!]] as const),
  ...Array.from(GSM, (character, code) => [character, [code]] as const).filter(([, [code]]) => code !== ESCAPE),
]);

/** A text from a handset: its data_coding, and the octets of each of its characters, which belong together. */
export interface Written {
  readonly dataCoding: number;
  readonly characters: readonly Uint8Array[];
}

/** Writes a text by the GSM 7 bit default alphabet where it holds every character, else as UCS-2. */
export function write(text: string): Written {
  const codes = Array.from(text, (character) => CODES.get(character));
  if (codes.every((each) => each !== undefined)) {
    return { dataCoding: DATA_CODING.SMSC_DEFAULT, characters: codes.map((each) => Uint8Array.from(each)) };
  }
  return { dataCoding: DATA_CODING.UCS2, characters: Array.from(text, (character) => utf16(character)) };
}

/** Reads octets by data_coding (§5.2.19). Codings that are no text come out as hexadecimal digits. Never throws. */
export function read(octets: Uint8Array, dataCoding: number): string {
  switch (dataCoding) {
    case DATA_CODING.SMSC_DEFAULT:
      return readGsm(octets);
    case DATA_CODING.IA5:
    case DATA_CODING.LATIN1:
      return Buffer.from(octets).toString('latin1');
    case DATA_CODING.UCS2:
      return Buffer.from(octets.subarray(0, octets.length & ~1))
        .swap16()
        .toString('utf16le');
    default:
      return Buffer.from(octets).toString('hex');
  }
}

function readGsm(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < octets.length; i++) {
    const code = octets[i]! & 0x7f;
    if (code !== ESCAPE) {
      text += GSM[code];
      continue;
    }
    i += 1;
    const next = i < octets.length ? octets[i]! & 0x7f : ESCAPE;
    const shifted = SHIFTED_CODES.indexOf(next);
    if (shifted >= 0) text += SHIFTED[shifted];
    else text += next === ESCAPE ? ' ' : GSM[next];
  }
  return text;
}

function utf16(character: string): Uint8Array {
  return Buffer.from(character, 'utf16le').swap16();
}

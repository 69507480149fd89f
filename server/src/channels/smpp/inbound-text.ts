import { decodeGsm7, decodeLatin1, decodeUcs2 } from '@signet/text';
import type { Frame } from './inbound-part.ts';

type Alphabet = 'gsm7' | 'latin1' | 'ucs2' | 'octets' | { label: string };

/** Alphabets by data_coding (SMPP 3.4 §5.2.19). Those below 16 are SMPP's own and go before those of GSM. */
const SMPP_ALPHABETS: Readonly<Record<number, Alphabet>> = {
  0: 'gsm7', // the SMSC's default, which is this one nearly everywhere
  1: { label: 'latin1' }, // IA5, a part of it
  2: 'octets',
  3: { label: 'latin1' },
  4: 'octets',
  5: { label: 'shift_jis' },
  6: { label: 'iso-8859-5' },
  7: { label: 'iso-8859-8' },
  8: 'ucs2',
  9: 'octets', // pictograms
  10: { label: 'iso-2022-jp' },
  13: { label: 'euc-jp' },
  14: { label: 'euc-kr' },
};

const COMPRESSED = 0x20;

/** Alphabets by the coding groups of GSM (3GPP TS 23.038 §4); what is reserved there is to be read as GSM 7 bit. */
function alphabetOf(dataCoding: number): Alphabet {
  const own = SMPP_ALPHABETS[dataCoding];
  if (own !== undefined) return own;
  // General data coding, also with automatic deletion: bits 3 and 2 tell the alphabet.
  if (dataCoding < 0x80) {
    if ((dataCoding & COMPRESSED) !== 0) return 'octets';
    const bits = (dataCoding >> 2) & 0x03;
    return bits === 1 ? 'octets' : bits === 2 ? 'ucs2' : 'gsm7';
  }
  const group = dataCoding >> 4;
  // Message waiting, its text kept in UCS-2.
  if (group === 0x0e) return 'ucs2';
  // Data coding and message class: bit 2 tells.
  if (group === 0x0f) return (dataCoding & 0x04) === 0 ? 'gsm7' : 'octets';
  return 'gsm7';
}

/**
 * The text in the octets of an SMS, one GSM character an octet. What is no text (binary, compressed) is written in hexadecimal.
 * Never throws.
 */
export function readText(
  octets: Uint8Array,
  dataCoding: number,
  { national, locking }: Pick<Frame, 'national' | 'locking'>,
): string {
  const alphabet = alphabetOf(dataCoding);
  switch (alphabet) {
    case 'gsm7':
      return decodeGsm7(octets, national, locking);
    case 'ucs2':
      return decodeUcs2(octets);
    case 'latin1':
      return decodeLatin1(octets);
    case 'octets':
      return Buffer.from(octets).toString('hex');
    default:
      return new TextDecoder(alphabet.label).decode(octets);
  }
}

import type { Random } from '../lib/random.ts';

/** How message ids are written: in which base, in which case, and whether shorter numbers are filled with zeros. */
export type IdForm = 'hex' | 'upper-hex' | 'padded-hex' | 'decimal' | 'padded-decimal';
export const ID_FORMS: readonly IdForm[] = ['hex', 'upper-hex', 'padded-hex', 'decimal', 'padded-decimal'];

/** What a receipt makes of the id that submit_sm_resp gave: carriers exist that do each of these. */
export type ReceiptIdForm = 'same' | 'other-base' | 'other-case' | 'unpadded' | 'padded';
export const RECEIPT_ID_FORMS: readonly ReceiptIdForm[] = ['same', 'other-base', 'other-case', 'unpadded', 'padded'];

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const TWO_32 = 0x100000000;

/** Digits of padded ids. */
const PADDED_HEX_DIGITS = 16;
const PADDED_DECIMAL_DIGITS = 20;

/** A random message id. */
export function randomId(form: IdForm, random: Random): string {
  switch (form) {
    case 'hex':
      return hexId(random);
    case 'upper-hex':
      return hexId(random).toUpperCase();
    case 'padded-hex':
      return hexId(random).slice(0, 12).padStart(PADDED_HEX_DIGITS, '0');
    case 'decimal':
      return decimalId(random);
    case 'padded-decimal':
      return decimalId(random).slice(0, 15).padStart(PADDED_DECIMAL_DIGITS, '0');
  }
}

/** A random message id: 16 hexadecimal digits. */
export function hexId(random: Random): string {
  const high = (random() * TWO_32) >>> 0;
  const low = (random() * TWO_32) >>> 0;
  return String.fromCharCode(
    HEX[high >>> 28]!,
    HEX[(high >>> 24) & 15]!,
    HEX[(high >>> 20) & 15]!,
    HEX[(high >>> 16) & 15]!,
    HEX[(high >>> 12) & 15]!,
    HEX[(high >>> 8) & 15]!,
    HEX[(high >>> 4) & 15]!,
    HEX[high & 15]!,
    HEX[low >>> 28]!,
    HEX[(low >>> 24) & 15]!,
    HEX[(low >>> 20) & 15]!,
    HEX[(low >>> 16) & 15]!,
    HEX[(low >>> 12) & 15]!,
    HEX[(low >>> 8) & 15]!,
    HEX[(low >>> 4) & 15]!,
    HEX[low & 15]!,
  );
}

/** A random message id: 18 decimal digits. */
export function decimalId(random: Random): string {
  const high = 100_000_000 + Math.floor(random() * 900_000_000);
  const low = Math.floor(random() * 1_000_000_000);
  return `${high}${String(low).padStart(9, '0')}`;
}

/** The id as a receipt names it. */
export function idInReceipt(id: string, form: IdForm, receiptForm: ReceiptIdForm): string {
  const base = form.endsWith('hex') ? 'hex' : 'decimal';
  switch (receiptForm) {
    case 'same':
      return id;
    case 'other-base':
      return inOtherBase(id, base);
    case 'other-case':
      return /[a-z]/.test(id) ? id.toUpperCase() : id.toLowerCase();
    case 'unpadded':
      return id.replace(/^0+(?=.)/, '');
    case 'padded':
      return id.padStart(PADDED_DECIMAL_DIGITS, '0');
  }
}

/** The same number in the other base. */
export function inOtherBase(id: string, base: 'hex' | 'decimal'): string {
  return base === 'hex' ? BigInt(`0x${id}`).toString(10) : BigInt(id).toString(16);
}

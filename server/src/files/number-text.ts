/** A number as a spreadsheet shows one that is too wide for its column: its last digits are lost. */
const ROUNDED = /^\d(?:[.,]\d*)?E\+?\d+$/i;
/** A whole number that was kept as a fraction. */
const WHOLE_FRACTION = /^(\+?\d{5,})[.,]0+$/;
/** Spaces of every kind, marks without a width, dashes, dots and parentheses. */
const DECORATION = /[\s\p{Z}\p{Cf}().\-\u2010-\u2015]/gu;
const ONLY_ASCII_DIGITS = /^\+?\d*$/;

/**
 * The digits of a cell as people and spreadsheets write them: without a protecting apostrophe, spaces, dashes, dots and
 * parentheses, full-width digits as plain ones.
 */
export function digitsOf(cell: string): string {
  if (ONLY_ASCII_DIGITS.test(cell)) return cell;
  const plain = cell.normalize('NFKC').replace(/^['’]/, '').trim();
  return (WHOLE_FRACTION.exec(plain)?.[1] ?? plain).replace(DECORATION, '');
}

/** Whether a text shows a number of which a spreadsheet has dropped digits: what it was cannot be known. */
export const isRounded = (cell: string): boolean => ROUNDED.test(cell.trim());

/** Whether it looks like a number to call, valid or not: a row with such a cell is no header. */
export const looksLikeNumber = (cell: string): boolean => /^\+?\d{5,}$/.test(digitsOf(cell)) || isRounded(cell);

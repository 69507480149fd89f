/** How the id in a report is written, compared with the one in the answer to submit_sm. */
export const ID_FORMATS = ['auto', 'same', 'hex_to_decimal', 'decimal_to_hex'] as const;
/**
 * `auto` finds it out; `hex_to_decimal`: the answer has hexadecimal digits and reports have decimal ones, `decimal_to_hex`
 * the reverse. Case and zeros in front may differ in all but `same`.
 */
export type IdFormat = (typeof ID_FORMATS)[number];

/** What was found to turn the id of a report into that of the answer. */
export interface IdForm {
  /** `exact`: nothing; `digits`: zeros in front or the case differ; otherwise the base of the answer's digits. */
  base: 'exact' | 'digits' | 'hex' | 'decimal';
  upper: boolean;
  /** Characters of the answer's id that was matched last: shorter ones may be filled with zeros. */
  length: number;
}

export const EXACT: IdForm = { base: 'exact', upper: false, length: 0 };

/** Ids with more characters are taken as they are. */
const MAX_DIGITS = 40;
const DECIMAL = /^[0-9]+$/;
const HEX = /^[0-9a-fA-F]+$/;
/** Ids are filled with zeros to no more than this: 64 bits have 20 decimal digits. */
const MAX_PADDED = 20;

const natural = (digits: string): string => digits.replace(/^0+(?=.)/, '');

/** The number in the base of the answer, without zeros in front; null when the id is no such number. */
function digitsOf(id: string, base: IdForm['base']): string | null {
  if (id.length === 0 || id.length > MAX_DIGITS) return null;
  if (base === 'hex') return DECIMAL.test(id) ? BigInt(id).toString(16) : null;
  if (base === 'decimal') return HEX.test(id) ? BigInt(`0x${id}`).toString(10) : null;
  return HEX.test(id) ? natural(id) : null;
}

/** How a report's id may have been written in the answer, by a form that is known; the likeliest first. */
export function writtenBy(id: string, form: IdForm): string[] {
  if (form.base === 'exact') return [id];
  const digits = digitsOf(id, form.base);
  if (digits === null) return [id];
  const cased = form.upper ? digits.toUpperCase() : digits.toLowerCase();
  const padded = cased.padStart(form.length, '0');
  return padded === cased ? [cased] : [padded, cased];
}

/** Every way in which a report's id may have been written in the answer, with the form that each would show. */
export function* waysToWrite(id: string, format: IdFormat): Generator<{ id: string; form: IdForm }> {
  if (format === 'same') return;
  const bases: readonly IdForm['base'][] =
    format === 'auto' ? ['digits', 'hex', 'decimal'] : format === 'hex_to_decimal' ? ['hex'] : ['decimal'];
  for (const base of bases) {
    const digits = digitsOf(id, base);
    if (digits === null) continue;
    for (const upper of [false, true]) {
      const cased = upper ? digits.toUpperCase() : digits.toLowerCase();
      if (upper && cased === digits.toLowerCase()) continue;
      for (let length = cased.length; length <= Math.max(cased.length, MAX_PADDED); length++) {
        const way = cased.padStart(length, '0');
        if (way !== id) yield { id: way, form: { base, upper, length } };
      }
    }
  }
}

/** Whether an id would be another one in each other base, so that a match by it as it is shows something. */
export const tellsApart = (id: string): boolean => !HEX.test(id) || (id.length > 1 && natural(id) !== '0');

/** One name for all ways to write an answer's id: what reports are kept under that came before it. */
export const plainId = (id: string): string =>
  id.length <= MAX_DIGITS && HEX.test(id) ? natural(id).toLowerCase() : id;

/** An answer's id as reports may write it in another base, without zeros in front and in small letters. */
export function otherBases(id: string, format: IdFormat): string[] {
  const bases: readonly IdForm['base'][] =
    format === 'same' ? [] : format === 'auto' ? ['hex', 'decimal'] : [format === 'hex_to_decimal' ? 'decimal' : 'hex'];
  return bases.flatMap((base) => digitsOf(id, base) ?? []);
}

/** Whether two ids may be the same one, written in one way or another. */
export function mayBeSame(inReport: string, inAnswer: string): boolean {
  if (inReport === inAnswer) return true;
  const plain = plainId(inAnswer);
  return (['digits', 'hex', 'decimal'] as const).some((base) => digitsOf(inReport, base)?.toLowerCase() === plain);
}

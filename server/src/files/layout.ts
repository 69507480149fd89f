import { parseRecipient } from '../domain/recipient.ts';
import { must } from '../domain/refusals.ts';
import { digitsOf, looksLikeNumber } from './number-text.ts';
import { type FileRow, unreadable } from './rows.ts';

/** How the columns of a file are to be read. */
export interface Layout {
  /** Names of the columns, as the header has them; columns without a name are called by their position, from 1. */
  columns: string[];
  /** Whether the first row is a header and no row like the others. */
  hasHeader: boolean;
  /** Position of the column that holds the numbers, from 0. */
  numberColumn: number;
}

/** What the sender says of the layout; the rest is found in the file. */
export interface LayoutWishes {
  hasHeader?: boolean;
  /** A column's name, or its position from 1. */
  numberColumn?: string;
  /** ISO 3166-1 alpha-2 of numbers without +. */
  country: string;
}

/** Rows looked at to find out where the numbers are. */
export const SAMPLE_ROWS = 200;

/** Names under which people keep numbers, without case, spaces and signs. */
const NUMBER_NAMES = new Set([
  ...['mobile', 'mobiles', 'mobilenumber', 'mobilephone', 'phone', 'phonenumber', 'phones', 'number', 'numbers'],
  ...['msisdn', 'recipient', 'recipients', 'to', 'tel', 'telephone', 'cell', 'cellphone'],
  ...['手机', '手机号', '手机号码', '号码', '电话', '电话号码', '联系电话', '移动电话'],
  ...['手機', '手機號', '手機號碼', '號碼', '電話', '電話號碼', '聯絡電話', '行動電話'],
]);

/** Decides by the first rows. @throws Refused (fileRefused) when they do not tell where the numbers are */
export function detectLayout(sample: readonly FileRow[], wishes: LayoutWishes): Layout {
  const first = sample[0];
  if (first === undefined) throw unreadable('it holds no rows');
  const hasHeader = wishes.hasHeader ?? !first.cells.some(looksLikeNumber);
  const rows = hasHeader ? sample.slice(1) : sample;
  const width = Math.max(...sample.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, i) => (hasHeader && first.cells[i]) || String(i + 1));
  const names = hasHeader ? columns : [];
  const numberColumn =
    wishes.numberColumn === undefined
      ? findNumberColumn(columns, names, rows, wishes.country)
      : columnNamed(columns, wishes.numberColumn);
  return { columns, hasHeader, numberColumn };
}

/** The column of that name, or at that position from 1. @throws Refused (fileRefused) when there is none, or several */
export function columnNamed(columns: readonly string[], wish: string): number {
  const found = columns.flatMap((name, i) => (plain(name) === plain(wish) ? [i] : []));
  must(found.length < 2, { code: 'fileRefused', why: `several of its columns are named ${wish}: rename all but one` });
  if (found.length === 1) return found[0]!;
  if (/^[1-9]\d{0,3}$/.test(wish) && Number(wish) <= columns.length) return Number(wish) - 1;
  throw unreadable(`it has no column ${wish}; its columns are ${columns.join(', ')}`);
}

function findNumberColumn(
  columns: readonly string[],
  names: readonly string[],
  rows: readonly FileRow[],
  country: string,
): number {
  const named = names.flatMap((name, column) => (NUMBER_NAMES.has(plain(name)) ? [column] : []));
  if (named.length === 1) return named[0]!;
  const numbers = new Map<number, number>();
  for (const { cells } of rows) {
    for (const [column, cell] of cells.entries()) {
      if (named.length > 1 && !named.includes(column)) continue;
      if (parseRecipient(digitsOf(cell), country) !== null) numbers.set(column, (numbers.get(column) ?? 0) + 1);
    }
  }
  const [best, second] = [...numbers].sort(([, a], [, b]) => b - a);
  if (best !== undefined && best[1] !== second?.[1]) return best[0];
  const which = `say which column holds them (number_column); its columns are ${columns.join(', ')}`;
  throw unreadable(
    best === undefined ? `no column holds mobile numbers: ${which}` : `several columns may hold the numbers: ${which}`,
  );
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_\-.:]/g, '');

/** Where a variable's value comes from. */
export interface ValueSource {
  variable: string;
  /** Position of the column, from 0; null: only the fallback. */
  column: number | null;
  /** Used where the cell is empty; null: a row without a value is rejected. */
  fallback: string | null;
}

/**
 * Decides where each variable's value comes from: the column it is mapped to, else the column of its name; where that
 * is empty, the value for all rows.
 * @throws Refused (fileRefused) when a variable would never have a value, or the mapping names what is not there
 */
export function valueSources(
  { columns, numberColumn }: Layout,
  variables: readonly string[],
  mapping: Readonly<Record<string, string>>,
  shared: Readonly<Record<string, string>>,
): ValueSource[] {
  for (const name of Object.keys(mapping)) {
    must(variables.includes(name), {
      code: 'fileRefused',
      why: `the template has no variable {${name}}, which a column is mapped to`,
    });
  }
  return variables.map((variable) => {
    const fallback = Object.hasOwn(shared, variable) ? shared[variable]! : null;
    const mapped = Object.hasOwn(mapping, variable) ? columnNamed(columns, mapping[variable]!) : null;
    // The numbers' own column is a value only where somebody says so.
    const named = columns.flatMap((name, i) => (name === variable && i !== numberColumn ? [i] : []));
    if (mapped === null && named.length > 1) {
      throw unreadable(`several of its columns are named ${variable}: rename all but one`);
    }
    const column = mapped ?? named[0] ?? null;
    must(column !== null || fallback !== null, {
      code: 'fileRefused',
      why: `no column is named ${variable}, which the template needs: map one to it (map), or give a value for all rows (params); the columns are ${columns.join(', ')}`,
    });
    return { variable, column, fallback };
  });
}

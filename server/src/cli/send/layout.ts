import { parseRecipient } from '../../domain/recipient.ts';
import { usageError } from '../failure.ts';
import { type CsvDialect, detectDelimiter, type FileRecord, readRecords } from './records.ts';

/** How a file of numbers is to be read. */
export interface Layout extends CsvDialect {
  /** Names of the columns; null when the first row is a row like the others. */
  header: string[] | null;
  /** Position of the column that holds the numbers, from 0. */
  numberColumn: number;
}

/** What the command line says of the layout; the rest is found in the file. */
export interface LayoutWishes {
  encoding: string;
  /** A column's name, or its position from 1. */
  numberColumn?: string;
  /** ISO 3166-1 alpha-2 of bare numbers. */
  country: string;
}

/** Rows looked at to find out where the numbers are. */
const SAMPLE_RECORDS = 200;

/** Names under which people keep numbers, without case, spaces and signs. */
const NUMBER_NAMES = new Set(
  ['mobile', 'mobiles', 'mobilenumber', 'mobilephone', 'phone', 'phonenumber', 'phones', 'number', 'numbers']
    .concat(['msisdn', 'recipient', 'recipients', 'to', 'tel', 'telephone', 'cell', 'cellphone'])
    .concat([
      '手机',
      '手机号',
      '手机号码',
      '号码',
      '电话',
      '电话号码',
      '手機',
      '手機號',
      '手機號碼',
      '號碼',
      '電話',
      '電話號碼',
    ]),
);

/** Looks at the beginning of the file. @throws CommandFailed when it cannot tell where the numbers are */
export async function detectLayout(path: string, wishes: LayoutWishes): Promise<Layout> {
  const { encoding } = wishes;
  const dialect = { encoding, delimiter: await detectDelimiter(path, encoding) };
  const sample: FileRecord[] = [];
  for await (const record of readRecords(path, dialect)) {
    sample.push(record);
    if (sample.length > SAMPLE_RECORDS) break;
  }
  const first = sample[0]?.cells ?? [];
  if (first.length === 0) throw usageError(`${path} holds no rows`);
  const header = first.some(looksLikeNumber) ? null : first;
  const rows = header === null ? sample : sample.slice(1);
  return { ...dialect, header, numberColumn: findNumberColumn(header, rows, wishes) };
}

/** The digits of a cell as people write them: without spaces, dashes, dots, parentheses and a spreadsheet's apostrophe. */
export function digitsOf(cell: string): string {
  return cell.replace(/^'/, '').replace(/[\s\u00a0().\-\u2010-\u2015]/g, '');
}

function looksLikeNumber(cell: string): boolean {
  return /^\+?\d{5,}$/.test(digitsOf(cell));
}

function findNumberColumn(header: string[] | null, rows: FileRecord[], wishes: LayoutWishes): number {
  if (wishes.numberColumn !== undefined) return namedColumn(header, rows, wishes.numberColumn);
  const named = (header ?? []).flatMap((name, column) => (NUMBER_NAMES.has(plain(name)) ? [column] : []));
  if (named.length === 1) return named[0]!;
  const numbers = new Map<number, number>();
  for (const { cells } of rows) {
    for (const [column, cell] of cells.entries()) {
      if (named.length > 1 && !named.includes(column)) continue;
      if (parseRecipient(digitsOf(cell), wishes.country) !== null) numbers.set(column, (numbers.get(column) ?? 0) + 1);
    }
  }
  const [best, second] = [...numbers].sort(([, a], [, b]) => b - a);
  if (best !== undefined && best[1] !== second?.[1]) return best[0];
  throw usageError(
    best === undefined
      ? 'no column of the file holds mobile numbers'
      : 'several columns of the file may hold the numbers',
    `Say which with --number-column${header === null ? ' and its position from 1' : `: ${header.join(', ')}`}.`,
  );
}

function namedColumn(header: string[] | null, rows: FileRecord[], wish: string): number {
  const column = (header ?? []).findIndex((name) => plain(name) === plain(wish));
  if (column >= 0) return column;
  const width = Math.max(header?.length ?? 0, ...rows.map(({ cells }) => cells.length));
  if (/^[1-9]\d{0,3}$/.test(wish) && Number(wish) <= width) return Number(wish) - 1;
  throw usageError(`the file has no column ${wish}`, header === null ? '' : `Its columns: ${header.join(', ')}.`);
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_\-.:]/g, '');

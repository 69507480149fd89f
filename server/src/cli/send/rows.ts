import { parseRecipient } from '../../domain/recipient.ts';
import { usageError } from '../failure.ts';
import { digitsOf, type Layout } from './layout.ts';
import { NumberSet } from './number-set.ts';
import type { FileRecord } from './records.ts';

/** One message to be sent: a row that passed. */
export interface Row {
  record: FileRecord;
  /** E.164 with +. */
  mobile: string;
  /** Values of the template's variables; undefined when it has none. */
  params: Record<string, string> | undefined;
}

/** One row that is not sent, and why. */
export interface Rejection {
  record: FileRecord;
  /** Groups rejections in the summary. */
  code: RejectionCode;
  reason: string;
}

export type RejectionCode =
  | 'no_number'
  | 'invalid_number'
  | 'duplicate'
  | 'missing_value'
  | 'bad_value'
  | 'too_often'
  | 'refused'
  | 'uncertain';

/** Where a variable's value comes from: a column, a value for all rows where that is empty, or only the latter. */
export interface ValueSource {
  name: string;
  /** Position of the column, or null. */
  column: number | null;
  /** Used where the cell is empty. */
  fallback: string | null;
  /** Whether a row without any value is rejected here; otherwise the variable is left out and the server decides. */
  required: boolean;
}

/**
 * Decides where each variable's value comes from.
 * @param variables the template's variables, or null when they are not known: then every column is offered
 * @throws CommandFailed when a variable would never have a value
 */
export function valueSources(
  layout: Layout,
  variables: readonly string[] | null,
  params: Readonly<Record<string, string>>,
): ValueSource[] {
  const header = layout.header ?? [];
  const offered = header.filter((name, column) => column !== layout.numberColumn && name !== '');
  const names = variables ?? [...new Set([...offered, ...Object.keys(params)])];
  return names.map((name) => {
    const columns = header.flatMap((other, column) => (other === name ? [column] : []));
    const fallback = Object.hasOwn(params, name) ? params[name]! : null;
    if (columns.length > 1) throw usageError(`the file has several columns named ${name}`, 'Rename all but one.');
    if (columns.length === 0 && fallback === null) {
      throw usageError(
        `the template needs a value for {${name}}`,
        `Add a column ${name} to the file, or give it for all rows: --params ${name}=VALUE.`,
      );
    }
    return { name, column: columns[0] ?? null, fallback, required: variables !== null };
  });
}

/** Judges the rows of one file in their order; remembers the numbers it let pass. */
export class RowJudge {
  readonly #numberColumn: number;
  readonly #sources: readonly ValueSource[];
  readonly #country: string;
  readonly #seen = new NumberSet();

  constructor(layout: Layout, sources: readonly ValueSource[], country: string) {
    this.#numberColumn = layout.numberColumn;
    this.#sources = sources;
    this.#country = country;
  }

  judge(record: FileRecord): Row | Rejection {
    const reject = (code: RejectionCode, reason: string): Rejection => ({ record, code, reason });
    const cell = record.cells[this.#numberColumn] ?? '';
    if (cell === '') return reject('no_number', 'no number');
    const recipient = parseRecipient(digitsOf(cell), this.#country);
    if (recipient === null) {
      const damaged = /^\d[.,]?\d*E\+\d+$/i.test(cell);
      return reject('invalid_number', damaged ? 'a spreadsheet has rounded this number' : 'not a mobile number');
    }
    const params: Record<string, string> = Object.create(null);
    for (const { name, column, fallback, required } of this.#sources) {
      const value = (column === null ? '' : (record.cells[column] ?? '')) || fallback;
      if (value === null) {
        if (required) return reject('missing_value', `no value for {${name}}`);
        continue;
      }
      if (value.includes('\0')) return reject('bad_value', `the value for {${name}} holds a NUL character`);
      params[name] = value;
    }
    if (!this.#seen.add(recipient)) return reject('duplicate', 'this number stands on an earlier line too');
    return { record, mobile: `+${recipient}`, params: this.#sources.length === 0 ? undefined : params };
  }
}

export const isRejection = (judged: Row | Rejection): judged is Rejection => 'reason' in judged;

/** What one request carries: a stretch of the file, the same whenever the file is read again. */
export interface Chunk {
  /** From 0. */
  index: number;
  rows: Row[];
  rejections: Rejection[];
}

/** Cuts judged rows into chunks of `size` rows of the file each, rejected ones counted. */
export async function* cut(
  records: AsyncIterable<FileRecord>,
  judge: RowJudge,
  size: number,
  skip: number,
): AsyncGenerator<Chunk> {
  let chunk: Chunk = { index: 0, rows: [], rejections: [] };
  let before = 0;
  for await (const record of records) {
    if (before++ < skip) continue;
    const judged = judge.judge(record);
    if (isRejection(judged)) chunk.rejections.push(judged);
    else chunk.rows.push(judged);
    if (chunk.rows.length + chunk.rejections.length === size) {
      yield chunk;
      chunk = { index: chunk.index + 1, rows: [], rejections: [] };
    }
  }
  if (chunk.rows.length + chunk.rejections.length > 0) yield chunk;
}

import { MAX_SEGMENTS, type PreparedContent, segmentsOf } from '../domain/content.ts';
import { parseRecipient } from '../domain/recipient.ts';
import { NumberSet } from '../lib/number-set.ts';
import { unprotected } from './csv-writer.ts';
import type { Layout, ValueSource } from './layout.ts';
import { digitsOf, isRounded } from './number-text.ts';
import type { FileRow } from './rows.ts';

/** Why a row is not sent, for programs. */
export const REJECTIONS = [
  'no_number',
  'invalid_number',
  'rounded_number',
  'duplicate',
  'missing_value',
  'bad_value',
  'text_too_long',
] as const;
export type RejectionCode = (typeof REJECTIONS)[number];

/** A row that is not sent, and why. */
export interface Rejection {
  row: FileRow;
  code: RejectionCode;
  /** For people. */
  reason: string;
}

/** A row that passed: one message. */
export interface GoodRow {
  recipient: number;
  /** JSON of the values; null when the text has no variables. */
  parameters: string | null;
  segments: number;
}

/** Judges the rows of one file in their order; remembers the numbers it let pass. */
export class RowJudge {
  readonly #layout: Layout;
  readonly #sources: readonly ValueSource[];
  readonly #content: PreparedContent;
  readonly #country: string;
  readonly #seen = new NumberSet();

  /** @param country ISO 3166-1 alpha-2 of numbers without + */
  constructor(layout: Layout, sources: readonly ValueSource[], content: PreparedContent, country: string) {
    this.#layout = layout;
    this.#sources = sources;
    this.#content = content;
    this.#country = country;
  }

  judge(row: FileRow): GoodRow | Rejection {
    const reject = (code: RejectionCode, reason: string): Rejection => ({ row, code, reason });
    const cell = row.cells[this.#layout.numberColumn] ?? '';
    if (cell === '') return reject('no_number', 'no number');
    const recipient = parseRecipient(digitsOf(cell), this.#country);
    if (recipient === null) {
      return isRounded(cell)
        ? reject('rounded_number', 'a spreadsheet has rounded this number')
        : reject('invalid_number', 'not a mobile number');
    }
    let values: Record<string, string> | null = null;
    if (this.#sources.length > 0) {
      const found: [string, string][] = [];
      for (const { variable, column, fallback } of this.#sources) {
        const value = (column === null ? '' : unprotected(row.cells[column] ?? '')) || fallback;
        if (value === null) return reject('missing_value', `no value for {${variable}}`);
        if (!value.isWellFormed()) return reject('bad_value', `the value for {${variable}} holds half a character`);
        found.push([variable, value]);
      }
      // Not by assignment: `__proto__` is a name like any other.
      values = Object.fromEntries(found);
    }
    const segments = segmentsOf(this.#content, values, recipient);
    if (segments > MAX_SEGMENTS) return reject('text_too_long', `the text takes ${segments} segments`);
    if (!this.#seen.add(recipient)) return reject('duplicate', 'this number stands on an earlier line too');
    return { recipient, segments, parameters: values === null ? null : JSON.stringify(values) };
  }
}

export const isRejection = (judged: GoodRow | Rejection): judged is Rejection => 'reason' in judged;

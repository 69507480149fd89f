import type { Database, Value } from './database.ts';

/** Rows that one statement takes, at most. */
const TOGETHER = 64;

/**
 * A statement that takes several rows at once. What is alike in all of them is bound once; every number of rows has a text of
 * its own, made once. Rows as bound values cost three quarters of what they cost in a JSON list, and many rows in one
 * statement half of what they cost in one each.
 */
export class RowsStatement {
  readonly #texts: string[] = [];
  readonly #row: string;
  readonly #text: (rows: string) => string;

  /**
   * @param columns of a row; a row of one column goes into a list such as `IN (…)`, others into `VALUES …`
   * @param text the statement around the rows; what is alike is bound before them
   */
  constructor(columns: number, text: (rows: string) => string) {
    this.#row = columns === 1 ? '?' : `(${placesOf(columns)})`;
    this.#text = text;
  }

  /** Runs it, some rows at a time. @param bind adds a row's values */
  run<T>(db: Database, alike: readonly Value[], rows: readonly T[], bind: (row: T, values: Value[]) => void): void {
    for (let from = 0; from < rows.length; from += TOGETHER) {
      const count = Math.min(TOGETHER, rows.length - from);
      const values = [...alike];
      for (let i = from; i < from + count; i++) bind(rows[i]!, values);
      db.run(this.#of(count), ...values);
    }
  }

  /** What it finds for a list of one column, some at a time: the first row of each. */
  first(db: Database, list: readonly number[]): Value[][] {
    const found: Value[][] = [];
    for (let from = 0; from < list.length; from += TOGETHER) {
      const values = list.slice(from, from + TOGETHER);
      found.push(db.first(this.#of(values.length), ...values)!);
    }
    return found;
  }

  #of(count: number): string {
    let text = this.#texts[count];
    if (text === undefined) {
      text = this.#text(Array(count).fill(this.#row).join(', '));
      this.#texts[count] = text;
    }
    return text;
  }
}

/** So many places for values. */
export const placesOf = (count: number): string => Array(count).fill('?').join(', ');

/** Rows in their order, those together that stand together and are alike. */
export function alikeRuns<T>(rows: readonly T[], areAlike: (a: T, b: T) => boolean): T[][] {
  const runs: T[][] = [];
  let last: T[] | undefined;
  for (const row of rows) {
    if (last !== undefined && areAlike(last[0]!, row)) last.push(row);
    else {
      last = [row];
      runs.push(last);
    }
  }
  return runs;
}

import { CATEGORIES, type Category } from './category.ts';

/** A row of a table of prices or costs: what it holds for, and from when on. */
export interface TariffRow {
  /** The first digits of an E.164 number; empty: every number. */
  prefix: string;
  /** Null: any. */
  category: Category | null;
  /** Milliseconds since 1970. */
  validFrom: number;
}

export const TARIFF_PREFIX = /^(?:[1-9][0-9]{0,14})?$/;
export const PREFIX_RULE = 'the first digits of E.164 numbers, without +, at most 15; empty: every number';

/** Rows one table may have, those that are over and those to come included. */
export const MAX_TARIFF_ROWS = 20_000;

/** The row of one prefix for each category, in their order, and last that for any. */
type Cell<R> = (R | null)[];

const ANY = CATEGORIES.length;
const PLACE = Object.fromEntries(CATEGORIES.map((category, place) => [category, place])) as Record<Category, number>;
const POWER_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * A table as it stands at a moment, arranged for one number after the other: the longest prefix wins, at one prefix the
 * row that names the category, and of those with the same prefix and category the newest that is valid.
 */
export class Tariff<R extends TariffRow> {
  /** It stands like this from `from` (included) to `until` (not included). */
  readonly from: number;
  readonly until: number;
  /** By length of the prefix, the longest first. */
  readonly #byLength: { length: number; cells: Map<number, Cell<R>> }[] = [];

  constructor(rows: readonly R[], at: number) {
    let from = Number.NEGATIVE_INFINITY;
    let until = Number.POSITIVE_INFINITY;
    const byLength = new Map<number, Map<number, Cell<R>>>();
    for (const row of rows) {
      if (row.validFrom > at) {
        until = Math.min(until, row.validFrom);
        continue;
      }
      from = Math.max(from, row.validFrom);
      let cells = byLength.get(row.prefix.length);
      if (cells === undefined) {
        cells = new Map();
        byLength.set(row.prefix.length, cells);
      }
      const head = Number(row.prefix);
      let cell = cells.get(head);
      if (cell === undefined) {
        cell = new Array<R | null>(ANY + 1).fill(null);
        cells.set(head, cell);
      }
      const place = row.category === null ? ANY : PLACE[row.category];
      const other = cell[place] ?? null;
      if (other === null || other.validFrom < row.validFrom) cell[place] = row;
    }
    this.from = from;
    this.until = until;
    for (const length of [...byLength.keys()].sort((a, b) => b - a)) {
      this.#byLength.push({ length, cells: byLength.get(length)! });
    }
  }

  /** The row that holds for a recipient; null when none does. */
  find(recipient: number, category: Category): R | null {
    const place = PLACE[category];
    let digits = 1;
    while (digits < 16 && recipient >= POWER_OF_TEN[digits]!) digits++;
    for (const { length, cells } of this.#byLength) {
      if (length > digits) continue;
      const cell = cells.get(length === 0 ? 0 : Math.floor(recipient / POWER_OF_TEN[digits - length]!));
      const row = cell === undefined ? null : (cell[place] ?? cell[ANY]!);
      if (row !== null) return row;
    }
    return null;
  }

  /** The rows in force. */
  rows(): R[] {
    return this.#byLength.flatMap(({ cells }) =>
      [...cells.values()].flatMap((cell) => cell.filter((row) => row !== null)),
    );
  }
}

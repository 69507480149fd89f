import type { Category } from './category.ts';
import { Tariff, type TariffRow } from './tariff.ts';

/** What one segment costs to some numbers in some category. */
export interface PriceRow extends TariffRow {
  /** Credits for one segment, an integer from 0 on. */
  credits: number;
}

/** Most credits one segment may cost: with it, the largest request stays far below 2^53. */
export const MAX_PRICE = 1_000_000;

/** Credits for one segment where no table says anything. */
export const DEFAULT_RATE = 1;

/** Whose table a price stands in. */
export type PriceScope = 'business' | 'default';

/** What a business pays at a moment: by its own table, and where that says nothing by the installation's. */
export class PriceList<R extends PriceRow = PriceRow> {
  /** It stands like this from `from` (included) to `until` (not included). */
  readonly from: number;
  readonly until: number;
  readonly #own: Tariff<R>;
  readonly #general: Tariff<R>;

  constructor(own: readonly R[], general: readonly R[], at: number) {
    this.#own = new Tariff(own, at);
    this.#general = new Tariff(general, at);
    this.from = Math.max(this.#own.from, this.#general.from);
    this.until = Math.min(this.#own.until, this.#general.until);
  }

  /** The row that decides, and whose it is; null: {@link DEFAULT_RATE}. */
  find(recipient: number, category: Category): { row: R; scope: PriceScope } | null {
    const own = this.#own.find(recipient, category);
    if (own !== null) return { row: own, scope: 'business' };
    const row = this.#general.find(recipient, category);
    return row === null ? null : { row, scope: 'default' };
  }

  /** Credits for one segment. */
  rate(recipient: number, category: Category): number {
    return (this.#own.find(recipient, category) ?? this.#general.find(recipient, category))?.credits ?? DEFAULT_RATE;
  }
}

/** Credits one message costs. Preview and bill both come from here. `prices` null: there is no table. */
export function priceOf(segments: number, recipient: number, category: Category, prices: PriceList | null): number {
  return segments * (prices === null ? DEFAULT_RATE : prices.rate(recipient, category));
}

/**
 * The rows that decide what a business pays, now or later: without those that newer ones have replaced, and without
 * rows of the installation that its own stand before whatever the number is.
 */
export function effectiveRows<R extends PriceRow>(
  own: readonly R[],
  general: readonly R[],
  at: number,
): { row: R; scope: PriceScope }[] {
  const inForce = new Tariff(own, at).rows();
  const living = (rows: readonly R[]): R[] => {
    const now = new Set(new Tariff(rows, at).rows());
    return rows.filter((row) => row.validFrom > at || now.has(row));
  };
  const hidden = (row: R): boolean =>
    inForce.some(
      (mine) => row.prefix.startsWith(mine.prefix) && (mine.category === null || mine.category === row.category),
    );
  return [
    ...living(own).map((row) => ({ row, scope: 'business' as const })),
    ...living(general)
      .filter((row) => !hidden(row))
      .map((row) => ({ row, scope: 'default' as const })),
  ];
}

import type { Readable } from 'node:stream';
import Type from 'typebox';
import { CATEGORIES, type Category } from '../../domain/category.ts';
import { must } from '../../domain/refusals.ts';
import { MAX_TARIFF_ROWS, PREFIX_RULE, TARIFF_PREFIX, type TariffRow } from '../../domain/tariff.ts';
import { unprotected } from '../../files/csv-writer.ts';
import { openTable } from '../../files/table.ts';
import { parseDay, startOfDay } from '../../lib/calendar.ts';
import { parseTime } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { orNull, word } from './fields.ts';

/** What rows of prices and of costs have in common, in JSON and in files. */

const VALID_FROM_RULE = 'when it begins: RFC 3339 with an offset, or a day such as 2026-12-01; left out: now';

export const Prefix = Type.String({
  pattern: TARIFF_PREFIX.source,
  description: 'the first digits of E.164 numbers, without +, at most 15; left out or empty: every number',
});
export const CategoryOrAny = orNull(word(CATEGORIES, `one of ${CATEGORIES.join(', ')}; null or left out: any`));
export const ValidFrom = Type.String({ maxLength: 40, description: VALID_FROM_RULE });

export const tariffFields = {
  prefix: Type.Optional(Prefix),
  category: Type.Optional(CategoryOrAny),
  valid_from: Type.Optional(ValidFrom),
};

/** Times of rows: those left out, and days, which begin in a zone. */
export interface TariffTimes {
  now: number;
  zone: string;
}

/** @throws Refused naming the field */
export function tariffRowOf(
  row: { prefix?: string; category?: Category | null; valid_from?: string },
  field: string,
  times: TariffTimes,
): TariffRow {
  const { prefix = '', category = null, valid_from } = row;
  const validFrom = valid_from === undefined ? times.now : momentOf(valid_from, times.zone);
  must(validFrom !== null, { code: 'invalidField', field: `${field}.valid_from`, rule: VALID_FROM_RULE });
  return { prefix, category, validFrom };
}

/** A time with an offset, or the beginning of a day; null when it is neither. */
export function momentOf(text: string, zone: string): number | null {
  const day = parseDay(text);
  if (day !== null) return startOfDay(zone, day);
  return /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/i.test(text) ? parseTime(text.toUpperCase()) : null;
}

/**
 * Reads rows from an uploaded CSV or XLSX file: columns prefix, category, valid_from and those of `amount`.
 * @throws Refused (fileRefused) naming the line
 */
export function tariffRowsOfFile<A extends string, R extends TariffRow>(
  { spool }: HttpDeps,
  owner: number,
  upload: Readable,
  times: TariffTimes,
  amount: { needed: readonly A[]; optional: readonly A[] },
  complete: (row: TariffRow, cell: (column: A) => string, refuse: (why: string) => never) => R,
): Promise<R[]> {
  return spool.with(owner, upload, async ({ path }) => {
    const { columns, rows } = await openTable(
      path,
      {},
      {
        needed: amount.needed,
        optional: ['prefix', 'category', 'valid_from', ...amount.optional],
        strict: true,
      },
    );
    const found: R[] = [];
    for await (const piece of rows()) {
      for (const { line, cells } of piece) {
        const refuse = (why: string): never => {
          must(false, { code: 'fileRefused', why: `line ${line}: ${why}` });
        };
        const cell = (column: A | 'prefix' | 'category' | 'valid_from') => {
          const place = columns[column];
          return place === null ? '' : unprotected(cells[place] ?? '');
        };
        const prefix = cell('prefix').replace(/^\+/, '');
        if (!TARIFF_PREFIX.test(prefix)) refuse(`prefix: ${PREFIX_RULE}`);
        const word = cell('category');
        const category = CATEGORIES.find((each) => each === word) ?? null;
        if (category === null && word !== '' && word !== 'any')
          refuse(`category: ${CATEGORIES.join(', ')}, or empty: any`);
        const written = cell('valid_from');
        const validFrom = written === '' ? times.now : momentOf(written, times.zone);
        if (validFrom === null) return refuse(`valid_from: ${VALID_FROM_RULE}`);
        found.push(complete({ prefix, category, validFrom }, cell, refuse));
        must(found.length <= MAX_TARIFF_ROWS, { code: 'tooManyRows', limit: MAX_TARIFF_ROWS });
      }
    }
    must(found.length > 0, { code: 'fileRefused', why: 'it holds a header and no rows' });
    return found;
  });
}

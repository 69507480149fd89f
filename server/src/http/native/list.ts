import { Refused } from '../../domain/refusals.ts';
import { DEFAULT_LIMIT } from './fields.ts';

/** What a list's query says about its page. */
export interface PageQuery {
  cursor?: string;
  limit?: string;
}

export const limitOf = (query: PageQuery): number => (query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit));

/** A place in a list, as callers carry it: opaque to them, a row of integers to us. */
export function cursorText(...place: number[]): string {
  return Buffer.from(place.join('.')).toString('base64url');
}

/** The `count` integers of the cursor given, or null when none was. @throws Refused when it is not one of ours */
export function placeOf(query: PageQuery, count: number): number[] | null {
  if (query.cursor === undefined) return null;
  const parts = Buffer.from(query.cursor, 'base64url').toString('latin1').split('.');
  const place = parts.map((part) => (/^[0-9]{1,16}$/.test(part) ? Number(part) : Number.NaN));
  if (place.length !== count || !place.every(Number.isSafeInteger)) {
    throw new Refused({ code: 'invalidField', field: 'cursor', rule: 'the next_cursor of an earlier page, unchanged' });
  }
  return place;
}

/**
 * One page of `rows`, which were asked for with one row more than `limit`: that row tells that there is a next page.
 * `place` gives what the next page goes on from.
 */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  place: (last: R) => number[],
  view: (row: R) => T,
): { items: T[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(view),
    next_cursor: rows.length > limit ? cursorText(...place(shown.at(-1)!)) : null,
  };
}

/**
 * One page of a list that is kept by page number. The cursor carries page and size, so a page that follows is as long
 * as the first whatever its `limit` says.
 */
export async function numberedPage<R, T>(
  query: PageQuery,
  ask: (page: { page: number; pageSize: number }) => Promise<{ items: R[]; total: number }>,
  view: (row: R) => T,
): Promise<{ items: T[]; next_cursor: string | null }> {
  const [page = 1, pageSize = limitOf(query)] = placeOf(query, 2) ?? [];
  const { items, total } = await ask({ page, pageSize });
  return { items: items.map(view), next_cursor: page * pageSize < total ? cursorText(page + 1, pageSize) : null };
}

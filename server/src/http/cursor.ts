import { Refused } from '../domain/refusals.ts';

/** A place in a list, as callers carry it: opaque to them, a row of integers to us. */
export function cursorText(...place: number[]): string {
  return Buffer.from(place.join('.')).toString('base64url');
}

/** The `count` integers of the cursor given, or null when none was. @throws Refused when it is not one of ours */
export function placeOf(query: { cursor?: string }, count: number): number[] | null {
  if (query.cursor === undefined) return null;
  const place = placeIn(query.cursor, count);
  if (place === null) throw badCursor();
  return place;
}

/** What a cursor that is none of ours is refused with. */
export const badCursor = (): Refused =>
  new Refused({ code: 'invalidField', field: 'cursor', rule: 'the next_cursor of an earlier page, unchanged' });

/** The `count` integers of a text made by {@link cursorText}, or null when it is none. */
export function placeIn(text: string, count: number): number[] | null {
  const parts = Buffer.from(text, 'base64url').toString('latin1').split('.');
  const place = parts.map((part) => (/^[0-9]{1,16}$/.test(part) ? Number(part) : Number.NaN));
  return place.length === count && place.every(Number.isSafeInteger) ? place : null;
}

/** The rows of `width` integers of a text made by {@link cursorText} of all of them in a row, or null when it is none. */
export function rowsIn(text: string, width: number): number[][] | null {
  const count = Buffer.from(text, 'base64url').toString('latin1').split('.').length;
  const all = count % width === 0 ? placeIn(text, count) : null;
  return all && Array.from({ length: count / width }, (_, row) => all.slice(row * width, (row + 1) * width));
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

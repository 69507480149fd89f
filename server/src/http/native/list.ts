import { cursorText, placeOf } from '../cursor.ts';
import { DEFAULT_LIMIT } from './fields.ts';

export { cursorText, pageOf, placeOf } from '../cursor.ts';

/** What a list's query says about its page. */
export interface PageQuery {
  cursor?: string;
  limit?: string;
}

export const limitOf = (query: PageQuery): number => (query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit));

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

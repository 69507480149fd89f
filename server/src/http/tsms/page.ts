import type { Page } from '../../store/store.ts';
import { ensure } from './errors.ts';

export type Query = Readonly<Record<string, string | string[] | undefined>>;

export const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1_000;
/** So that every row number stays far below 2^53. */
const MAX_PAGE = 1_000_000_000;

/** The part of a list a query asks for with `page` and `page_size`; null when it names neither. */
export function readPage(query: Query): Page | null {
  const page = readCount(query.page, MAX_PAGE);
  const pageSize = readCount(query.page_size, MAX_PAGE_SIZE);
  return page === null && pageSize === null ? null : { page: page ?? 1, pageSize: pageSize ?? DEFAULT_PAGE_SIZE };
}

/** The page of a list whose pages have a fixed size. */
export const readPageNumber = (query: Query): number => readCount(query.page, MAX_PAGE) ?? 1;

/** A number from 1 to `max`; null when it is absent or empty, as forms send what was left empty. */
function readCount(text: string | string[] | undefined, max: number): number | null {
  if (text === undefined || text === '') return null;
  ensure(typeof text === 'string' && /^[1-9][0-9]{0,9}$/.test(text) && Number(text) <= max, 'ER:0004');
  return Number(text);
}

/** A list as the wire shows it. `part` is null when all of it is asked for. */
export function listBody<T>(items: T[], total: number, part: Page | null) {
  return { items, total, page: part?.page ?? 1, page_size: part?.pageSize ?? items.length };
}

import type { Category } from './category.ts';

/**
 * Lists of recipients that are not written to. `opt-out`: of a business, for marketing. `blacklist`: of a business or of
 * the whole installation, for everything. The position is the stored code: append, never reorder.
 */
export const RECIPIENT_LISTS = ['opt-out', 'blacklist'] as const;
export type RecipientList = (typeof RECIPIENT_LISTS)[number];

export const listCode = (list: RecipientList): number => RECIPIENT_LISTS.indexOf(list);

export function listOfCode(code: number): RecipientList {
  const list = RECIPIENT_LISTS[code];
  if (list === undefined) throw new Error(`no list of recipients has code ${code}`);
  return list;
}

/** In place of a business: the list is the whole installation's. */
export const EVERYBODY = 0;

/** Who put a recipient on a list: its own reply, the business, or the administrator. */
export const LIST_SOURCES = ['reply', 'business', 'administrator'] as const;
export type ListSource = (typeof LIST_SOURCES)[number];

export interface ListEntry {
  recipient: number;
  since: number;
  source: ListSource;
  /** For people; may be empty. */
  note: string;
}

export const LIST_NOTE_MAX_LENGTH = 200;
/** Recipients that one request adds or removes. */
export const MAX_LISTED_AT_ONCE = 10_000;

/** Which categories a list stops. */
export const stops = (list: RecipientList, category: Category): boolean =>
  list === 'blacklist' || category === 'marketing';

/** What a message says that a list has stopped; callbacks know its numbers by these words. */
export const STOPPED_BY: Readonly<Record<RecipientList, string>> = {
  'opt-out': 'the recipient has opted out',
  blacklist: 'the recipient is blacklisted',
};

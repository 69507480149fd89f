import type { LoggedExchange, LogPage, LogPlace, LogQuestion } from './exchange.ts';

// Each process has the lines of what it said and heard itself: a channel's log is all of them, merged by their times.

/** Whose log it is: an integer that stands for its data directory. A place has a meaning there alone. */
export type LogHome = number;

/** The home of logs in a house of one process. */
export const ONE_HOUSE: LogHome = 0;

/** The home that a data directory is: 48 bits of its id, so that integers hold it exactly. */
export const homeOf = (directory: string): LogHome => Number.parseInt(directory.slice(0, 12), 16);

/** Where a page goes on in each log that has more. */
export type LogPlaces = readonly { home: LogHome; before: LogPlace }[];

/** A line that others are to be behind. */
export interface LogMark {
  home: LogHome;
  place: LogPlace;
  /** When it was over, wall time in milliseconds. */
  at: number;
}

/** What is asked of the logs of a channel, wherever they are. */
export interface MergedQuestion extends Pick<LogQuestion, 'channelId' | 'filter' | 'limit'> {
  /** Null: from the newest line of each. */
  before: LogPlaces | null;
  after: LogMark | null;
}

export type MergedExchange = LoggedExchange & { home: LogHome };

/** Lines of all logs, newest first. */
export interface MergedPage {
  exchanges: MergedExchange[];
  /** As {@link LogPage.next}. */
  next: LogPlaces | null;
  /** Processes that have lines, perhaps, and did not answer. */
  unheard: { host: string; pid: number }[];
}

/** Clocks of processes differ by less, and a line is written so long after it was over at most: it may be told again. */
const FOLLOW_SLACK_MS = 2_000;

/** What a question asks of one log; null: nothing more. */
export function questionFor(
  home: LogHome,
  { channelId, filter, before, after, limit }: MergedQuestion,
): LogQuestion | null {
  const place = before?.find((each) => each.home === home)?.before ?? null;
  if (before !== null && place === null) return null;
  if (after === null || after.home === home) {
    return { channelId, filter, before: place, after: after?.place ?? null, limit };
  }
  const from = Math.max(after.at - FOLLOW_SLACK_MS, filter.from ?? 0);
  return { channelId, filter: { ...filter, from }, before: place, after: null, limit };
}

/**
 * Merges a page of each log. It ends where one of them has more that has not been read: what comes next may be there.
 */
export function mergedPage(
  pages: readonly { home: LogHome; page: LogPage }[],
  { before, limit }: Pick<MergedQuestion, 'before' | 'limit'>,
): Pick<MergedPage, 'exchanges' | 'next'> {
  const logs = pages.map(({ home, page }) => ({ home, ...page, taken: 0 }));
  const exchanges: MergedExchange[] = [];
  const isCut = () => logs.some(({ exchanges: lines, next, taken }) => taken === lines.length && next !== null);
  while (exchanges.length < limit && !isCut()) {
    let newest: (typeof logs)[number] | null = null;
    for (const log of logs) {
      if (log.taken === log.exchanges.length) continue;
      if (newest === null || log.exchanges[log.taken]!.at > newest.exchanges[newest.taken]!.at) newest = log;
    }
    if (newest === null) break;
    exchanges.push({ ...newest.exchanges[newest.taken++]!, home: newest.home });
  }
  const next = logs.flatMap(({ home, exchanges: lines, next: following, taken }) => {
    if (taken === lines.length) return following === null ? [] : [{ home, before: following }];
    if (taken > 0) return [{ home, before: lines[taken - 1]!.place }];
    // None of its lines was the newest yet: all of them are still to come.
    const [file, offset, line] = lines[0]!.place;
    return [
      { home, before: before?.find((each) => each.home === home)?.before ?? ([file, offset, line + 1] as const) },
    ];
  });
  return { exchanges, next: next.length === 0 ? null : next };
}

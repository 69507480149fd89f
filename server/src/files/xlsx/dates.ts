import { isoTime } from '../../lib/clock.ts';

/**
 * Which numbers of a workbook are moments, and how they read (ECMA-376 Part 1 §18.8.30, §18.17.4). A date is kept as a
 * number of days; only the cell's format tells that it is one.
 */

/** What a format shows of a moment. */
export type Moment = 'date' | 'time' | 'both';

/** Formats without a code, by their ids; the others are numbers. 27 to 36 and 50 to 58 are dates of East Asian locales. */
function builtIn(id: number): Moment | null {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58)) return 'date';
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47)) return 'time';
  return id === 22 ? 'both' : null;
}

/** What a format shows, by its id and, when it is not built in, its code; null: no moment. */
export function momentOf(id: number, code: string | undefined): Moment | null {
  if (code === undefined) return builtIn(id);
  // Quoted and escaped text, colours and conditions, and all but the first section say nothing of it. [h] counts hours.
  const bare = code
    .split(';', 1)[0]!
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .toLowerCase();
  if (/general/.test(bare)) return null;
  const time = /[hs]/.test(bare);
  const date = /[yd]/.test(bare) || (/m/.test(bare) && !time);
  if (date && time) return 'both';
  return date ? 'date' : time ? 'time' : null;
}

/**
 * Day 0 of the two counts. The one from 1900 takes that year for a leap year, so that day 0 is 1899-12-30 for every date
 * from March 1900 on.
 */
const EPOCH_1900 = -2_209_161_600_000;
const EPOCH_1904 = -2_082_844_800_000;
/** The last day the format knows, 9999-12-31. */
const MAX_DAYS = 2_958_465;
const DAY_S = 86_400;

/** A number of days as people write the moment: 2026-11-22, 08:30:00, or both. */
export function momentText(days: number, moment: Moment, since1904: boolean): string {
  if (!(days >= 0 && days < MAX_DAYS + 1)) return String(days);
  const text = isoTime((since1904 ? EPOCH_1904 : EPOCH_1900) + Math.round(days * DAY_S) * 1000);
  const date = text.slice(0, 10);
  const time = text.slice(11, 19);
  if (moment === 'time') return time;
  return moment === 'date' || time === '00:00:00' ? date : `${date} ${time}`;
}

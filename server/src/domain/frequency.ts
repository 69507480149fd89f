import { CATEGORIES, type Category } from './category.ts';

/** At most `limit` messages in any `windowMs`. */
export interface FrequencyWindow {
  limit: number;
  windowMs: number;
}

/** How often one business may write to one recipient. Every list may be empty: no limit. */
export interface FrequencyPolicy {
  /** Windows over the messages of all categories together. */
  all: readonly FrequencyWindow[];
  /** Windows over those of one category alone; they hold beside `all`. */
  of: Readonly<Record<Category, readonly FrequencyWindow[]>>;
}

export const MAX_FREQUENCY_LIMIT = 10_000;
export const MAX_FREQUENCY_WINDOWS = 4;

const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const MAX_WINDOW_MS = 30 * DAY_MS;
const UNITS: Record<string, number> = { s: SECOND_MS, m: 60_000, h: HOUR_MS, d: DAY_MS };

/** No limit at all. */
export const NO_FREQUENCY_POLICY: FrequencyPolicy = {
  all: [],
  of: { verification: [], notification: [], marketing: [] },
};

/** Windows up to an hour are counted to the millisecond; longer ones in whole hours, in the store. */
export const isLong = ({ windowMs }: FrequencyWindow): boolean => windowMs > HOUR_MS;

/** The windows counted to the millisecond. */
export function shortWindows(policy: FrequencyPolicy): FrequencyPolicy {
  const short = (windows: readonly FrequencyWindow[]) => windows.filter((window) => !isLong(window));
  const of = Object.fromEntries(CATEGORIES.map((category) => [category, short(policy.of[category])]));
  return { all: short(policy.all), of: of as Record<Category, FrequencyWindow[]> };
}

/** Long windows and what counts in them: the messages of one category, or (null) of all. */
export interface LongWindows {
  category: Category | null;
  windows: readonly FrequencyWindow[];
}

/** The long windows that a message of each category counts in; most have none. */
export function longWindows(policy: FrequencyPolicy): Record<Category, readonly LongWindows[]> {
  const all = { category: null, windows: policy.all.filter(isLong) };
  const of = (category: Category): LongWindows[] =>
    [all, { category, windows: policy.of[category].filter(isLong) }].filter(({ windows }) => windows.length > 0);
  return Object.fromEntries(CATEGORIES.map((category) => [category, of(category)])) as Record<Category, LongWindows[]>;
}

export const FREQUENCY_RULE =
  `"off", or up to ${MAX_FREQUENCY_WINDOWS} windows of different lengths such as "1/1m 5/1h 10/1d": a number of messages from 1 to ` +
  `${MAX_FREQUENCY_LIMIT}, a slash, and a time in s, m, h or d of at most 30d, in whole hours when it is over 1h`;

/** Windows as a person writes them ({@link FREQUENCY_RULE}); null when the text is none. */
export function parseFrequency(text: string): FrequencyWindow[] | null {
  if (text === 'off') return [];
  const words = text.split(' ');
  const windows = words.map(parseWindow).filter((window) => window !== null);
  const times = new Set(windows.map(({ windowMs }) => windowMs));
  if (times.size !== words.length || words.length > MAX_FREQUENCY_WINDOWS) return null;
  return windows;
}

function parseWindow(text: string): FrequencyWindow | null {
  const match = /^([1-9]\d{0,4})\/([1-9]\d{0,6})([smhd])$/.exec(text);
  if (match === null) return null;
  const window = { limit: Number(match[1]), windowMs: Number(match[2]) * UNITS[match[3]!]! };
  const fits = window.limit <= MAX_FREQUENCY_LIMIT && window.windowMs <= MAX_WINDOW_MS;
  return fits && (!isLong(window) || window.windowMs % HOUR_MS === 0) ? window : null;
}

/** Windows as {@link parseFrequency} reads them, in the largest unit that says each whole. */
export function writeFrequency(windows: readonly FrequencyWindow[]): string {
  return windows.length === 0 ? 'off' : windows.map(writeWindow).join(' ');
}

/** One window, such as "5/1h". */
export function writeWindow({ limit, windowMs }: FrequencyWindow): string {
  const [unit, ms] = Object.entries(UNITS).findLast(([, size]) => windowMs % size === 0)!;
  return `${limit}/${windowMs / ms}${unit}`;
}

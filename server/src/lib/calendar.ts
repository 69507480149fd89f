/** A day of some zone's calendar, as one number that orders like the days: 20261130. */
export type LocalDay = number;

export const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of a zone show. @param at milliseconds since 1970 */
export function localTime(zone: string, at: number): { day: LocalDay; hour: number; minute: number } {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year, month, day, hour, minute } = parts as Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>;
  return { day: year * 10_000 + month * 100 + day, hour, minute };
}

/** The day a text such as 2026-11-30 names, or null when there is none. */
export function parseDay(text: string): LocalDay | null {
  if (!/^[12]\d{3}-\d{2}-\d{2}$/.test(text)) return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) || utcDay(at) !== text ? null : Number(text.replaceAll('-', ''));
}

/** 20261130 → 2026-11-30. */
export function dayText(day: LocalDay): string {
  return String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
}

/** The day so many days later. */
export function addDays(day: LocalDay, days: number): LocalDay {
  return Number(utcDay(Date.parse(`${dayText(day)}T00:00:00Z`) + days * DAY_MS).replaceAll('-', ''));
}

/** The first day of the month so many months later. */
export function addMonths(day: LocalDay, months: number): LocalDay {
  const count = Math.floor(day / 10_000) * 12 + (Math.floor(day / 100) % 100) - 1 + months;
  return Math.floor(count / 12) * 10_000 + ((count % 12) + 1) * 100 + 1;
}

const utcDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

const starts = new Map<string, number>();
const MAX_STARTS = 20_000;

/**
 * When a day begins in a zone, milliseconds since 1970: its first quarter of an hour, which is not midnight where the
 * clocks are put forward then. Every zone's clocks differ from UTC by whole quarters.
 */
export function startOfDay(zone: string, day: LocalDay): number {
  const key = `${day} ${zone}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  // Clocks are between 12 hours behind and 14 ahead; the day on them never goes back.
  const midnight = Date.parse(`${dayText(day)}T00:00:00Z`) / QUARTER_MS;
  let before = midnight - 60;
  let after = midnight + 60;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTime(zone, middle * QUARTER_MS).day >= day) after = middle;
    else before = middle;
  }
  if (starts.size >= MAX_STARTS) starts.clear();
  starts.set(key, after * QUARTER_MS);
  return after * QUARTER_MS;
}

/** When a day's month begins in a zone. */
export const startOfMonth = (zone: string, day: LocalDay): number => startOfDay(zone, Math.floor(day / 100) * 100 + 1);

/**
 * Milliseconds since 1970 of a time as lists have it: RFC 3339, `2026-11-01 08:30:00` (or with slashes, or `20261101083000`) on
 * the clocks of a zone, or seconds or milliseconds since 1970; null when it is none.
 */
export function timeOfClock(zone: string, text: string): number | null {
  if (/^\d{10}$/.test(text)) return Number(text) * 1_000;
  if (/^\d{13}$/.test(text)) return Number(text);
  const parts =
    /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})[T ]?(\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(
      text,
    );
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second = '00', offset] = parts;
  if (parseDay(`${year}-${month}-${day}`) === null) return null;
  const shown = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const at = Date.parse(`${shown}${offset?.toUpperCase() ?? 'Z'}`);
  if (Number.isNaN(at)) return null;
  if (offset !== undefined) return at;
  // Once with the offset of about then, once with that of then.
  return at - offsetMs(zone, at - offsetMs(zone, at));
}

/** By zone and quarter of an hour: lists have many times of few hours. */
const offsets = new Map<string, Map<number, number>>();

/** How far the clocks of a zone are ahead of UTC; they change on quarters. */
function offsetMs(zone: string, at: number): number {
  let known = offsets.get(zone);
  if (known === undefined || known.size >= MAX_STARTS) {
    known = new Map();
    offsets.set(zone, known);
  }
  const quarter = Math.floor(at / QUARTER_MS);
  let offset = known.get(quarter);
  if (offset === undefined) {
    const { day, hour, minute } = localTime(zone, quarter * QUARTER_MS);
    offset = Date.parse(`${dayText(day)}T00:00:00Z`) + (hour * 60 + minute) * 60_000 - quarter * QUARTER_MS;
    known.set(quarter, offset);
  }
  return offset;
}

export const PERIODS = ['hour', 'day', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/**
 * Where the periods between two moments begin in a zone: `from`, then every border before `to`. Both are on a quarter of an
 * hour. Not more than `limit`: then fewer are returned than there are.
 */
export function periodStarts(by: Period, zone: string, from: number, to: number, limit: number): number[] {
  const found: number[] = [];
  for (let at = from; at < to && found.length < limit; at = nextStart(by, zone, at)) found.push(at);
  return found;
}

function nextStart(by: Period, zone: string, at: number): number {
  const { day, hour } = localTime(zone, at);
  if (by !== 'hour') return startOfDay(zone, by === 'day' ? addDays(day, 1) : addMonths(day, 1));
  // Where clocks are put forward by half an hour (Lord Howe Island), an hour begins in its middle.
  for (let next = at + QUARTER_MS; ; next += QUARTER_MS) {
    const clock = localTime(zone, next);
    if (clock.minute === 0 || clock.hour !== hour) return next;
  }
}

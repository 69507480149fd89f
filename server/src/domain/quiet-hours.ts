import { minuteOfDay, type ZoneList, zonesOf } from './zones.ts';

/** A time of the day at which nobody is disturbed with marketing, by the recipient's clock: minutes since midnight. */
export interface QuietHours {
  /** The first quiet minute. */
  from: number;
  /** The first minute that is not quiet any more; the next day when it is not after `from`. */
  to: number;
}

export const QUIET_HOURS_RULE = 'off, or two times of the day such as 21:00-08:00';

/** The hours a text such as `21:00-08:00` names; null when it names none. Both ends alike would be the whole day. */
export function parseQuietHours(text: string): QuietHours | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) return null;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [number, number, number, number];
  const hours = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  return hours.from === hours.to ? null : hours;
}

/** The text that names these hours. */
export function writeQuietHours({ from, to }: QuietHours): string {
  const time = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return `${time(from)}-${time(to)}`;
}

/** Whether a minute of the day lies in the hours. */
export function isQuiet({ from, to }: QuietHours, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

const MINUTE_MS = 60_000;
/** Steps in which an end is looked for. No offset of a zone, and no change of one, is finer. */
const STEP_MINUTES = 15;
/** What has no good moment within two days never has one. */
const HORIZON_MINUTES = 2 * 24 * 60;

/**
 * When it is not quiet in any of the zones: null for now, a time to come, or Infinity when there is no such moment.
 * Clocks may be put forward or back in between.
 * @param at milliseconds since 1970
 */
export function restsUntil(hours: QuietHours, zones: ZoneList, at: number): number | null {
  const anyQuiet = (time: number) => zones.some((zone) => isQuiet(hours, minuteOfDay(zone, time)));
  if (!anyQuiet(at)) return null;
  const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  for (let minutes = STEP_MINUTES; minutes <= HORIZON_MINUTES; minutes += STEP_MINUTES) {
    let end = start + minutes * MINUTE_MS;
    if (anyQuiet(end)) continue;
    while (!anyQuiet(end - MINUTE_MS)) end -= MINUTE_MS;
    return end;
  }
  return Number.POSITIVE_INFINITY;
}

/** Whether the hours began on the clocks of a zone between two moments, and still last at the second. */
export const beganQuiet = (hours: QuietHours, zone: string, since: number, now: number): boolean =>
  isQuiet(hours, minuteOfDay(zone, now)) && !isQuiet(hours, minuteOfDay(zone, since));

/** Says of recipients when they may be written to; what was found out about a list of zones holds for a minute at least. */
export class Rests {
  readonly #hours: QuietHours;
  readonly #known = new Map<ZoneList, { until: number | null; from: number; to: number }>();

  constructor(hours: QuietHours) {
    this.#hours = hours;
  }

  get hours(): QuietHours {
    return this.#hours;
  }

  /** As {@link restsUntil}, for a recipient. */
  until(recipient: number, at: number): number | null {
    const zones = zonesOf(recipient);
    let known = this.#known.get(zones);
    if (known === undefined || at < known.from || at >= known.to) {
      const until = restsUntil(this.#hours, zones, at);
      const nextMinute = (Math.floor(at / MINUTE_MS) + 1) * MINUTE_MS;
      known = { until, from: at, to: Math.max(nextMinute, until ?? 0) };
      this.#known.set(zones, known);
    }
    return known.until;
  }
}

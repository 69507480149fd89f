/**
 * Milliseconds since 1970-01-01 UTC of a two-digit year's civil time (2000–2099), or undefined when there is no such
 * moment. Receipts carry no time zone; the caller knows the carrier's.
 */
export function civilToMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  return Date.UTC(2000 + year, month - 1, day, hour, minute, second);
}

const MINUTE_MS = 60_000;
const two = (value: number): string => String(value).padStart(2, '0');

/** The minute written last; receipts come in crowds, most of them within the same minute. */
let lastMinute = Number.NaN;
let lastText = '';

/** A moment as YYMMDDhhmm in UTC, the form of receipt dates (appendix B). */
export function msToCivil(ms: number): string {
  const minute = Math.floor(ms / MINUTE_MS);
  if (minute !== lastMinute) {
    const date = new Date(minute * MINUTE_MS);
    lastText =
      two(date.getUTCFullYear() % 100) +
      two(date.getUTCMonth() + 1) +
      two(date.getUTCDate()) +
      two(date.getUTCHours()) +
      two(date.getUTCMinutes());
    lastMinute = minute;
  }
  return lastText;
}

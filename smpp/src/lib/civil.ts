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

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as YYMMDDhhmm in UTC, the form of receipt dates (appendix B). */
export function msToCivil(ms: number): string {
  const date = new Date(ms);
  return (
    two(date.getUTCFullYear() % 100) +
    two(date.getUTCMonth() + 1) +
    two(date.getUTCDate()) +
    two(date.getUTCHours()) +
    two(date.getUTCMinutes())
  );
}

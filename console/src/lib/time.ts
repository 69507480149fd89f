import { useEffect, useRef, useState } from 'react';

/** Milliseconds since 1970. */
export const now = (): number => Date.now();

/** Runs `fn` once after `ms`; call what it returns to take that back. */
export function after(ms: number, fn: () => void): () => void {
  const handle = setTimeout(fn, ms);
  return () => clearTimeout(handle);
}

/** A moment in milliseconds, of an RFC 3339 text. */
export const momentOf = (text: string): number => Date.parse(text);

/** RFC 3339 text, UTC. */
export const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The time now, read again every `ms`. */
export function useNow(ms: number): number {
  const [value, set] = useState(now);
  useEffect(() => {
    const handle = setInterval(() => set(now()), ms);
    return () => clearInterval(handle);
  }, [ms]);
  return value;
}

/** A value once it has stood still for `ms`: what is typed is not asked for letter by letter. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, set] = useState(value);
  useEffect(() => after(ms, () => set(value)), [value, ms]);
  return settled;
}

/** Runs `fn` every `ms` as long as it is `active`. */
export function useEvery(ms: number, fn: () => void, active: boolean): void {
  const run = useRef(fn);
  run.current = fn;
  useEffect(() => {
    if (!active) return;
    const handle = setInterval(() => run.current(), ms);
    return () => clearInterval(handle);
  }, [ms, active]);
}

/** A day and a time of day as clocks of a zone show them, such as 2026-11-22T08:30. */
export function wallTime(ms: number, zone: string): string {
  return new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 16);
}

/** When the clocks of a zone show this; null for what is no time. A time that is skipped means the one an hour later. */
export function instantOf(wall: string, zone: string): number | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  const guess = asUtc - offsetMs(asUtc, zone);
  return asUtc - offsetMs(guess, zone);
}

/** How far clocks of a zone are ahead of UTC at a moment. */
function offsetMs(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown - Math.floor(ms / 1000) * 1000;
}

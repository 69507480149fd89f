import { parseTime } from '../lib/clock.ts';
import { usageError } from './failure.ts';

/** A whole number of at most nine digits, from 0 on. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usageError(`${JSON.stringify(text)} is not a whole number`);
  return Number(text);
}

/** The id of something the server keeps. */
export function identifier(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usageError(`an id is a whole number from 1 on, not ${JSON.stringify(text)}`);
  return Number(text);
}

/** Reads a whole number between two bounds. */
export function between(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (value < min || value > max) throw usageError(`${text} is not a whole number from ${min} to ${max}`);
    return value;
  };
}

/** Reads one of a few words. */
export function oneOf<T extends string>(...words: T[]): (text: string) => T {
  return (text) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw usageError(`${JSON.stringify(text)} is not one of ${words.join(', ')}`);
    return word;
  };
}

/** Only what was given. */
export function withoutAbsent(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A time that is the same everywhere; as it was written. */
export function timeWithOffset(text: string): string {
  if (parseTime(text.toUpperCase()) !== null && /T.*(Z|[+-]\d{2}:\d{2})$/i.test(text)) return text;
  throw usageError(`${JSON.stringify(text)} is not a time with an offset, such as 2026-11-22T08:30:00+08:00`);
}

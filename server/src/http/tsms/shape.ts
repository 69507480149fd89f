import { Refused } from '../../domain/refusals.ts';
import { codePoints } from '../../domain/template.ts';
import type { RawBody } from '../body.ts';
import { parseStrictJson } from '../json.ts';
import { type ErrorCode, ensure, WireError } from './errors.ts';

/** A JSON object as it came in. */
export type JsonObject = Readonly<Record<string, unknown>>;

const TOO_LARGE_STATUS = 413;

/**
 * The object a body holds.
 * @param otherwise what to say to JSON that is no object
 */
export function readObject(body: RawBody | undefined, otherwise: ErrorCode = 'ER:0004'): JsonObject {
  if (body === 'tooLarge') throw new WireError('ER:0004', TOO_LARGE_STATUS);
  if (body === 'noRoom') throw new Refused({ code: 'overloaded', retryAfterS: 1 });
  ensure(body !== undefined, 'ER:0002');
  const json = parseStrictJson(body);
  if (!json.ok) throw new WireError(json.why === 'notJson' ? 'ER:0002' : 'ER:0004');
  ensure(isObject(json.value), otherwise);
  return json.value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absent and null mean the same in optional fields. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

const DIGITS = /^(?:0|[1-9][0-9]{0,15})$/;

/** A JSON integer below 2^53, or the same written as a string of digits; null for anything else. */
export function readInteger(value: unknown): number | null {
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : null;
}

/** A text of 1 to `maxLength` code points that is not only white space; null for anything else. */
export function readText(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  return codePoints(value) <= maxLength ? value : null;
}

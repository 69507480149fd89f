import { Refused } from '../../domain/refusals.ts';
import { codePoints } from '../../domain/template.ts';
import type { RawBody } from '../body.ts';
import { MAX_NESTING, parseStrictJson } from '../json.ts';
import { ensure, WireError } from './errors.ts';

/** A JSON object as it came in. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object a body holds. */
export function readObject(body: RawBody | undefined): JsonObject {
  if (body === 'tooLarge') throw new WireError('tooLarge', 'request body is too large');
  if (body === 'noRoom') throw new Refused({ code: 'overloaded', retryAfterS: 1 });
  const json = parseStrictJson(body ?? Buffer.alloc(0));
  if (!json.ok && json.why === 'hostile') {
    const what = `NUL, half a surrogate pair, a key "__proto__" or "constructor", or more than ${MAX_NESTING} levels`;
    throw new WireError('parameters', `request body must not have ${what}`);
  }
  if (!json.ok || !isObject(json.value)) throw new WireError('notJson', 'request body must be a JSON object');
  return json.value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Absent and null mean the same in optional fields. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** What no id is: they count from 1. */
const NOBODYS_ID = 0;

const DIGITS = /^[0-9]+$/;

/**
 * The id a text or a JSON number names, that of nobody for digits no id has; null for anything else. Ids have no leading
 * zeros and are below 2^53.
 */
export function readId(value: unknown): number | null {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0) return null;
    return Number.isSafeInteger(value) ? value : NOBODYS_ID;
  }
  if (typeof value !== 'string' || !DIGITS.test(value)) return null;
  const id = Number(value);
  return Number.isSafeInteger(id) && String(id) === value ? id : NOBODYS_ID;
}

/** The id in a path. */
export function readPathId(text: string, otherwise: string): number {
  const id = readId(text);
  ensure(id !== null, otherwise);
  return id;
}

/** A required text of at most `maxLength` code points with more in it than white space. */
export function readText(object: JsonObject, field: string, maxLength: number): string {
  const value = object[field];
  ensure(isGiven(value) && value !== '', `${field} is required`);
  ensure(typeof value === 'string', `${field} must be a string`);
  ensure(value.trim() !== '', `${field} is required`);
  ensure(codePoints(value) <= maxLength, `${field} must have at most ${maxLength} characters`);
  return value;
}

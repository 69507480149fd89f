import { escape as escaped } from 'mysql2';

/** What a statement's `?` may stand for. A list is written with commas (for IN), a list of lists as rows (for VALUES). */
export type Value = null | number | string | Uint8Array;
export type Values = Value | readonly Value[] | readonly (readonly Value[])[];

/** The pieces between the question marks of statements that were written before: their texts are few. */
const pieces = new Map<string, string[]>();
const MAX_TEXTS = 2_000;

/**
 * A statement with its values written into it. Batches differ in their number of rows, so prepared statements would seldom
 * be used again; one text is one round trip whatever it holds. No `?` may stand in a statement for anything but a value.
 * @throws RangeError when the values are not as many as the question marks, or a number is none
 */
export function written(sql: string, values: readonly Values[]): string {
  if (values.length === 0) return sql;
  let parts = pieces.get(sql);
  if (parts === undefined) {
    parts = sql.split('?');
    if (pieces.size >= MAX_TEXTS) pieces.clear();
    pieces.set(sql, parts);
  }
  if (parts.length !== values.length + 1) {
    throw new RangeError(`a statement with ${parts.length - 1} places was given ${values.length} values`);
  }
  let text = parts[0]!;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    text += (isList(value) ? list(value) : one(value)) + parts[i + 1]!;
  }
  return text;
}

const isList = (value: Values): value is readonly Value[] | readonly (readonly Value[])[] => Array.isArray(value);

function list(values: readonly (Value | readonly Value[])[]): string {
  // IN () is no SQL; nothing is equal to NULL.
  if (values.length === 0) return 'NULL';
  let text = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (i > 0) text += ',';
    text += isList(value) ? row(value as readonly Value[]) : one(value as Value);
  }
  return text;
}

function row(values: readonly Value[]): string {
  let text = '(';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ',';
    text += one(values[i]!);
  }
  return `${text})`;
}

function one(value: Value): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is no number to store`);
    return String(value);
  }
  if (typeof value === 'string') return escaped(value);
  return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

/** 1 and 0, as rows keep truth. */
export const bit = (value: boolean): number => (value ? 1 : 0);

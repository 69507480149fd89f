import type { Parameters } from '../domain/template.ts';

/** Whether JSON can stand for the values of a template's variables. */
export function isParameters(value: unknown): value is Parameters {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isParameterValue)
  );
}

function isParameterValue(value: unknown): boolean {
  if (typeof value !== 'number') return typeof value === 'string' || typeof value === 'boolean' || value === null;
  // An integer from 2^53 on has lost digits in reading: better refused than sent wrong to a person.
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** A recipient's own values over the shared ones; null is no value, so it hides none. */
export function withDefaults(own: Parameters | null, shared: Parameters | null): Parameters | null {
  if (own === null || shared === null) return own ?? shared;
  const merged = { ...shared };
  for (const [name, value] of Object.entries(own)) if (value !== null) merged[name] = value;
  return merged;
}

import type { TSchema } from 'typebox';
import { maskNumber } from '../../lib/log.ts';

/**
 * How a field of an answer holds people's numbers (fields.ts): it is one; it is a text that may have some; or it is an
 * object that may have lists of them, called `recipients`.
 */
export type Numbers = 'number' | 'text' | 'within';

/** Which parts of an answer hold numbers. */
type Mask = { leaf: Numbers } | { fields: ReadonlyMap<string, Mask> } | { items: Mask };

/** A schema as plain data. */
interface Plain {
  'x-numbers'?: Numbers;
  properties?: Record<string, Plain>;
  items?: Plain;
  anyOf?: Plain[];
}

/** What masks the numbers in answers of this schema; null: there are none. */
export function maskerOf(schema: TSchema | null): (<T>(answer: T) => T) | null {
  const mask = schema === null ? null : maskOf(schema as Plain);
  return mask === null ? null : (answer) => masked(answer, mask) as typeof answer;
}

function maskOf(schema: Plain): Mask | null {
  const leaf = schema['x-numbers'];
  if (leaf !== undefined) return { leaf };
  if (schema.items !== undefined) {
    const items = maskOf(schema.items);
    return items === null ? null : { items };
  }
  const fields = new Map<string, Mask>();
  // Of a choice, each field is masked where any of the choices has it; the first choice that is no object decides alone.
  for (const option of schema.anyOf ?? [schema]) {
    if (option.properties === undefined && schema.anyOf !== undefined) {
      const mask = maskOf(option);
      if (mask !== null && !('fields' in mask)) return mask;
      for (const [name, inner] of mask?.fields ?? []) fields.set(name, inner);
      continue;
    }
    for (const [name, inner] of Object.entries(option.properties ?? {})) {
      const mask = maskOf(inner);
      if (mask !== null && !fields.has(name)) fields.set(name, mask);
    }
  }
  return fields.size === 0 ? null : { fields };
}

function masked(value: unknown, mask: Mask): unknown {
  if (value === null || value === undefined) return value;
  if ('leaf' in mask) return LEAVES[mask.leaf](value);
  if ('items' in mask) return Array.isArray(value) ? value.map((item) => masked(item, mask.items)) : value;
  const copy: Record<string, unknown> = { ...(value as object) };
  for (const [name, inner] of mask.fields) if (name in copy) copy[name] = masked(copy[name], inner);
  return copy;
}

const LEAVES: { readonly [N in Numbers]: (value: unknown) => unknown } = {
  number: (value) => maskNumber(String(value)),
  // Shorter runs of digits are no numbers of people.
  text: (value) => String(value).replace(/\d{7,}/g, (digits) => maskNumber(digits)),
  within: (value) => maskedWithin(value),
};

function maskedWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedWithin);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'recipients' && Array.isArray(inner)
        ? inner.map((each) => maskNumber(String(each)))
        : maskedWithin(inner),
    ]),
  );
}

import type { Static, TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Refusal, Refused } from '../../domain/refusals.ts';

/** Longest piece of a caller's own text that an error repeats. */
const ECHO_MAX_LENGTH = 60;

type ValidationErrors = ReturnType<ReturnType<typeof Compile>['Errors']>;

/**
 * Makes a schema into a check that returns what it was given, typed. Nothing is converted, filled in or dropped.
 * @throws Refused (invalidField) naming the first field that does not fit
 */
export function inputOf<S extends TObject>(schema: S): (value: unknown) => Static<S> {
  const validator = Compile(schema);
  return (value) => {
    if (!validator.Check(value)) throw new Refused(refusalOf(schema, validator.Errors(value)));
    const broken = brokenText(value, []);
    if (broken !== null) {
      throw new Refused({
        code: 'invalidField',
        field: broken,
        rule: 'text without NUL and without half surrogate pairs',
      });
    }
    return value as Static<S>;
  };
}

function refusalOf(schema: TObject, errors: ValidationErrors): Refusal {
  // A field nobody knows is told first: it is often the misspelt name of the one that is missing.
  const unknown = errors.find((error) => error.keyword === 'boolean');
  if (unknown !== undefined) {
    const path = fieldsOf(unknown.instancePath);
    const known = Object.keys(fieldedOf(schemaAt(schema, path.slice(0, -1))).properties ?? {});
    return {
      code: 'invalidField',
      field: path.map(echo).join('.'),
      rule: known.length === 0 ? 'not a field: nothing is expected here' : `not a field; known are ${known.join(', ')}`,
    };
  }
  const first = errors[0]!;
  const path = fieldsOf(first.instancePath);
  if (first.keyword === 'required') path.push(first.params.requiredProperties[0]!);
  if (path.length === 0) return { code: 'invalidField', field: 'body', rule: 'must be a JSON object' };
  const rule = descriptionAt(schema, path) ?? first.message;
  return {
    code: 'invalidField',
    field: path.join('.'),
    rule: first.keyword === 'required' ? `missing; ${rule}` : rule,
  };
}

/** The names in a JSON pointer (RFC 6901). */
function fieldsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function schemaAt(schema: TSchema, path: readonly string[]): TSchema {
  let at: TSchema = schema;
  for (const name of path) {
    const { properties, items } = fieldedOf(at);
    at = properties?.[name] ?? items ?? {};
  }
  return at;
}

interface Fielded {
  properties?: Record<string, TSchema>;
  items?: TSchema;
}

/** The schema that names fields: of a choice between a text and an object, the object. */
function fieldedOf(schema: TSchema): Fielded {
  const { anyOf } = schema as { anyOf?: Fielded[] };
  return anyOf?.find((choice) => choice.properties !== undefined) ?? (schema as Fielded);
}

/** The description of the field, or of the nearest one around it. */
function descriptionAt(schema: TSchema, path: readonly string[]): string | null {
  for (let length = path.length; length > 0; length--) {
    const { description } = schemaAt(schema, path.slice(0, length)) as { description?: string };
    if (description !== undefined) return description;
  }
  return null;
}

function echo(name: string): string {
  return name.length <= ECHO_MAX_LENGTH ? name : `${name.slice(0, ECHO_MAX_LENGTH)}…`;
}

/** Where a text stands that could not be stored and shown again unchanged, or null. */
function brokenText(value: unknown, path: readonly string[]): string | null {
  if (typeof value === 'string') {
    return value.includes('\0') || !value.isWellFormed() ? path.join('.') : null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const broken = brokenText(inner, [...path, name]);
    if (broken !== null) return broken;
  }
  return null;
}

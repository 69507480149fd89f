import Type, { type Static, type TObject, type TSchema } from 'typebox';
import { PROBLEM_CODES } from './errors.ts';
import type { Numbers } from './masks.ts';

/**
 * Schemas that many routes share. A description is written so that it also tells what is wrong when a value does not
 * fit ("credits: an integer from 1 to …"). Objects with a title become named schemas of the OpenAPI document.
 */

const ID = '[1-9][0-9]{0,14}|[1-8][0-9]{15}';

/** An id in a path or a query: digits below 2^53. */
export const IdText = Type.String({ pattern: `^(?:${ID})$`, description: 'an id: digits, without leading zeros' });

/** An id in a body. */
export const Id = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'an id: a positive integer',
});

/** An amount of credits that is never negative. */
export const Credits = Type.Integer({ minimum: 0, description: 'credits, 0 or more' });

export const Count = Type.Integer({ minimum: 0, description: 'an integer, 0 or more' });

/** A moment in an answer. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });

/** Says that a field of an answer holds people's numbers: sessions are shown them masked (masks.ts). */
export const withNumbers = <T extends TSchema>(how: Numbers, schema: T): T => ({ ...schema, 'x-numbers': how });

/** A person's number in an answer; every one is written so. */
export const PhoneNumber = withNumbers('number', Type.String({ description: 'E.164, with +' }));

export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** One of some words. */
export const word = <W extends string>(words: readonly W[], description = `one of ${words.join(', ')}`) =>
  Type.Enum<W[]>(words, { type: 'string', description });

/** A closed object: a field it does not name is refused. */
export const closed = <P extends Record<string, TSchema>>(
  properties: P,
  options: { title?: string; description?: string } = {},
) => Type.Object(properties, { additionalProperties: false, ...options });

export const Nothing = closed({});

export const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

/** The query of every list. */
export const pageQuery = {
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,100}$',
      description: 'the next_cursor of the page before; leave it out for the first page',
    }),
  ),
  limit: Type.Optional(
    Type.String({
      pattern: '^(?:[1-9][0-9]{0,2}|1000)$',
      description: `how many items at most: 1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} unless given`,
    }),
  ),
};

/** The query of lists an administrator may look at for others. */
export const businessQuery = { business_id: Type.Optional(IdText) };

/** The answer of every list. */
export const listOf = <T extends TObject>(item: T) => closed({ items: Type.Array(item), next_cursor: NextCursor });

export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  description: 'give it as ?cursor= for the next page; null when there is none',
});

export const ProblemBody = Type.Object(
  {
    type: Type.String({ description: 'urn:signet:problem: and the code' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'what to do, for people' }),
    code: word(PROBLEM_CODES, 'what to compare, for programs'),
    field: Type.Optional(Type.String({ description: 'the field of the request it speaks of, dotted' })),
  },
  { title: 'Problem' },
);
export type ProblemBody = Static<typeof ProblemBody>;

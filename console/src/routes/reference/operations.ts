import { ask } from '../../api/client.ts';

/** A route of the API, as its OpenAPI document tells it. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string;
  parameters: { name: string; place: 'path' | 'query'; description: string; required: boolean }[];
  /** The shape of its body, to be read; null: it has none. */
  body: string | null;
  /** A body to begin with. */
  example: string;
  answer: string;
}

/** What somebody filled in. */
export interface Asked {
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: string;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  additionalProperties?: Schema | boolean;
}

interface Media {
  content?: Record<string, { schema?: Schema }>;
}

interface Document {
  paths?: Record<string, Record<string, unknown>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Described {
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; description?: string; required?: boolean; schema?: Schema }[];
  requestBody?: Media;
  responses?: Record<string, Media>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const JSON_TYPE = 'application/json';

/** All routes of a document, in its order. */
export function operationsOf(given: unknown): Operation[] {
  const document = given as Document;
  const schemas = document.components?.schemas ?? {};
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => {
      const described = item[method] as Described;
      const asked = described.requestBody?.content?.[JSON_TYPE]?.schema;
      const success = Object.entries(described.responses ?? {}).find(([status]) => status.startsWith('2'));
      const answered = success?.[1].content?.[JSON_TYPE]?.schema;
      return {
        id: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        tag: described.tags?.[0] ?? '',
        summary: described.summary ?? '',
        description: described.description ?? '',
        parameters: (described.parameters ?? []).flatMap((parameter) =>
          parameter.in === 'path' || parameter.in === 'query'
            ? [
                {
                  name: parameter.name,
                  place: parameter.in as 'path' | 'query',
                  description: parameter.description ?? parameter.schema?.description ?? '',
                  required: parameter.required === true,
                },
              ]
            : [],
        ),
        body: asked === undefined ? null : shapeOf(asked, schemas),
        example: asked === undefined ? '' : JSON.stringify(exampleOf(asked, schemas), null, 2),
        answer: answered === undefined ? (success?.[0] ?? '') : shapeOf(answered, schemas),
      };
    }),
  );
}

const MAX_DEPTH = 6;

const resolved = (schema: Schema, schemas: Record<string, Schema>): Schema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {});

/** A schema as people read it: names, what they hold, what that means. */
function shapeOf(given: Schema, schemas: Record<string, Schema>, indent = '', depth = 0): string {
  const schema = resolved(given, schemas);
  if (depth > MAX_DEPTH) return '…';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((each) => shapeOf(each, schemas, indent, depth + 1)).join(' | ');
  if (schema.type === 'array') return `[${shapeOf(schema.items ?? {}, schemas, indent, depth + 1)}, …]`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    const inner = `${indent}  `;
    const lines = Object.entries(schema.properties).map(([name, field]) => {
      const needed = schema.required?.includes(name) === true ? '' : '?';
      const { description } = resolved(field, schemas);
      const said = field.description ?? description;
      const about = said === undefined ? '' : `   // ${said}`;
      return `${inner}${name}${needed}: ${shapeOf(field, schemas, inner, depth + 1)}${about}`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }
  return Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
}

/** A value of the shape, with the fields that are required. */
function exampleOf(given: Schema, schemas: Record<string, Schema>, depth = 0): unknown {
  const schema = resolved(given, schemas);
  if (depth > MAX_DEPTH) return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return exampleOf(choices[0] ?? {}, schemas, depth + 1);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, exampleOf(schema.properties?.[name] ?? {}, schemas, depth + 1)]),
      );
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'string':
      return '';
    default:
      return null;
  }
}

/**
 * Asks the API as the member who is signed in, and gives what it said, word for word.
 * @throws ApiProblem when the server does not answer
 */
export async function send(
  operation: Operation,
  { path, query, body }: Asked,
): Promise<{ status: number; text: string }> {
  const { status, text } = await ask(`${operation.method} ${operation.path.replace(/^\/api\/v1/, '')}`, {
    path,
    query,
    ...(operation.body !== null && { body: body ?? '' }),
  });
  try {
    return { status, text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { status, text };
  }
}

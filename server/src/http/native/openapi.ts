import type { TObject, TSchema } from 'typebox';
import type { Endpoint } from './endpoint.ts';
import { ProblemBody } from './fields.ts';
import { FILE_TYPES } from './upload.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

/** The OpenAPI 3.1 document of the endpoints, made from the schemas they check with. */
export function openApiDocument(endpoints: readonly Endpoint[], prefix: string, version: string): JsonObject {
  const named: JsonObject = {};
  const paths: { [path: string]: JsonObject } = {};
  const problem = {
    description: 'No, and what to do about it',
    content: { 'application/problem+json': { schema: reference(ProblemBody, named) } },
  };
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][endpoint.method.toLowerCase()] = operation(endpoint, problem, named);
  }
  paths['/openapi.json'] = {
    get: {
      operationId: 'get_openapi_json',
      tags: ['system'],
      summary: 'This document',
      security: [],
      responses: {
        '200': { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Signet native API',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Businesses, API keys, channels, routes, plans, messages, reviews and the ledger of one Signet installation. Sign in by HTTP Basic, or with a session (POST /session) from a browser. Errors are application/problem+json (RFC 9457).',
    },
    servers: [{ url: prefix }],
    security: [{ basic: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'user name and password, or API key and secret' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'signet_session',
          description:
            'the cookie POST /session sets; requests that change something also bring its csrf_token in the header x-csrf-token',
        },
      },
      schemas: named,
    },
  };
}

function operation(endpoint: Endpoint, problem: Json, named: JsonObject): JsonObject {
  const { method, path, tag, summary, status, answer, answerType, takesFile } = endpoint;
  const hasBody = Object.keys(endpoint.body.properties).length > 0;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z_]+/g, '_')}`,
    tags: [tag],
    summary,
    description: descriptionOf(endpoint),
    ...(endpoint.access === 'anybody' ? { security: [] } : {}),
    ...(endpoint.access === 'session' ? { security: [{ session: [] }] } : {}),
    parameters: [...parameters(endpoint.params, 'path', named), ...parameters(endpoint.query, 'query', named)],
    ...(hasBody || takesFile
      ? {
          requestBody: {
            required: requiredOf(endpoint.body).length > 0 || !hasBody,
            content: {
              ...(hasBody && { 'application/json': { schema: reference(endpoint.body, named) } }),
              ...(takesFile ? Object.fromEntries(FILE_TYPES.map((type) => [type, {}])) : {}),
            },
          },
        }
      : {}),
    responses: {
      [String(status)]:
        answer === null
          ? { description: 'Done' }
          : { description: 'Done', content: { [answerType]: { schema: reference(answer, named) } } },
      default: problem,
    },
  };
}

/** Who may call it. */
function descriptionOf({ access, admin, permission, needs, wholeNumbers }: Endpoint): string {
  if (access === 'anybody') return 'Without signing in.';
  if (access === 'session') return 'With a session.';
  const who = admin ? 'The administrator only. ' : '';
  const key = permission === null ? 'Any API key will do.' : `An API key needs the permission \`${permission}\`.`;
  const whole = wholeNumbers ? ' It needs `numbers:reveal` as well.' : '';
  return `${who}${key} ${needs === null ? 'Any member may.' : `A member needs \`${needs}\`.`}${whole}`;
}

function parameters(schema: TObject, where: 'path' | 'query', named: JsonObject): Json[] {
  const required = requiredOf(schema);
  return Object.entries(schema.properties).map(([name, field]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: reference(field, named),
  }));
}

function requiredOf(schema: TObject): string[] {
  return (schema as { required?: string[] }).required ?? [];
}

/** The schema as plain JSON; schemas with a title are kept once, under `components`, and referred to. */
function reference(schema: TSchema, named: JsonObject): Json {
  return walk(JSON.parse(JSON.stringify(schema)) as Json, named);
}

function walk(value: Json, named: JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => walk(item, named));
  if (value === null || typeof value !== 'object') return value;
  const walked = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, named)]));
  const { title, ...rest } = walked;
  // Only schemas have a string for a title; a property called title is itself a schema.
  if (typeof title !== 'string') return walked;
  named[title] = rest;
  return { $ref: `#/components/schemas/${title}` };
}

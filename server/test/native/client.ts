import { Errors } from 'typebox/schema';
import type { Answer, House, TestBusiness } from '../house.ts';

const PREFIX = '/api/v1';

// biome-ignore lint/suspicious/noExplicitAny: a document read from the wire
type Document = any;

/** Asks the native API as somebody; every answer is compared with what the OpenAPI document promises. */
export interface Client {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** POST with a file as the body. */
  upload(path: string, file: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
}

export interface Login {
  user: string;
  password: string;
}

export const rootOf = (house: House): Login => ({ user: 'root', password: house.rootPassword });

/** A client for each login, sharing one reading of the document. */
export async function nativeClients(house: House): Promise<(login: Login | TestBusiness) => Client> {
  const contract = await readContract(house);
  return ({ user, password }) => {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await house.request(method, PREFIX + path, {
        user,
        password,
        ...(body !== undefined && { body }),
      });
      contract.check(method, path, answer);
      return answer;
    };
    return {
      get: (path) => ask('GET', path),
      post: (path, body) => ask('POST', path, body),
      patch: (path, body) => ask('PATCH', path, body),
      delete: (path) => ask('DELETE', path),
      async upload(path, file, headers) {
        const answer = await house.request('POST', PREFIX + path, {
          user,
          password,
          raw: file,
          headers: { 'content-type': 'text/csv', ...headers },
        });
        contract.check('POST', path, answer);
        return answer;
      },
    };
  };
}

/** The OpenAPI document of a house, and a check of answers against it. */
export async function readContract(house: House): Promise<{
  document: Document;
  check(method: string, path: string, answer: Answer): void;
}> {
  const { json: document } = await house.request('GET', `${PREFIX}/openapi.json`);
  const patterns = Object.keys(document.paths).map((path) => ({
    path,
    // Fixed parts win over parameters, as in the server.
    rank: path.split('{').length,
    pattern: new RegExp(`^${path.replace(/\{[a-z_]+\}/g, '[^/]+')}$`),
  }));
  patterns.sort((a, b) => a.rank - b.rank);
  return {
    document,
    check(method, path, answer) {
      const bare = path.split('?', 1)[0]!;
      const found = patterns.find(({ pattern }) => pattern.test(bare));
      const operation = found === undefined ? undefined : document.paths[found.path][method.toLowerCase()];
      const promised = operation?.responses[String(answer.status)] ?? operation?.responses.default;
      if (promised === undefined) throw new Error(`${method} ${path} is not in the document`);
      const [type, content] = Object.entries<Document>(promised.content ?? {})[0] ?? [null, null];
      if (type === null) {
        if (answer.text !== '') throw new Error(`${method} ${path}: a body nobody promised: ${answer.text}`);
        return;
      }
      if (!answer.headers.get('content-type')?.startsWith(type)) {
        throw new Error(`${method} ${path}: ${answer.headers.get('content-type')} instead of ${type}: ${answer.text}`);
      }
      const body = type === 'text/csv' ? answer.text : answer.json;
      const errors = errorsOf(document, content.schema, body);
      if (errors !== null) throw new Error(`${method} ${path} answers ${answer.status} ${answer.text}\nbut ${errors}`);
    },
  };
}

/** Why a value does not fit a schema of the document, or null. */
function errorsOf(document: Document, schema: Document, value: unknown): string | null {
  const [fits, errors] = Errors(resolved(document, schema), value);
  return fits ? null : JSON.stringify(errors);
}

/** The schema with every $ref replaced by what it names. */
export function resolved(document: Document, schema: Document): Document {
  if (Array.isArray(schema)) return schema.map((item) => resolved(document, item));
  if (schema === null || typeof schema !== 'object') return schema;
  if (typeof schema.$ref === 'string') {
    const named = document.components.schemas[schema.$ref.replace('#/components/schemas/', '')];
    if (named === undefined) throw new Error(`${schema.$ref} names nothing`);
    return resolved(document, named);
  }
  return Object.fromEntries(Object.entries(schema).map(([name, inner]) => [name, resolved(document, inner)]));
}

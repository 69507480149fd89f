import { ApiProblem, away, problemOf } from './problem.ts';
import type { Routes } from './schema.js';

/** A route of the native API, as `METHOD /path`. */
export type Route = keyof Routes;
export type Answer<R extends Route> = Routes[R]['answer'];
type Given<T> = T extends Record<string, never> ? undefined : T;
type PartOf<K extends string, T> = [Given<T>] extends [undefined]
  ? { [key in K]?: undefined }
  : Record<string, never> extends T
    ? { [key in K]?: T }
    : { [key in K]: T };

/** What a route is asked with. */
export type Input<R extends Route> = PartOf<'path', Routes[R]['path']> &
  PartOf<'query', Routes[R]['query']> &
  (Routes[R]['body'] extends undefined ? { body?: undefined } : { body?: Routes[R]['body'] });

export interface Extras {
  signal?: AbortSignal | undefined;
  /** The body, where it is a file. */
  file?: Blob;
  /** Makes repeating a request to send harmless. */
  idempotencyKey?: string;
  /** Numbers in full; the server notes who looked. */
  revealNumbers?: boolean;
}

const PREFIX = '/api/v1';

let csrfToken: string | null = null;
let onSessionOver: () => void = () => {};

/** The token of this session, without which nothing can be changed. */
export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** What a request that changes something has to carry. */
export const csrfHeaders = (): Record<string, string> => (csrfToken === null ? {} : { 'x-csrf-token': csrfToken });

/** Calls `fn` when an answer says that nobody is signed in any more. */
export function whenSessionEnds(fn: () => void): void {
  onSessionOver = fn;
}

/** The address of a route, for links and downloads. */
export function addressOf<R extends Route>(
  route: R,
  input: PartOf<'path', Routes[R]['path']> & PartOf<'query', Routes[R]['query']>,
): string {
  return address(route, input);
}

function address(route: string, input: { path?: unknown; query?: unknown }): string {
  const path = route.slice(route.indexOf(' ') + 1).replace(/\{([a-z_]+)\}/g, (_whole, name: string) => {
    return encodeURIComponent(String((input.path as Record<string, unknown> | undefined)?.[name]));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries((input.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const asked = query.toString();
  return `${PREFIX}${path}${asked === '' ? '' : `?${asked}`}`;
}

/**
 * Asks the native API.
 * @throws ApiProblem when it says no, or does not answer
 */
export async function call<R extends Route>(route: R, input: Input<R>, extras: Extras = {}): Promise<Answer<R>> {
  const method = route.slice(0, route.indexOf(' '));
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') Object.assign(headers, csrfHeaders());
  if (extras.idempotencyKey !== undefined) headers['idempotency-key'] = extras.idempotencyKey;
  if (extras.revealNumbers) headers['x-reveal-numbers'] = 'yes';
  let body: BodyInit | null = null;
  if (extras.file !== undefined) {
    body = extras.file;
    headers['content-type'] = 'application/octet-stream';
  } else if (input.body !== undefined) {
    body = JSON.stringify(input.body);
    headers['content-type'] = 'application/json';
  }
  const answer = await fetch(address(route, input), {
    method,
    headers,
    body,
    signal: extras.signal ?? null,
    credentials: 'same-origin',
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw away();
  });
  if (!answer.ok) {
    const problem = await problemOf(answer);
    if (problem.code === 'sessionOver') onSessionOver();
    throw problem;
  }
  if (answer.status === 204) return undefined as Answer<R>;
  const json = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return (await (json ? answer.json() : answer.text()).catch(() => {
    throw new ApiProblem(answer.status, 'answerUnreadable', 'The answer broke off.');
  })) as Answer<R>;
}

/**
 * Asks whatever route somebody typed, and gives its answer word for word, also when it says no.
 * @param body JSON as it was typed
 * @throws ApiProblem when the server does not answer
 */
export async function ask(
  route: string,
  { path, query, body }: { path?: object | undefined; query?: object | undefined; body?: string },
): Promise<{ status: number; text: string }> {
  const method = route.slice(0, route.indexOf(' '));
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET' && csrfToken !== null) headers['x-csrf-token'] = csrfToken;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(address(route, { path, query }), {
    method,
    headers,
    body: body ?? null,
    credentials: 'same-origin',
  }).catch(() => {
    throw away();
  });
  return { status: answer.status, text: await answer.text() };
}

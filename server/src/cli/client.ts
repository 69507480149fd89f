import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Agent, request } from 'undici';
import { CommandFailed } from './failure.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Where the server is and who asks. */
export interface ClientOptions {
  /** Base address, without a trailing slash. */
  url: string;
  user: string;
  password: string;
}

/** What the server answered. */
export interface Answer {
  status: number;
  /** Seconds of Retry-After, or null. */
  retryAfterS: number | null;
  /** The parsed body; the text itself when it is not JSON. */
  body: unknown;
}

/** No answer came: the server is not there, or went away before it answered. */
export class NoAnswer extends Error {
  /** Whether the request may have reached the server all the same. */
  readonly mayHaveArrived: boolean;

  constructor(reason: string, mayHaveArrived: boolean) {
    super(reason);
    this.name = 'NoAnswer';
    this.mayHaveArrived = mayHaveArrived;
  }
}

const CONNECT_TIMEOUT_MS = 10_000;
/** From the request to the end of its answer; the largest requests are committed in less. */
const ANSWER_TIMEOUT_MS = 120_000;

/** Causes that leave no doubt: the request never left. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** From the end of an uploaded file to the answer: a million rows are read in about half a minute. */
const FILE_TIMEOUT_MS = 900_000;

/** Talks to a running server, signed in with HTTP Basic. */
export class ApiClient {
  readonly url: string;
  readonly user: string;
  readonly #authorization: string;
  readonly #agent: Agent;
  /** By name. A proxy before several processes keeps whoever brings its cookie with one of them, and some files are one process's own. */
  readonly #cookies = new Map<string, string>();

  constructor(options: ClientOptions) {
    this.url = options.url;
    this.user = options.user;
    this.#authorization = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
    this.#agent = new Agent({
      connections: 4,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /**
   * One request, one answer, whatever its status.
   * @throws NoAnswer
   */
  async exchange(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#exchange(path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /**
   * Uploads a file as the body of a POST.
   * @throws NoAnswer, also when `signal` is aborted
   */
  async upload(path: string, file: string, headers: Record<string, string>, signal: AbortSignal): Promise<Answer> {
    return this.#exchange(path, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: createReadStream(file),
      headersTimeout: FILE_TIMEOUT_MS,
      signal,
    });
  }

  /**
   * Writes what a GET answers to a file.
   * @throws NoAnswer; CommandFailed when the server refuses
   */
  async download(path: string, file: string): Promise<void> {
    try {
      const response = await this.#request(path, { method: 'GET', headers: {} });
      if (response.statusCode === 200) return await pipeline(response.body, createWriteStream(file, { mode: 0o600 }));
      throw this.refused(await answerOf(response));
    } catch (error) {
      throw error instanceof CommandFailed ? error : this.#noAnswer(error);
    }
  }

  async #exchange(path: string, { headers, ...options }: RequestOptions): Promise<Answer> {
    try {
      const accept = 'application/json, application/problem+json';
      return await answerOf(await this.#request(path, { ...options, headers: { accept, ...headers } }));
    } catch (error) {
      throw this.#noAnswer(error);
    }
  }

  async #request(path: string, { headers, ...options }: RequestOptions): ReturnType<typeof request> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await request(`${this.url}${path}`, {
      ...options,
      dispatcher: this.#agent,
      headers: { authorization: this.#authorization, ...(cookie !== '' && { cookie }), ...headers },
    });
    for (const set of [response.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=;\s]+)=([^;]*)/.exec(set) ?? [];
      if (name !== undefined) this.#cookies.set(name, value!);
    }
    return response;
  }

  #noAnswer(error: unknown): NoAnswer {
    const { code = '', message } = error as Error & { code?: string };
    return new NoAnswer(`${this.url} does not answer (${code || message})`, !NEVER_SENT.has(code));
  }

  /**
   * A request to the native API, `path` below /api/v1; returns the body of its success.
   * @throws CommandFailed when the server is away or refuses
   */
  async native<T>(method: Method, path: string, body?: unknown): Promise<T> {
    let answer: Answer;
    try {
      answer = await this.exchange(method, `/api/v1${path}`, body);
    } catch (error) {
      if (error instanceof NoAnswer) throw unreachable(error, method);
      throw error;
    }
    if (answer.status >= 200 && answer.status < 300) return answer.body as T;
    throw this.refused(answer);
  }

  /**
   * Uploads a file to the native API, `path` below /api/v1; returns the body of its success.
   * @throws CommandFailed when the server is away or refuses
   */
  async nativeUpload<T>(path: string, file: string, signal: AbortSignal): Promise<T> {
    let answer: Answer;
    try {
      answer = await this.upload(`/api/v1${path}`, file, {}, signal);
    } catch (error) {
      if (error instanceof NoAnswer) throw unreachable(error, 'POST');
      throw error;
    }
    if (answer.status >= 200 && answer.status < 300) return answer.body as T;
    throw this.refused(answer);
  }

  /** All items of a native list, page after page. */
  async *items<T>(path: string): AsyncGenerator<T> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = `${path.includes('?') ? '&' : '?'}limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: { items: T[]; next_cursor: string | null } = await this.native('GET', `${path}${query}`);
      yield* page.items;
      cursor = page.next_cursor;
    }
  }

  /** The server's refusal as a failure of the command. */
  refused(answer: Answer): CommandFailed {
    const { status, body } = answer;
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const code = typeof problem.code === 'string' ? problem.code : undefined;
    const facts = {
      status,
      ...(code === undefined ? {} : { code }),
      ...(problem.field ? { field: problem.field } : {}),
    };
    if (status === 401) {
      return new CommandFailed(
        `the server does not accept user ${this.user} with this password`,
        'Give the user with --user or SIGNET_USER and its password in SIGNET_PASSWORD or at the prompt.',
        facts,
      );
    }
    const said = [problem.detail, problem.title, problem.message].find(
      (text) => typeof text === 'string' && text !== '',
    );
    if (said === undefined) {
      return new CommandFailed(
        `${this.url} answered ${status}, but not like a Signet server`,
        'Check --url or SIGNET_URL.',
        facts,
      );
    }
    const advice = code === 'adminOnly' ? 'Sign in as root: --user root.' : retryAdvice(answer.retryAfterS);
    return new CommandFailed(String(said), advice, facts);
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

type RequestOptions = Omit<NonNullable<Parameters<typeof request>[1]>, 'headers' | 'dispatcher'> & {
  headers: Record<string, string>;
};

async function answerOf(response: Awaited<ReturnType<typeof request>>): Promise<Answer> {
  const text = await response.body.text();
  const retryAfter = Number(response.headers['retry-after']);
  return {
    status: response.statusCode,
    retryAfterS: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null,
    body: parsed(text),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function retryAdvice(retryAfterS: number | null): string {
  return retryAfterS === null ? '' : `Try again in ${retryAfterS} s.`;
}

function unreachable(error: NoAnswer, method: Method): CommandFailed {
  const advice =
    method !== 'GET' && error.mayHaveArrived
      ? 'The request may have been carried out: look before you repeat it.'
      : 'Start the server with "signet serve", or say where it is with --url or SIGNET_URL.';
  return new CommandFailed(error.message, advice, { code: 'unreachable' });
}

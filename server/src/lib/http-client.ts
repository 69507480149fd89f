import type { Socket } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { systemClock } from './clock.ts';
import { guardedConnector, wordsFor } from './guarded-connect.ts';

/** One request to the origin a client is for. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  /** Path and query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

/** How a request ended. */
export type HttpExchange =
  /** The head of an answer came; `body` is null, and `cut` says why, where the rest of it did not. */
  | { kind: 'answered'; status: number; headers: Record<string, string>; body: Buffer; cut: null }
  | { kind: 'answered'; status: number; headers: Record<string, string>; body: null; cut: string }
  /** No connection was made: not one octet of the request left. */
  | { kind: 'notSent'; reason: string }
  /** Octets may have left, and no answer came. */
  | { kind: 'noAnswer'; reason: string };

export interface HttpClientOptions {
  /** Scheme, host and port; `http:` or `https:`. */
  origin: string;
  guard: AddressGuard;
  /** Connections at most; each carries one request at a time. */
  connections: number;
  /** From handing a request in to the end of its answer. */
  timeoutMs: number;
  /** Asked right before a request is written; one that may not be is `notSent`. Absent: every one may. */
  mayWrite?: (() => boolean) | null;
}

const MAX_ANSWER_OCTETS = 64 << 10;
const MAX_ANSWER_HEAD_OCTETS = 16 << 10;
/** Shorter than what servers usually keep a silent connection for, since closing it could cross a request on the way. */
const IDLE_MS = 4_000;
const IDLE_MAX_MS = 30_000;

/**
 * Speaks HTTP/1.1 with one origin over connections that are kept, and tells apart what never left and what got no answer.
 * It follows no redirect, asks no proxy, sends no cookie, and reads answers of a limited length.
 */
export class HttpClient {
  readonly #pool: Pool;
  readonly #connect: ReturnType<typeof guardedConnector>;
  readonly #origin: URL;
  readonly #timeoutMs: number;
  readonly #mayWrite: (() => boolean) | null;
  readonly #open = new Set<(error: Error) => void>();

  constructor({ origin, guard, connections, timeoutMs, mayWrite = null }: HttpClientOptions) {
    this.#mayWrite = mayWrite;
    this.#origin = new URL(origin);
    this.#timeoutMs = timeoutMs;
    this.#connect = guardedConnector(guard, { timeoutMs: Math.min(timeoutMs, 10_000) });
    this.#pool = new Pool(origin, {
      connect: this.#connect,
      connections,
      pipelining: 1,
      maxHeaderSize: MAX_ANSWER_HEAD_OCTETS,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MAX_MS,
      // The whole has one limit of time.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Why no connection can be made; null when one can. Nothing is sent. */
  reach(): Promise<string | null> {
    const { protocol, hostname, port } = this.#origin;
    return new Promise((resolve) => {
      const options = {
        hostname,
        host: this.#origin.host,
        protocol,
        port: port || (protocol === 'https:' ? '443' : '80'),
      };
      this.#connect(options, (error: Error | null, socket: Socket | null) => {
        socket?.on('error', () => {}).destroy();
        resolve(error === null ? null : wordsFor(error));
      });
    });
  }

  /** Sends one request. Never rejects. */
  send({ method, path, headers, body }: HttpRequest): Promise<HttpExchange> {
    return new Promise((resolve) => {
      const exchange = new Exchange(this.#timeoutMs, this.#mayWrite, (ended) => {
        this.#open.delete(exchange.abort);
        resolve(ended);
      });
      this.#open.add(exchange.abort);
      this.#pool.dispatch({ path, method, headers, body }, exchange);
    });
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    for (const abort of [...this.#open]) abort(new Error('the server is stopping'));
    await this.#pool.destroy();
  }
}

/** Follows one request from being handed in to its end, and ends it when its time is over. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: (ended: HttpExchange) => void;
  readonly #mayWrite: (() => boolean) | null;
  readonly #timer;
  #controller: Dispatcher.DispatchController | null = null;
  #left = false;
  #ended = false;
  #status = 0;
  #headers: Record<string, string> = {};
  readonly #chunks: Buffer[] = [];
  #octets = 0;

  constructor(timeoutMs: number, mayWrite: (() => boolean) | null, done: (ended: HttpExchange) => void) {
    this.#done = done;
    this.#mayWrite = mayWrite;
    const words = `it did not answer within ${timeoutMs / 1000} s`;
    this.#timer = systemClock.setTimer(() => this.abort(new Error(words)), timeoutMs);
  }

  readonly abort = (error: Error): void => {
    this.#fail(error.message);
    this.#controller?.abort(error);
  };

  /** Called when a connection is there and the request is about to be written on it. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Its time was over before there was a connection for it.
    if (this.#ended) {
      controller.abort(new Error('it has ended'));
      return;
    }
    if (this.#mayWrite !== null && !this.#mayWrite()) {
      this.#fail('nothing may be sent any more');
      controller.abort(new Error('nothing may be sent any more'));
      return;
    }
    this.#controller = controller;
    this.#left = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: object): void {
    // What comes first may only be a word on the way (RFC 9110 §15.2).
    if (status < 200) return;
    this.#status = status;
    for (const [name, value] of Object.entries(headers)) this.#headers[name] = String(value);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#octets += chunk.length;
    if (this.#octets <= MAX_ANSWER_OCTETS) {
      this.#chunks.push(chunk);
      return;
    }
    this.#fail('its answer is too long');
    controller.abort(new Error('its answer is too long'));
  }

  onResponseEnd(): void {
    this.#end({
      kind: 'answered',
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks, this.#octets),
      cut: null,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(wordsFor(error));
  }

  #fail(reason: string): void {
    if (this.#status > 0) {
      this.#end({ kind: 'answered', status: this.#status, headers: this.#headers, body: null, cut: reason });
    } else this.#end({ kind: this.#left ? 'noAnswer' : 'notSent', reason });
  }

  #end(ended: HttpExchange): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.cancel();
    this.#done(ended);
  }
}

import { Agent } from 'undici';
import { AddressGuard } from './address-guard.ts';
import { guardedConnector, type Resolve, systemResolve, wordsFor } from './guarded-connect.ts';

/** How a request ended: with a status, or without one and why, in words that may be shown to whoever set the address. */
export type Posted = { status: number; durationMs: number } | { failure: string; durationMs: number };

export interface PostRequest {
  headers: Record<string, string>;
  body: string;
  /** From the look-up of the name to the end of the answer's head. */
  timeoutMs: number;
  /** Breaks the request off. */
  signal?: AbortSignal;
}

export interface SafePosterOptions {
  /** Addresses and networks that may be reached although they are not public, as `parseAddressList` returns them. */
  allowNetworks: readonly string[];
  /** Whether http:// is spoken beside https://. */
  allowHttp: boolean;
  /** Finds the addresses of a name; the system's resolver unless given. */
  resolve?: Resolve;
}

const MAX_REQUEST_OCTETS = 1 << 20;
/** Of an answer's body, which nobody reads: enough to keep the connection, where it is short. */
const MAX_ANSWER_OCTETS = 16 << 10;
const MAX_ANSWER_HEAD_OCTETS = 16 << 10;
const MAX_ORIGINS = 10_000;
const IDLE_MS = 10_000;

/**
 * Posts to addresses that strangers chose. What a name resolves to is checked when the connection is made, and the
 * connection goes to the address that was checked, so a name that changes its mind gains nothing; nor does another way
 * to write an address. It follows no redirect, asks no proxy, sends no cookie, and reads next to nothing of the answer.
 */
export class SafePoster {
  readonly #agent: Agent;
  readonly #allowHttp: boolean;

  constructor({ allowNetworks, allowHttp, resolve = systemResolve }: SafePosterOptions) {
    this.#allowHttp = allowHttp;
    this.#agent = new Agent({
      connect: guardedConnector(new AddressGuard(allowNetworks), { resolve }),
      maxHeaderSize: MAX_ANSWER_HEAD_OCTETS,
      maxOrigins: MAX_ORIGINS,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      // The whole has one limit of time; these would only be further ones.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Sends one POST. Never throws: what goes wrong is a failure in words. */
  async post(url: string, { headers, body, timeoutMs, signal }: PostRequest): Promise<Posted> {
    const started = performance.now();
    const timeout = AbortSignal.timeout(timeoutMs);
    const ended = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const durationMs = () => Math.round(performance.now() - started);
    try {
      const { origin, path } = this.#target(url, body);
      const answer = await this.#agent.request({ origin, path, method: 'POST', headers, body, signal: ended });
      const { statusCode } = answer;
      const took = durationMs();
      // The head has decided; the rest is only drained, for as long and as far as the limits allow.
      await answer.body.dump({ limit: MAX_ANSWER_OCTETS, signal: ended }).catch(() => {});
      return { status: statusCode, durationMs: took };
    } catch (error) {
      if (timeout.aborted)
        return { failure: `it did not answer within ${timeoutMs / 1000} s`, durationMs: durationMs() };
      return { failure: error instanceof NotSent ? error.message : wordsFor(error), durationMs: durationMs() };
    }
  }

  /** Breaks off what is under way. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #target(url: string, body: string): { origin: string; path: string } {
    const { protocol, username, password, origin, pathname, search } = new URL(url);
    const known = protocol === 'https:' || (protocol === 'http:' && this.#allowHttp);
    if (!known || username !== '' || password !== '') throw new NotSent('its address may not be used');
    if (Buffer.byteLength(body) > MAX_REQUEST_OCTETS) throw new NotSent('the request is too large');
    return { origin, path: pathname + search };
  }
}

/** A request that may not be made; the message says why. */
class NotSent extends Error {}

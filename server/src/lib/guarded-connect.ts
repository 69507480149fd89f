import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';

/** Finds the addresses of a name. */
export type Resolve = (
  name: string,
  done: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void;

/** What was broken off must not go on trying for long. */
const CONNECT_TIMEOUT_MS = 5_000;

const CLOSED = 'SIGNET_ADDRESS_CLOSED';
const CLOSED_WORDS = 'its address is not public, and this installation does not allow it';

/** What codes of Node.js and undici mean to whoever set the address. */
const WORDS: Readonly<Record<string, string>> = {
  [CLOSED]: CLOSED_WORDS,
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'it cannot be reached in time',
  UND_ERR_SOCKET: 'it broke the connection off',
  UND_ERR_HEADERS_OVERFLOW: 'the head of its answer is too long',
};

/** The system's resolver. */
export const systemResolve: Resolve = (name, done) =>
  systemLookup(name, { all: true }, (error, addresses) => done(error, addresses));

/** Connects to checked addresses only. */
export function guardedConnector(
  guard: AddressGuard,
  { resolve = systemResolve, timeoutMs = CONNECT_TIMEOUT_MS }: { resolve?: Resolve; timeoutMs?: number } = {},
): buildConnector.connector {
  const lookup: LookupFunction = (name, { all }, done) => {
    resolve(name, (error, found) => {
      if (error !== null) return done(error, '', 0);
      const open = found.filter(({ address }) => guard.allows(address));
      if (open.length === 0) return done(closed(), '', 0);
      if (all) done(null, open);
      else done(null, open[0]!.address, open[0]!.family);
    });
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup, autoSelectFamily: true, allowH2: false });
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    // What is an address already is never looked up.
    if (isIP(host) !== 0 && !guard.allows(host)) return done(closed(), null);
    connect({ ...options, hostname: host }, done);
  };
}

function closed(): NodeJS.ErrnoException {
  return Object.assign(new Error(CLOSED_WORDS), { code: CLOSED });
}

interface NetworkError {
  name: string;
  /** Errors of the web platform number theirs. */
  code?: string | number;
  cause?: NetworkError;
  /** One for each address that was tried. */
  errors?: NetworkError[];
}

/** Why a request failed. Nothing of the answer is in the words, so that no address can be read out by way of its failures. */
export function wordsFor(error: unknown): string {
  const { name, code = '', cause, errors } = error as NetworkError;
  const known = [code, errors?.[0]?.code, cause?.code].flatMap((each) => WORDS[String(each)] ?? []);
  if (known[0] !== undefined) return known[0];
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(String(code))) {
    return `its TLS certificate or handshake is not good (${code})`;
  }
  return name === 'HTTPParserError' ? 'its answer is not HTTP/1.1' : 'the request failed';
}

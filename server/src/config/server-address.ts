import { readFileSync } from 'node:fs';

/** Certificates in PEM, as the files of an address hold them; null: what Node knows, or none of our own. */
export interface TlsFiles {
  ca: string | null;
  cert: string | null;
  key: string | null;
}

/** Where a RabbitMQ server is. */
export interface RabbitmqAddress {
  host: string;
  port: number;
  vhost: string;
  user: string;
  password: string;
  /** Null: without TLS. */
  tls: TlsFiles | null;
}

/** Where a Redis server is. */
export interface RedisAddress {
  host: string;
  port: number;
  /** Empty: the default user. */
  user: string;
  /** Empty: none. */
  password: string;
  /** Number of the database. */
  database: number;
  tls: TlsFiles | null;
}

export const RABBITMQ_RULE =
  'an address like amqp://user:password@host:5672/vhost, or amqps://… with ?ca=, &cert= and &key= naming files that can be read';
export const REDIS_RULE =
  'an address like redis://user:password@host:6379/0, or rediss://… with ?ca=, &cert= and &key= naming files that can be read';

/** Reads the address of a RabbitMQ server; null when it is none. */
export function parseRabbitmqAddress(text: string): RabbitmqAddress | null {
  const read = parse(text, 'amqp:', 'amqps:');
  if (read === null) return null;
  const { url, tls } = read;
  return {
    host: hostOf(url),
    port: portOf(url, tls === null ? 5672 : 5671),
    vhost: decodeURIComponent(url.pathname.slice(1)) || '/',
    user: decodeURIComponent(url.username) || 'guest',
    password: decodeURIComponent(url.password) || 'guest',
    tls,
  };
}

/** Reads the address of a Redis server; null when it is none. */
export function parseRedisAddress(text: string): RedisAddress | null {
  const read = parse(text, 'redis:', 'rediss:');
  if (read === null) return null;
  const { url, tls } = read;
  const database = url.pathname.slice(1) || '0';
  if (!/^\d{1,5}$/.test(database)) return null;
  return {
    host: hostOf(url),
    port: portOf(url, 6379),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: Number(database),
    tls,
  };
}

/** The same without its password and the names of files, to be shown. */
export function shownAddress(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.username === '' ? '' : `${url.username}@`}${url.host}${url.pathname}`;
}

const TLS_FILES = ['ca', 'cert', 'key'] as const;

function parse(text: string, plain: string, secure: string): { url: URL; tls: TlsFiles | null } | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if ((url.protocol !== plain && url.protocol !== secure) || url.hostname === '' || url.hash !== '') return null;
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
  } catch {
    return null;
  }
  const names = [...url.searchParams.keys()];
  if (names.some((name) => !TLS_FILES.some((known) => known === name))) return null;
  if (url.protocol === plain) return names.length === 0 ? { url, tls: null } : null;
  try {
    const file = (name: string) =>
      url.searchParams.has(name) ? readFileSync(url.searchParams.get(name)!, 'utf8') : null;
    return { url, tls: { ca: file('ca'), cert: file('cert'), key: file('key') } };
  } catch {
    return null;
  }
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

const portOf = (url: URL, usual: number): number => (url.port === '' ? usual : Number(url.port));

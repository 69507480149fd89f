import { readFileSync } from 'node:fs';

/** Where a database is, and how one speaks to it. */
export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Null: without TLS. */
  tls: { ca: string | null; cert: string | null; key: string | null; verify: boolean } | null;
}

const DEFAULT_PORT = 3306;
const TLS = ['off', 'on', 'unverified'] as const;
const KNOWN = ['tls', 'ca', 'cert', 'key'];

/** Letters that need no thought wherever a database's name stands. */
const DATABASE = /^[A-Za-z0-9_$-]{1,64}$/;

/**
 * Reads `mysql://user:password@host:port/database?tls=on&ca=/path/to/ca.pem`. `tls`: `off` (default), `on` (the server's
 * certificate is checked, by `ca` or by what the system trusts), or `unverified`. `cert` and `key` name files of a
 * certificate of our own. Parts of the address are percent-encoded where they hold reserved characters.
 * @throws Error that says what is wrong with it, without the password
 */
export function mysqlAddress(text: string): MysqlAddress {
  const url = parsed(text);
  const unknown = [...url.searchParams.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new Error(`the address of a MySQL store has no setting ${unknown}`);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (!DATABASE.test(database)) throw new Error('the address of a MySQL store names a database: mysql://…/signet');
  if (url.hostname === '') throw new Error('the address of a MySQL store names a host: mysql://user@host/database');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database,
    tls: tlsOf(url.searchParams),
  };
}

/** The same without its password and the names of files, to be shown. */
export function shownMysqlAddress(text: string): string {
  const { user, host, port, database } = mysqlAddress(text);
  return `mysql://${user === '' ? '' : `${encodeURIComponent(user)}@`}${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

function parsed(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
    decodeURIComponent(url.username + url.password + url.pathname);
  } catch {
    throw new Error('the address of a MySQL store is written mysql://user:password@host:port/database');
  }
  if (url.protocol !== 'mysql:') throw new Error('the address of a MySQL store begins with mysql://');
  return url;
}

function tlsOf(settings: URLSearchParams): MysqlAddress['tls'] {
  const mode = settings.get('tls') ?? 'off';
  if (!(TLS as readonly string[]).includes(mode)) throw new Error(`tls=${mode} is none of ${TLS.join(', ')}`);
  const file = (name: string): string | null => {
    const path = settings.get(name);
    if (path === null) return null;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw new Error(`${name} names a file that cannot be read`);
    }
  };
  if (mode === 'off') {
    const needless = ['ca', 'cert', 'key'].find((name) => settings.has(name));
    if (needless !== undefined) throw new Error(`${needless} says nothing without tls=on`);
    return null;
  }
  return { ca: file('ca'), cert: file('cert'), key: file('key'), verify: mode === 'on' };
}

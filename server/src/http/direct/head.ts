import type { IncomingHttpHeaders } from 'node:http';

/** The head of an ordinary request. */
export interface Head {
  method: string;
  /** As it stands in the request line. */
  url: string;
  headers: IncomingHttpHeaders;
  /** As it came, with the empty line that ends it. */
  octets: Buffer;
  bodyOctets: number;
}

/** Longer heads are not ordinary. */
const MAX_HEAD_OCTETS = 4_096;
const HEAD_END = '\r\n\r\n';
const REQUEST_LINE = /^([A-Z]+) (\/[!-~]*) HTTP\/1\.1$/;
/** Nothing that different readers read differently: one space behind the colon, visible ASCII from end to end. */
const FIELD = /^([A-Za-z-]+): ([!-~](?:[ -~]*[!-~])?)$/;
const LENGTH = /^[1-9][0-9]{0,7}$/;

/** What ordinary clients say. A field that is not here may change what a request means, as Transfer-Encoding does. */
const ORDINARY_FIELDS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'pragma',
  'sec-fetch-mode',
  'user-agent',
]);

/**
 * Reads the head of a request as far as it is perfectly ordinary: HTTP/1.1, a body whose length is told, a connection that
 * is kept, and only fields that everybody reads alike, none twice. Null for anything else, which is not therefore wrong:
 * Node's HTTP server decides on that.
 */
export function readHead(octets: Buffer): Head | null {
  const end = octets.indexOf(HEAD_END, 0, 'latin1');
  if (end < 0 || end > MAX_HEAD_OCTETS) return null;
  const [first, ...lines] = octets.toString('latin1', 0, end).split('\r\n');
  const line = REQUEST_LINE.exec(first!);
  if (line === null) return null;
  const headers: IncomingHttpHeaders = {};
  for (const text of lines) {
    const field = FIELD.exec(text);
    if (field === null) return null;
    const name = field[1]!.toLowerCase();
    if (!ORDINARY_FIELDS.has(name) || name in headers) return null;
    headers[name] = field[2]!;
  }
  const { host, connection = 'keep-alive' } = headers;
  const length = headers['content-length'];
  if (host === undefined || length === undefined || !LENGTH.test(length)) return null;
  if (connection.toLowerCase() !== 'keep-alive') return null;
  return {
    method: line[1]!,
    url: line[2]!,
    headers,
    octets: Buffer.from(octets.subarray(0, end + HEAD_END.length)),
    bodyOctets: Number(length),
  };
}

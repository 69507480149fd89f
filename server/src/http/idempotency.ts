import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '../lib/random.ts';
import type { AcceptPlan } from '../services/plan-request.ts';

const KEY = /^[\x20-\x7e]{1,128}$/;

/**
 * What makes a repeat of this request known as one: its `Idempotency-Key` and its body, octet by octet. Null without
 * the header; undefined when that is not 1 to 128 printable ASCII characters.
 * @param route `METHOD /path`: the same key on another route is another key
 */
export function readIdempotency(
  route: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): AcceptPlan['idempotency'] | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key)) return undefined;
  return { route, key, bodyHash: sha256(body).toString('hex') };
}

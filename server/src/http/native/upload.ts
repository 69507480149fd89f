import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { must } from '../../domain/refusals.ts';
import { sha256 } from '../../lib/random.ts';
import type { Idempotency } from '../../services/idempotency.ts';

/**
 * What a file may be sent as. What it is, its first octets tell: `curl --data-binary` and browsers rarely know better
 * than that it is a file.
 */
export const FILE_TYPES = [
  'text/csv',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.ms-excel',
  'text/plain',
  'application/octet-stream',
] as const;

/** Hands bodies of these types to their handlers as they come in. */
export function takeFiles(scope: FastifyInstance): void {
  scope.addContentTypeParser([...FILE_TYPES], (_request, payload, done) => done(null, payload));
}

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,128}$/;

/** @throws Refused when there is a key that is none */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  must(typeof key === 'string' && IDEMPOTENCY_KEY.test(key), {
    code: 'invalidField',
    field: 'Idempotency-Key',
    rule: '1 to 128 printable ASCII characters',
  });
  return key;
}

/** What repeats of a request are known by; null without a key. @param asked its body, as it was understood */
export const idempotencyOf = (route: string, key: string | null, asked: unknown): Idempotency | null =>
  key === null ? null : { route, key, bodyHash: sha256(JSON.stringify(asked)).toString('hex') };

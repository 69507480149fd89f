import { createHmac } from 'node:crypto';
import { randomOctets } from '../lib/random.ts';
import type { Posted, PostRequest } from '../lib/safe-fetch.ts';

/** Whom a request goes to, and what it is signed with. */
export interface Target {
  url: string;
  username: string;
  secret: string;
  authorization: string;
}

/** Sends one POST; never throws. */
export type Post = (url: string, request: PostRequest) => Promise<Posted>;

const STANDARD_PREFIX = 'whsec_';
const SECRET_OCTETS = 32;

/** A new secret in the form of Standard Webhooks. */
export const newWebhookSecret = (): string => STANDARD_PREFIX + randomOctets(SECRET_OCTETS).toString('base64');

/**
 * The headers of a callback request. `X-CALLBACK-ID` proves who sends it; the three of Standard Webhooks cover the body,
 * too, and their id is the same each time the same rows are sent.
 * @param at milliseconds since 1970
 */
export function callbackHeaders(target: Target, id: string, at: number, body: string): Record<string, string> {
  const { username, secret, authorization } = target;
  const timestamp = String(Math.floor(at / 1000));
  const nonce = randomOctets(16).toString('hex');
  const proof = createHmac('sha256', secret).update(`${timestamp}${nonce}${username}`).digest('hex');
  const cover = createHmac('sha256', standardKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'content-type': 'application/json',
    'user-agent': 'Signet',
    'x-callback-id': `timestamp=${timestamp};nonce=${nonce};username=${username};signature=${proof}`,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${cover}`,
    ...(authorization !== '' && { authorization }),
  };
}

/** The key of `webhook-signature`: the octets after `whsec_`, or of a secret of another form its own. */
function standardKey(secret: string): Buffer {
  return secret.startsWith(STANDARD_PREFIX)
    ? Buffer.from(secret.slice(STANDARD_PREFIX.length), 'base64')
    : Buffer.from(secret);
}

const CHECK_TIMEOUT_MS = 3_000;

/** Asks whether a webhook answers as it should: 200 to `{}` within 3 s. Returns what is wrong, or null. */
export async function checkWebhook(post: Post, target: Target, at: number): Promise<string | null> {
  const id = `check-${randomOctets(12).toString('hex')}`;
  const headers = callbackHeaders(target, id, at, '{}');
  const posted = await post(target.url, { headers, body: '{}', timeoutMs: CHECK_TIMEOUT_MS });
  if ('failure' in posted) return posted.failure;
  return posted.status === 200 ? null : `it answered ${posted.status}`;
}

import type { Callback, Piece } from './callback.ts';
import { must } from './refusals.ts';

/** An address of a business that is told what happens. Its secrets are kept apart: {@link WebhookSecrets}. */
export interface Webhook {
  id: number;
  businessId: number;
  url: string;
  /** What it is told. */
  callbacks: Callback[];
  /** Named in `X-CALLBACK-ID`. */
  username: string;
  /** Whether requests carry a fixed Authorization value. */
  hasAuthorization: boolean;
  description: string;
  state: 'active' | 'disabled';
  /** Rounds of requests that failed since one succeeded. */
  failures: number;
  /** Nothing is sent before this time; null while nothing fails. */
  retryAt: number | null;
  /** Deliveries that wait. */
  waiting: number;
  /** How far events have been made into deliveries. */
  cursor: WebhookCursor;
  createdAt: number;
  updatedAt: number;
}

/** Every event up to `eventId`, and the first `rows` rows of the next one. */
export interface WebhookCursor {
  eventId: number;
  rows: number;
}

/** What nobody is shown once it is set. */
export interface WebhookSecrets {
  secret: string;
  /** Value of the Authorization header; empty: none is sent. */
  authorization: string;
}

/** The states of a delivery. The position is the stored code: append, never reorder. */
export const DELIVERY_STATES = ['waiting', 'succeeded', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const deliveryCode = (state: DeliveryState): number => DELIVERY_STATES.indexOf(state);

export function deliveryStateOfCode(code: number): DeliveryState {
  const state = DELIVERY_STATES[code];
  if (state === undefined) throw new Error(`no delivery state has code ${code}`);
  return state;
}

/** One request a webhook is owed: rows that were ready together. */
export interface Delivery {
  /** Time-ordered; receivers know it as `webhook-id`, the same each time it is tried. */
  id: number;
  webhookId: number;
  state: DeliveryState;
  pieces: Piece[];
  rows: number;
  tries: Try[];
  /** Not tried before. */
  dueAt: number;
  /** When the first of what it tells happened. */
  since: number;
  doneAt: number | null;
}

/** One request that was made. */
export interface Try {
  at: number;
  durationMs: number;
  /** HTTP status; null when none came. */
  status: number | null;
  /** Why it is no success; empty when it is one. */
  error: string;
}

export const MAX_WEBHOOKS_PER_BUSINESS = 10;
/** Rows of one request: with the longest custom arguments it stays below 256 KB. */
export const MAX_DELIVERY_ROWS = 100;
/** Deliveries of one webhook that wait at once; beyond them what happened stays in the events. */
export const MAX_WAITING_DELIVERIES = 10_000;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Waits after the first failures; after these it is daily. */
const RETRY_AFTER_MS = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS] as const;

/** A delivery that failed this often is dead. */
export const MAX_TRIES = 24;

/** How long after its `failures`th failure something is tried again. */
export const retryAfterMs = (failures: number): number => RETRY_AFTER_MS[failures - 1] ?? DAY_MS;

/** From the first try to the last one. A delivery that waited as long behind a failing webhook is dead, too. */
export const DELIVERY_LIFE_MS = Array.from({ length: MAX_TRIES - 1 }, (_, i) => retryAfterMs(i + 1)).reduce(
  (sum, ms) => sum + ms,
  0,
);

export const WEBHOOK_LIMITS = {
  url: 2_048,
  username: 64,
  description: 200,
  authorization: 1_000,
  secret: 128,
} as const;

const URL_RULE = `an absolute address of at most ${WEBHOOK_LIMITS.url} characters, without user name and fragment`;

/**
 * Reads the address of a webhook.
 * @param allowHttp whether it may be http:// beside https://
 * @throws Refused (invalidField)
 */
export function checkUrl(text: string, allowHttp: boolean): void {
  const parsed = text.length <= WEBHOOK_LIMITS.url && URL.canParse(text) ? new URL(text) : null;
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  const plain = parsed !== null && parsed.username === '' && parsed.password === '' && !text.includes('#');
  must(isHttp && plain, { code: 'invalidField', field: 'url', rule: `${URL_RULE}, http or https` });
  must(allowHttp || parsed.protocol === 'https:', {
    code: 'invalidField',
    field: 'url',
    rule: 'must be https:// on this installation',
  });
}

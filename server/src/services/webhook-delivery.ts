import { must } from '../domain/refusals.ts';
import {
  DELIVERY_LIFE_MS,
  type Delivery,
  type DeliveryState,
  MAX_TRIES,
  MAX_WAITING_DELIVERIES,
  retryAfterMs,
  type Try,
  type WebhookSecrets,
} from '../domain/webhook.ts';
import type { Reader, WebhookWork } from '../store/store.ts';
import { single } from './verb.ts';
import { findWebhook } from './webhook.ts';
import { bodyOf } from './webhook-body.ts';

/** Requests that are sent together and recorded together. */
export interface Round extends WebhookSecrets {
  url: string;
  username: string;
  requests: { id: number; body: string }[];
}

/** One request's end. */
export interface Tried extends Try {
  deliveryId: number;
  succeeded: boolean;
}

/** What was delivered is kept for a week, what was given up for three months. */
const KEPT_MS = { succeeded: 7 * 86_400_000, dead: 90 * 86_400_000 } as const;

/** What every active webhook has to do. */
export const webhookWork = (reader: Reader, input: { at: number }): Promise<WebhookWork[]> =>
  reader.webhooks.work(input.at, MAX_WAITING_DELIVERIES);

/**
 * What to send to a webhook now; null when nothing. Where nothing fails, that is the next `limit` deliveries. Where the
 * last round failed it is only two: the oldest, and the one tried least, which tells a webhook that is down from one
 * that cannot digest what the oldest says.
 */
export async function nextRound(
  reader: Reader,
  input: { id: number; at: number; limit: number },
): Promise<Round | null> {
  const { id, at } = input;
  const webhook = await reader.webhooks.byId(id);
  const secrets = await reader.webhooks.secrets(id);
  if (webhook === null || secrets === null || webhook.state === 'disabled' || (webhook.retryAt ?? 0) > at) return null;
  let chosen = await reader.webhooks.due(id, at, webhook.failures === 0 ? input.limit : 1);
  if (webhook.failures > 0 && chosen.length > 0) {
    const other = await reader.webhooks.leastTried(id, at);
    if (other !== null && other.id !== chosen[0]!.id) chosen = [...chosen, other];
  }
  if (chosen.length === 0) return null;
  const requests: Round['requests'] = [];
  for (const delivery of chosen) {
    requests.push({ id: delivery.id, body: await bodyOf(reader, webhook.businessId, delivery.pieces) });
  }
  return { url: webhook.url, username: webhook.username, ...secrets, requests };
}

/**
 * Records how a round ended. A delivery that succeeded is never sent again; one that failed waits longer each time, and
 * is dead in the end. When all of a round failed, everything for this webhook waits until the next try.
 */
export const recordRound = single(
  async (tx, ctx, input: { id: number; tried: readonly Tried[] }): Promise<{ dead: number }> => {
    const webhook = await tx.webhooks.byId(input.id);
    if (webhook === null) return { dead: 0 };
    const at = ctx.now();
    let dead = 0;
    for (const { deliveryId, succeeded, ...outcome } of input.tried) {
      const delivery = await tx.webhooks.delivery(deliveryId);
      if (delivery === null || delivery.state !== 'waiting') continue;
      const tries = [...delivery.tries, outcome];
      const givenUp = !succeeded && tries.length >= MAX_TRIES;
      if (givenUp) dead++;
      const ended: Partial<Delivery> = succeeded
        ? { state: 'succeeded', doneAt: at }
        : givenUp
          ? { state: 'dead', doneAt: at }
          : { dueAt: at + retryAfterMs(tries.length) };
      await tx.webhooks.updateDelivery({ ...delivery, tries, ...ended });
    }
    if (input.tried.some(({ succeeded }) => succeeded)) {
      if (webhook.failures > 0) await tx.webhooks.setFailures(webhook.id, 0, null);
    } else {
      const failures = webhook.failures + 1;
      await tx.webhooks.setFailures(webhook.id, failures, at + retryAfterMs(failures));
      dead += await tx.webhooks.expireDeliveries(webhook.id, at - DELIVERY_LIFE_MS, at);
    }
    return { dead };
  },
);

/** Forgets deliveries whose time has passed, `limit` of each kind at most. */
export const forgetDeliveries = single(async (tx, ctx, input: { limit: number }): Promise<{ dropped: number }> => {
  const at = ctx.now();
  let dropped = 0;
  for (const state of ['succeeded', 'dead'] as const) {
    dropped += await tx.webhooks.dropDeliveries(state, at - KEPT_MS[state], input.limit);
  }
  return { dropped };
});

/** Deliveries of a webhook, newest first. @throws Refused (webhookNotFound) */
export async function listDeliveries(
  reader: Reader,
  input: {
    businessId: number | null;
    webhookId: number;
    state: DeliveryState | null;
    before: number | null;
    limit: number;
  },
): Promise<Delivery[]> {
  const webhook = await findWebhook(reader, { businessId: input.businessId, id: input.webhookId });
  must(webhook !== null, { code: 'webhookNotFound' });
  return reader.webhooks.deliveries(webhook.id, input.state, input.before, input.limit);
}

/** One delivery of a webhook. @throws Refused (webhookNotFound, deliveryNotFound) */
export async function findDelivery(
  reader: Reader,
  input: { businessId: number | null; webhookId: number; id: number },
): Promise<Delivery> {
  const webhook = await findWebhook(reader, { businessId: input.businessId, id: input.webhookId });
  must(webhook !== null, { code: 'webhookNotFound' });
  const delivery = await reader.webhooks.delivery(input.id);
  must(delivery !== null && delivery.webhookId === webhook.id, { code: 'deliveryNotFound' });
  return delivery;
}

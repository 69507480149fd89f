import type { Callback } from '../domain/callback.ts';
import { must } from '../domain/refusals.ts';
import { MAX_WEBHOOKS_PER_BUSINESS, type Webhook, type WebhookSecrets } from '../domain/webhook.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** What a webhook is made of, beside its secrets. */
export interface WebhookFields {
  url: string;
  callbacks: Callback[];
  username: string;
  description: string;
}

/** Adds a webhook. It is told what happens from now on. */
export const createWebhook = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; businessId: number; fields: WebhookFields; secrets: WebhookSecrets },
  ): Promise<Webhook> => {
    const { actor, businessId } = input;
    must(actor.admin || actor.businessId === businessId, { code: 'businessNotFound' });
    must((await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    const limit = MAX_WEBHOOKS_PER_BUSINESS;
    must((await tx.webhooks.ofBusiness(businessId)).length < limit, { code: 'tooManyWebhooks', limit });
    const id = await tx.webhooks.insert({
      businessId,
      ...input.fields,
      ...input.secrets,
      cursor: { eventId: 0, rows: 0 },
      createdAt: ctx.now(),
    });
    await startHere(tx, ctx, id, businessId, 'created');
    return (await tx.webhooks.byId(id))!;
  },
);

/** Changes a webhook. What is left out stays; what waits is sent at once, to the new address. */
export const editWebhook = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; id: number; fields: Partial<WebhookFields>; secrets: Partial<WebhookSecrets> },
  ): Promise<Webhook> => {
    const webhook = await own(tx, input.actor, input.id);
    const { secret = null, authorization = null } = input.secrets;
    await tx.webhooks.update({ ...webhook, ...input.fields, updatedAt: ctx.now() }, { secret, authorization });
    await forgive(tx, ctx, webhook.id);
    await changed(tx, ctx, webhook, 'edited');
    return (await tx.webhooks.byId(webhook.id))!;
  },
);

/**
 * Switches a webhook off or on. While it is off it is told nothing, and what happens meanwhile it is never told; what
 * waits goes on waiting, and is sent at once when it is switched on.
 */
export const setWebhookState = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; state: Webhook['state'] }): Promise<Webhook> => {
    const webhook = await own(tx, input.actor, input.id);
    if (webhook.state === input.state) return webhook;
    await tx.webhooks.update({ ...webhook, state: input.state, updatedAt: ctx.now() }, KEEP_SECRETS);
    await forgive(tx, ctx, webhook.id);
    if (input.state === 'active') await startHere(tx, ctx, webhook.id, webhook.businessId, 'enabled');
    else await changed(tx, ctx, webhook, 'disabled');
    return (await tx.webhooks.byId(webhook.id))!;
  },
);

/** Takes a webhook away, with what waits for it. */
export const deleteWebhook = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const webhook = await own(tx, input.actor, input.id);
  await tx.webhooks.delete(webhook.id);
  await changed(tx, ctx, webhook, 'deleted');
});

const KEEP_SECRETS = { secret: null, authorization: null };

/** The webhooks of a business, in the order of their ids. */
export const listWebhooks = (reader: Reader, input: { businessId: number }): Promise<Webhook[]> =>
  reader.webhooks.ofBusiness(input.businessId);

/** One webhook; null when it is not the business's. A null business means any. */
export async function findWebhook(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<Webhook | null> {
  const webhook = await reader.webhooks.byId(input.id);
  return webhook !== null && (input.businessId ?? webhook.businessId) === webhook.businessId ? webhook : null;
}

/** What its requests are signed with. For whoever sends them, never for an answer. */
export const webhookSecrets = (reader: Reader, input: { id: number }): Promise<WebhookSecrets | null> =>
  reader.webhooks.secrets(input.id);

async function own(tx: Tx, actor: ActorRef, id: number): Promise<Webhook> {
  const webhook = await findWebhook(tx, { businessId: actor.admin ? null : actor.businessId, id });
  must(webhook !== null, { code: 'webhookNotFound' });
  return webhook;
}

/** What waits is tried at once, as if nothing had failed. */
async function forgive(tx: Tx, ctx: Ctx, id: number): Promise<void> {
  await tx.webhooks.setFailures(id, 0, null);
  await tx.webhooks.recallDeliveries(id, ctx.now());
}

/** Writes the event of the change; what happens after it is told. */
async function startHere(
  tx: Tx,
  ctx: Ctx,
  webhookId: number,
  businessId: number,
  change: 'created' | 'enabled',
): Promise<void> {
  const eventId = ctx.nextId('event');
  const body = { kind: 'webhook.changed' as const, webhookId, change };
  await tx.events.add([{ id: eventId, businessId, at: ctx.now(), body }]);
  await tx.webhooks.moveCursor(webhookId, { eventId, rows: 0 });
}

const changed = (
  tx: Tx,
  ctx: Ctx,
  { businessId, id }: Webhook,
  change: 'edited' | 'disabled' | 'deleted',
): Promise<void> => addEvent(tx, ctx, businessId, { kind: 'webhook.changed', webhookId: id, change });

import Type, { type Static } from 'typebox';
import { CALLBACKS } from '../../domain/callback.ts';
import type { Actor } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { checkUrl, DELIVERY_STATES, MAX_WEBHOOKS_PER_BUSINESS, WEBHOOK_LIMITS } from '../../domain/webhook.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { checkWebhook, newWebhookSecret, type Target } from '../../services/webhook-request.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { businessOf, ownerOf, sight } from './scope.ts';

const SECRET_MIN_LENGTH = 16;

const Url = Type.String({
  minLength: 1,
  maxLength: WEBHOOK_LIMITS.url,
  description: `an absolute address, https://, of at most ${WEBHOOK_LIMITS.url} characters`,
});
const Callbacks = Type.Array(word(CALLBACKS), {
  minItems: 1,
  uniqueItems: true,
  description: `a list of what it is told: ${CALLBACKS.join(', ')}`,
});
const Username = Type.String({
  pattern: `^[A-Za-z0-9._@-]{1,${WEBHOOK_LIMITS.username}}$`,
  description: `1 to ${WEBHOOK_LIMITS.username} letters, digits, dots, dashes, underscores or @`,
});
const Description = Type.String({
  maxLength: WEBHOOK_LIMITS.description,
  description: `a text of at most ${WEBHOOK_LIMITS.description} characters`,
});
const Secret = Type.String({
  pattern: `^[\\x21-\\x7e]{${SECRET_MIN_LENGTH},${WEBHOOK_LIMITS.secret}}$`,
  description: `${SECRET_MIN_LENGTH} to ${WEBHOOK_LIMITS.secret} printable ASCII characters without spaces; never shown`,
});
const AUTHORIZATION_RULE = `the value of the Authorization header, 1 to ${WEBHOOK_LIMITS.authorization} printable ASCII characters; never shown`;
const Authorization = Type.String({
  pattern: `^[\\x21-\\x7e](?:[\\x20-\\x7e]{0,${WEBHOOK_LIMITS.authorization - 2}}[\\x21-\\x7e])?$`,
  description: AUTHORIZATION_RULE,
});

const webhookFields = {
  id: Id,
  business_id: Id,
  url: Type.String(),
  callbacks: Callbacks,
  username: Username,
  has_authorization: Type.Boolean({ description: 'whether requests carry an Authorization header' }),
  description: Description,
  state: word(['active', 'disabled']),
  waiting: Type.Integer({ minimum: 0, description: 'deliveries that wait' }),
  failures: Type.Integer({ minimum: 0, description: 'times in a row that nothing got through' }),
  retry_at: orNull(Time),
  created_at: Time,
  updated_at: Time,
};
const WebhookBody = closed(webhookFields, { title: 'Webhook' });
const CreatedWebhook = closed(
  {
    ...webhookFields,
    secret: Type.Optional(Type.String({ description: 'the generated secret, shown only this once' })),
  },
  { title: 'CreatedWebhook' },
);

const NewWebhook = closed(
  {
    business_id: Type.Optional(Id),
    url: Url,
    callbacks: Type.Optional(Callbacks),
    username: Type.Optional(Username),
    description: Type.Optional(Description),
    secret: Type.Optional(Secret),
    authorization: Type.Optional(Authorization),
  },
  { title: 'NewWebhook' },
);
const WebhookEdit = closed(
  {
    url: Type.Optional(Url),
    callbacks: Type.Optional(Callbacks),
    username: Type.Optional(Username),
    description: Type.Optional(Description),
    secret: Type.Optional(Secret),
    authorization: Type.Optional(
      Type.Union([Authorization, Type.Null()], { description: `${AUTHORIZATION_RULE}; null removes it` }),
    ),
  },
  { title: 'WebhookEdit' },
);

const Delivery = closed(
  {
    id: Id,
    state: word(DELIVERY_STATES),
    callbacks: Type.Array(word(CALLBACKS)),
    rows: Count,
    tries: Type.Array(
      closed(
        {
          at: Time,
          duration_ms: Count,
          status: orNull(Type.Integer({ description: 'HTTP status; null when none came' })),
          error: Type.String({ description: 'why it is no success; empty when it is one' }),
        },
        { title: 'Try' },
      ),
    ),
    next_try_at: orNull(Time),
    since: Time,
    done_at: orNull(Time),
  },
  { title: 'Delivery' },
);

const params = closed({ id: IdText });

type Webhook = NonNullable<QueryValue<'findWebhook'>>;

const view = (webhook: Webhook): Static<typeof WebhookBody> => ({
  id: webhook.id,
  business_id: webhook.businessId,
  url: webhook.url,
  callbacks: webhook.callbacks,
  username: webhook.username,
  has_authorization: webhook.hasAuthorization,
  description: webhook.description,
  state: webhook.state,
  waiting: webhook.waiting,
  failures: webhook.failures,
  retry_at: webhook.retryAt === null ? null : isoTime(webhook.retryAt),
  created_at: isoTime(webhook.createdAt),
  updated_at: isoTime(webhook.updatedAt),
});

const deliveryView = (delivery: QueryValue<'findDelivery'>): Static<typeof Delivery> => ({
  id: delivery.id,
  state: delivery.state,
  callbacks: [...new Set(delivery.pieces.map(({ kind }) => kind))],
  rows: delivery.rows,
  tries: delivery.tries.map(({ at, durationMs, status, error }) => ({
    at: isoTime(at),
    duration_ms: durationMs,
    status,
    error,
  })),
  next_try_at: delivery.state === 'waiting' ? isoTime(delivery.dueAt) : null,
  since: isoTime(delivery.since),
  done_at: delivery.doneAt === null ? null : isoTime(delivery.doneAt),
});

/** Where a business is told what happens (docs/webhooks.md). */
export const webhookEndpoints = ({ desk, clock, webhooks }: HttpDeps): Endpoint[] => {
  const check = async (target: Target): Promise<void> => {
    const reason = await checkWebhook(webhooks.post, target, clock.now());
    must(reason === null, { code: 'webhookUnreachable', reason: reason ?? '' });
  };
  const describe = { tag: 'webhooks', params, answer: WebhookBody } as const;
  return [
    endpoint(
      'GET /webhooks',
      {
        tag: 'webhooks',
        summary: 'Webhooks of a business, oldest first',
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(WebhookBody),
      },
      async ({ actor, query }) => {
        const limit = limitOf(query);
        const after = placeOf(query, 1)?.[0] ?? 0;
        const all = await desk.ask('listWebhooks', { businessId: await ownerOf(desk, actor, query) });
        const rows = all.filter(({ id }) => id > after).slice(0, limit + 1);
        return pageOf(rows, limit, (last) => [last.id], view);
      },
    ),
    endpoint(
      'POST /webhooks',
      {
        tag: 'webhooks',
        summary: 'Add a webhook; its address must answer 200 to {}; a generated secret is shown once',
        body: NewWebhook,
        status: 201,
        answer: CreatedWebhook,
      },
      async ({ actor, body }) => {
        const business = await businessOf(desk, actor, String(body.business_id ?? actor.businessId));
        checkUrl(body.url, webhooks.allowHttp);
        // Looked at before the address is asked; the rule itself stands where the webhook is added.
        const { length } = await desk.ask('listWebhooks', { businessId: business.id });
        const limit = MAX_WEBHOOKS_PER_BUSINESS;
        must(length < limit, { code: 'tooManyWebhooks', limit });
        const fields = {
          url: body.url,
          callbacks: CALLBACKS.filter((callback) => body.callbacks?.includes(callback) ?? true),
          username: body.username ?? business.name,
          description: body.description ?? '',
        };
        const secrets = { secret: body.secret ?? newWebhookSecret(), authorization: body.authorization ?? '' };
        await check({ ...fields, ...secrets });
        const created = await desk.do('createWebhook', { actor, businessId: business.id, fields, secrets });
        return { ...view(created), ...(body.secret === undefined && { secret: secrets.secret }) };
      },
    ),
    endpoint('GET /webhooks/:id', { ...describe, summary: 'One webhook' }, async ({ actor, params }) =>
      view(await found(desk, actor, Number(params.id))),
    ),
    endpoint(
      'PATCH /webhooks/:id',
      {
        ...describe,
        summary: 'Change a webhook; what is left out stays; what waits is sent at once, to where it is now',
        body: WebhookEdit,
      },
      async ({ actor, params, body }) => {
        const webhook = await found(desk, actor, Number(params.id));
        const { secret, authorization, ...fields } = body;
        if (fields.url !== undefined) checkUrl(fields.url, webhooks.allowHttp);
        const before = await desk.ask('webhookSecrets', { id: webhook.id });
        must(before !== null, { code: 'webhookNotFound' });
        const secrets = {
          ...(secret !== undefined && { secret }),
          ...(authorization !== undefined && { authorization: authorization ?? '' }),
        };
        const { url, username } = { ...webhook, ...fields };
        await check({ url, username, ...before, ...secrets });
        return view(await desk.do('editWebhook', { actor, id: webhook.id, fields, secrets }));
      },
    ),
    ...(['disable', 'enable'] as const).map((change) =>
      endpoint(
        `POST /webhooks/:id/${change}`,
        {
          ...describe,
          summary:
            change === 'disable'
              ? 'Tell a webhook nothing, until it is enabled'
              : 'Tell a webhook what happens from now on; what waits is sent at once',
        },
        async ({ actor, params }) => {
          const state = change === 'disable' ? 'disabled' : 'active';
          return view(await desk.do('setWebhookState', { actor, id: Number(params.id), state }));
        },
      ),
    ),
    endpoint(
      'DELETE /webhooks/:id',
      { ...describe, summary: 'Take a webhook away, with what waits for it', answer: null },
      async ({ actor, params }) => {
        await desk.do('deleteWebhook', { actor, id: Number(params.id) });
      },
    ),
    endpoint(
      'GET /webhooks/:id/deliveries',
      {
        tag: 'webhooks',
        summary: 'What a webhook was sent or is owed, newest first; dead: given up',
        params,
        query: closed({ ...pageQuery, state: Type.Optional(word(DELIVERY_STATES)) }),
        answer: listOf(Delivery),
      },
      async ({ actor, params, query }) => {
        const limit = limitOf(query);
        const deliveries = await desk.ask('listDeliveries', {
          businessId: sight(actor),
          webhookId: Number(params.id),
          state: query.state ?? null,
          before: placeOf(query, 1)?.[0] ?? null,
          limit: limit + 1,
        });
        return pageOf(deliveries, limit, (last) => [last.id], deliveryView);
      },
    ),
    endpoint(
      'GET /webhooks/:id/deliveries/:delivery',
      {
        tag: 'webhooks',
        summary: 'One delivery with every try',
        params: closed({ id: IdText, delivery: IdText }),
        answer: Delivery,
      },
      async ({ actor, params }) =>
        deliveryView(
          await desk.ask('findDelivery', {
            businessId: sight(actor),
            webhookId: Number(params.id),
            id: Number(params.delivery),
          }),
        ),
    ),
  ];
};

async function found(desk: Desk, actor: Actor, id: number): Promise<Webhook> {
  const webhook = await desk.ask('findWebhook', { businessId: sight(actor), id });
  must(webhook !== null, { code: 'webhookNotFound' });
  return webhook;
}

import Type, { type Static } from 'typebox';
import { INBOUND_KINDS } from '../../domain/inbound.ts';
import { LIST_SOURCES, RECIPIENT_LISTS } from '../../domain/listed.ts';
import { MESSAGE_STATES } from '../../domain/message.ts';
import { MISSED_REASONS, PLAN_STATES } from '../../domain/plan.ts';
import { REVIEW_STATES } from '../../domain/review.ts';
import { TASK_ACTIONS } from '../../domain/task.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, NextCursor, PhoneNumber, pageQuery, Time, word } from './fields.ts';
import { cursorText, limitOf, placeOf } from './list.ts';
import { scopeOf } from './scope.ts';

const about = { id: Id, business_id: Id, at: Time };
const Reason = Type.String();
const Run = closed(
  { plan_id: Id, from: Count, to: Count },
  { title: 'MessageRun', description: 'messages by index, both ends included' },
);

export const EventBody = Type.Union(
  [
    closed({
      ...about,
      kind: word(['plan.state']),
      plans: Type.Array(Id),
      state: word(PLAN_STATES),
      accepted: Type.Optional(Type.Boolean({ description: 'whether the plans are new' })),
    }),
    closed({
      ...about,
      kind: word(['plan.missed']),
      plan_id: Id,
      reason: word(MISSED_REASONS, 'why it did not start'),
    }),
    closed({
      ...about,
      kind: word(['message.state']),
      state: word(MESSAGE_STATES),
      runs: Type.Array(Run),
      error: Type.Optional(Type.String()),
      repeat: Type.Optional(Type.Boolean()),
    }),
    closed({
      ...about,
      kind: word(['signature.review']),
      signature_id: Id,
      state: word(REVIEW_STATES),
      reason: Reason,
    }),
    closed({ ...about, kind: word(['template.review']), template_id: Id, state: word(REVIEW_STATES), reason: Reason }),
    closed({ ...about, kind: word(['signature.changed', 'signature.deleted']), signature_id: Id }),
    closed({ ...about, kind: word(['template.changed', 'template.deleted']), template_id: Id }),
    closed({
      ...about,
      kind: word(['business.changed']),
      change: word([
        'created',
        'suspended',
        'resumed',
        'password',
        'low-balance',
        'weight',
        'time-zone',
        'opt-words',
        'pay-on-delivery',
      ]),
    }),
    closed({
      ...about,
      kind: word(['credential.changed']),
      credential_id: Id,
      change: word(['created', 'edited', 'disabled', 'enabled', 'deleted']),
    }),
    closed({ ...about, kind: word(['balance.topped-up']), credits: Type.Integer(), available: Count }),
    closed({ ...about, kind: word(['balance.low']), available: Count, threshold: Count }),
    closed({ ...about, kind: word(['balance.corrected']), credits: Type.Integer(), available: Count, reason: Reason }),
    closed({ ...about, kind: word(['task.changed']), task: Type.String(), change: word(TASK_ACTIONS) }),
    closed({ ...about, kind: word(['queue.changed']), queue: Type.String(), change: word(['paused', 'resumed']) }),
    closed({
      ...about,
      kind: word(['channel.changed']),
      channel_id: Id,
      change: word(['created', 'edited', 'deleted']),
    }),
    closed({
      ...about,
      kind: word(['price.changed']),
      scope: word(['business', 'default'], "whose price table it is: the business's own, or the installation's"),
      change: word(['put', 'removed']),
      rows: Count,
    }),
    closed({
      ...about,
      kind: word(['channel-cost.changed']),
      channel_id: Id,
      change: word(['put', 'removed']),
      rows: Count,
    }),
    closed({ ...about, kind: word(['figures.rebuilt']), from: Time, to: Time }),
    closed({
      ...about,
      kind: word(['route.changed']),
      route_id: Id,
      change: word(['created', 'edited', 'moved', 'deleted']),
    }),
    closed({
      ...about,
      kind: word(['webhook.changed']),
      webhook_id: Id,
      change: word(['created', 'edited', 'disabled', 'enabled', 'deleted']),
    }),
    closed({ ...about, kind: word(['inbound.received']), inbound_id: Id, as: word(INBOUND_KINDS) }),
    closed({
      ...about,
      kind: word(['inbound-number.changed']),
      inbound_number_id: Id,
      change: word(['created', 'deleted']),
    }),
    closed({ ...about, kind: word(['keyword.changed']), keyword_id: Id, change: word(['created', 'deleted']) }),
    closed({
      ...about,
      kind: word(['list.changed']),
      list: word(RECIPIENT_LISTS),
      change: word(['added', 'removed']),
      count: Count,
      source: word(LIST_SOURCES),
      recipient: Type.Optional({ ...PhoneNumber, description: 'E.164, with +; where it is one' }),
      everybody: Type.Optional(Type.Boolean({ description: "whether it is the whole installation's list" })),
    }),
  ],
  { title: 'Event' },
);

const EVENT_KINDS = [
  'plan.state',
  'plan.missed',
  'message.state',
  'signature.review',
  'template.review',
  'signature.changed',
  'signature.deleted',
  'template.changed',
  'template.deleted',
  'business.changed',
  'credential.changed',
  'balance.topped-up',
  'balance.corrected',
  'balance.low',
  'channel.changed',
  'price.changed',
  'channel-cost.changed',
  'route.changed',
  'figures.rebuilt',
  'webhook.changed',
  'inbound.received',
  'inbound-number.changed',
  'keyword.changed',
  'list.changed',
  'task.changed',
  'queue.changed',
] as const;

type Event = QueryValue<'listEvents'>[number];

const Events = closed({ items: Type.Array(EventBody), next_cursor: NextCursor });

/** An event as lists and live views show it. */
export function eventView({ id, businessId, at, body }: Event): Static<typeof EventBody> {
  const common = { id, business_id: businessId, at: isoTime(at) };
  switch (body.kind) {
    case 'message.state': {
      const runs = body.runs.map(([planId, from, to]) => ({ plan_id: planId, from, to }));
      return { ...common, ...body, runs };
    }
    case 'plan.missed': {
      const { planId, ...rest } = body;
      return { ...common, ...rest, plan_id: planId };
    }
    case 'signature.review': {
      const { signatureId, ...rest } = body;
      return { ...common, ...rest, signature_id: signatureId };
    }
    case 'signature.changed':
    case 'signature.deleted': {
      const { signatureId, ...rest } = body;
      return { ...common, ...rest, signature_id: signatureId };
    }
    case 'template.review': {
      const { templateId, ...rest } = body;
      return { ...common, ...rest, template_id: templateId };
    }
    case 'template.changed':
    case 'template.deleted': {
      const { templateId, ...rest } = body;
      return { ...common, ...rest, template_id: templateId };
    }
    case 'credential.changed': {
      const { credentialId, ...rest } = body;
      return { ...common, ...rest, credential_id: credentialId };
    }
    case 'webhook.changed': {
      const { webhookId, ...rest } = body;
      return { ...common, ...rest, webhook_id: webhookId };
    }
    case 'figures.rebuilt':
      return { ...common, kind: body.kind, from: isoTime(body.from), to: isoTime(body.to) };
    case 'channel-cost.changed':
    case 'channel.changed': {
      const { channelId, ...rest } = body;
      return { ...common, ...rest, channel_id: channelId };
    }
    case 'route.changed': {
      const { routeId, ...rest } = body;
      return { ...common, ...rest, route_id: routeId };
    }
    case 'inbound.received': {
      const { inboundId, ...rest } = body;
      return { ...common, ...rest, inbound_id: inboundId };
    }
    case 'inbound-number.changed': {
      const { inboundNumberId, ...rest } = body;
      return { ...common, ...rest, inbound_number_id: inboundNumberId };
    }
    case 'keyword.changed': {
      const { keywordId, ...rest } = body;
      return { ...common, ...rest, keyword_id: keywordId };
    }
    case 'list.changed': {
      const { recipient, ...rest } = body;
      return { ...common, ...rest, ...(recipient !== undefined && { recipient: `+${recipient}` }) };
    }
    default:
      return { ...common, ...body };
  }
}

/** What happened, in order. */
export const eventEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /events',
    {
      tag: 'events',
      summary: 'What happened, oldest first; follow it by asking again after the last id',
      query: closed({
        ...pageQuery,
        ...businessQuery,
        after: Type.Optional(
          Type.String({
            pattern: '^(?:0|[1-9][0-9]{0,14}|[1-8][0-9]{15})$',
            description: 'the id of an event: only later ones',
          }),
        ),
        kind: Type.Optional(word(EVENT_KINDS)),
        state: Type.Optional(
          Type.String({
            pattern: '^[a-z_]{1,30}(?:,[a-z_]{1,30}){0,15}$',
            description: 'one or more states, separated by commas: only events that tell one of them',
          }),
        ),
      }),
      answer: Events,
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const after = placeOf(query, 1)?.[0] ?? Number(query.after ?? 0);
      const { events, next } = await desk.ask('searchEvents', {
        filter: {
          businessId: await scopeOf(desk, actor, query),
          kind: query.kind ?? null,
          states: query.state?.split(',') ?? null,
        },
        after,
        limit,
      });
      return { items: events.map(eventView), next_cursor: next === null ? null : cursorText(next) };
    },
  ),
];

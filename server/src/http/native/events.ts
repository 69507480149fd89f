import Type, { type Static } from 'typebox';
import { MESSAGE_STATES } from '../../domain/message.ts';
import { PLAN_STATES } from '../../domain/plan.ts';
import { REVIEW_STATES } from '../../domain/review.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, NextCursor, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { scopeOf } from './scope.ts';

const about = { id: Id, business_id: Id, at: Time };
const Reason = Type.String();
const Run = closed(
  { plan_id: Id, from: Count, to: Count },
  { title: 'MessageRun', description: 'messages by index, both ends included' },
);

const EventBody = Type.Union(
  [
    closed({ ...about, kind: word(['plan.state']), plans: Type.Array(Id), state: word(PLAN_STATES) }),
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
      change: word(['created', 'suspended', 'resumed', 'password']),
    }),
    closed({
      ...about,
      kind: word(['credential.changed']),
      credential_id: Id,
      change: word(['created', 'disabled', 'enabled', 'deleted']),
    }),
    closed({ ...about, kind: word(['balance.topped-up']), credits: Type.Integer(), available: Count }),
    closed({ ...about, kind: word(['balance.corrected']), credits: Type.Integer(), available: Count, reason: Reason }),
    closed({
      ...about,
      kind: word(['channel.changed']),
      channel_id: Id,
      change: word(['created', 'edited', 'deleted']),
    }),
  ],
  { title: 'Event' },
);

const EVENT_KINDS = [
  'plan.state',
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
  'channel.changed',
] as const;

type Event = QueryValue<'listEvents'>[number];

const Events = closed({ items: Type.Array(EventBody), next_cursor: NextCursor });

function view({ id, businessId, at, body }: Event): Static<typeof EventBody> {
  const common = { id, business_id: businessId, at: isoTime(at) };
  switch (body.kind) {
    case 'message.state': {
      const runs = body.runs.map(([planId, from, to]) => ({ plan_id: planId, from, to }));
      return { ...common, ...body, runs };
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
    case 'channel.changed': {
      const { channelId, ...rest } = body;
      return { ...common, ...rest, channel_id: channelId };
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
      const events = await desk.ask('listEvents', {
        filter: {
          businessId: await scopeOf(desk, actor, query),
          kind: query.kind ?? null,
          states: query.state?.split(',') ?? null,
        },
        after,
        limit: limit + 1,
      });
      return pageOf(events, limit, (last) => [last.id], view);
    },
  ),
];

import Type, { type Static } from 'typebox';
import { HOLDS, type Hold } from '../../domain/bind-hold.ts';
import { CATEGORIES } from '../../domain/category.ts';
import type { BindFacts, ChannelFacts, FlowFacts } from '../../domain/channel-facts.ts';
import { LIMIT_REASONS, LIMITING_CAUSES, type Limit } from '../../domain/limiting-cause.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, orNull, Time, word } from './fields.ts';

const Amount = Type.Number({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1, description: 'a share of the time, 0 to 1' });

const LimitBody = closed(
  {
    cause: word(LIMITING_CAUSES),
    reason: word(LIMIT_REASONS, 'what was seen'),
    figures: closed(
      {
        share: Type.Optional(Share),
        thread: Type.Optional(Type.String({ description: 'the busiest thread of this server' })),
        busy: Type.Optional(Share),
        window: Type.Optional(Count),
        configured: Type.Optional(Count),
        took: Type.Optional(Type.Number({ minimum: 0, description: 'ms to an answer' })),
        usual: Type.Optional(Type.Number({ minimum: 0, description: 'ms that is usual' })),
        speed: Type.Optional(Type.Number({ minimum: 0, description: 'parts a second' })),
        times: Type.Optional(Count),
        seconds: Type.Optional(Count),
        why: Type.Optional(Type.String({ description: 'why the link is down' })),
      },
      { description: 'the figures of the reason, for whoever says it in words of their own' },
    ),
    explanation: Type.String({ description: 'the same for people, in English' }),
    advice: Type.String({ description: 'what can be done about it; empty: nothing needs to be' }),
  },
  { title: 'ChannelLimit' },
);

const flowFields = {
  limit: LimitBody,
  per_second: Type.Number({ minimum: 0, description: 'parts a second that the carrier took, over the last seconds' }),
  per_second_in_minute: Type.Number({ minimum: 0, description: 'the same over the last minute' }),
  accepted: Type.Integer({ minimum: 0, description: 'parts the carrier took since the channel was started' }),
  refused: Count,
  throttled: Type.Integer({ minimum: 0, description: 'answers that asked for less speed' }),
  unanswered: Type.Integer({ minimum: 0, description: 'parts not answered in time, or lost with the link' }),
  in_flight: Type.Integer({ minimum: 0, description: 'requests without an answer now' }),
  in_flight_on_average: Type.Number({ minimum: 0, description: 'the same on average over the last seconds' }),
  window: closed({
    now: Type.Integer({ minimum: 0, description: 'how many may be without an answer now' }),
    configured: Count,
  }),
  response_ms: Type.Union([closed({ p50: Amount, p95: Amount, p99: Amount, max: Amount }), Type.Null()], {
    description: 'time to an answer over the last minute; null without answers',
  }),
  held: closed(Object.fromEntries(HOLDS.map((hold) => [hold, Share])) as Record<Hold, typeof Share>, {
    description: 'share of the last seconds that each limit held',
  }),
};

const BindBody = closed(
  {
    bind: Type.Integer({ minimum: 1, description: 'from 1' }),
    type: Type.String({ description: 'transceiver, transmitter or receiver; http for a pool of connections' }),
    link: word(['down', 'connecting', 'bound']),
    reason: Type.String({ description: 'why it is not up' }),
    since: Type.String({ format: 'date-time', description: 'since when its link is up, or is not' }),
    reconnects: Type.Integer({ minimum: 0, description: 'times it came up again' }),
    last_error: orNull(closed({ text: Type.String(), at: Time })),
    ...flowFields,
  },
  { title: 'BindFacts' },
);

const Waiting = closed({ queue: Count, channel: Count }, { title: 'Waiting' });

export const FactsBody = closed(
  {
    channel_id: Id,
    running: Type.Boolean({ description: 'whether the channel is enabled and started' }),
    span_ms: Type.Number({ minimum: 0, description: 'how long "the last seconds" are' }),
    ...flowFields,
    rate: Type.Union(
      [
        closed({
          per_second: Amount,
          learned: Type.Boolean({ description: "whether the carrier's answers led to it, and no setting" }),
        }),
        Type.Null(),
      ],
      { description: 'parts a second the channel is held to; null: no limit' },
    ),
    usual_response_ms: Type.Union([Amount, Type.Null()], {
      description: 'the lowest median of some seconds in the last day; null while it is not known',
    }),
    waiting: closed(Object.fromEntries(CATEGORIES.map((lane) => [lane, Waiting])) as Record<string, typeof Waiting>, {
      description: 'messages that wait: in the queue of the lane, and handed to the channel',
    }),
    statuses: Type.Array(closed({ status: Type.String(), count: Count }), {
      description: 'answers other than yes since the channel was started, the most frequent first',
    }),
    binds: Type.Array(BindBody),
  },
  { title: 'ChannelFacts' },
);

/** How channels do, for the administrator. */
export const channelFactsEndpoints = ({ desk, facts }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /channels/:id/facts',
    {
      tag: 'channels',
      admin: true,
      summary: 'How a channel does, and which limit holds it now',
      params: closed({ id: IdText }),
      answer: FactsBody,
    },
    async ({ params }) => {
      const id = Number(params.id);
      const channel = await desk.ask('findChannel', { id });
      must(channel !== null, { code: 'channelNotFound' });
      return factsView(id, facts.channelFacts(id));
    },
  ),
];

const OFF: Limit = {
  cause: 'link_down',
  reason: 'disabled',
  figures: {},
  explanation: 'The channel is disabled, or about to be started.',
  advice: 'Enable it to send over it.',
};

const none = <K extends string, T>(keys: readonly K[], value: T) =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, T>;

/** What there is to say of a channel that does not run. */
const NOTHING: ChannelFacts = {
  spanMs: 0,
  perSecond: 0,
  perSecondInMinute: 0,
  accepted: 0,
  refused: 0,
  throttled: 0,
  unanswered: 0,
  inFlight: 0,
  inFlightOnAverage: 0,
  window: { now: 0, configured: 0, most: 0 },
  responseMs: null,
  held: { ...none(HOLDS, 0), down: 1 },
  limit: OFF,
  binds: [],
  waiting: none(CATEGORIES, { queue: 0, channel: 0 }),
  rate: null,
  statuses: [],
  usualResponseMs: null,
};

/** How a channel does; null: it does not run. */
export const factsView = (id: number, running: ChannelFacts | null): Static<typeof FactsBody> => {
  const facts = running ?? NOTHING;
  return {
    channel_id: id,
    running: running !== null,
    span_ms: Math.round(facts.spanMs),
    ...flowView(facts),
    rate: facts.rate && { per_second: rounded(facts.rate.perSecond), learned: facts.rate.learned },
    usual_response_ms: facts.usualResponseMs && rounded(facts.usualResponseMs),
    waiting: facts.waiting,
    statuses: facts.statuses,
    binds: facts.binds.map(bindView),
  };
};

const bindView = (bind: BindFacts): Static<typeof BindBody> => ({
  bind: bind.bind,
  type: bind.type,
  link: bind.link,
  reason: bind.reason,
  since: isoTime(bind.since),
  reconnects: bind.reconnects,
  last_error: bind.lastError && { text: bind.lastError.text, at: isoTime(bind.lastError.at) },
  ...flowView(bind),
});

const flowView = (flow: FlowFacts) => ({
  limit: flow.limit,
  per_second: rounded(flow.perSecond),
  per_second_in_minute: rounded(flow.perSecondInMinute),
  accepted: flow.accepted,
  refused: flow.refused,
  throttled: flow.throttled,
  unanswered: flow.unanswered,
  in_flight: flow.inFlight,
  in_flight_on_average: rounded(flow.inFlightOnAverage),
  window: { now: flow.window.now, configured: flow.window.configured },
  response_ms: flow.responseMs && {
    p50: rounded(flow.responseMs.p50),
    p95: rounded(flow.responseMs.p95),
    p99: rounded(flow.responseMs.p99),
    max: rounded(flow.responseMs.max),
  },
  held: Object.fromEntries(HOLDS.map((hold) => [hold, shareOf(flow.held[hold])])) as Record<Hold, number>,
});

const rounded = (value: number): number => Number(value.toFixed(1));
const shareOf = (value: number): number => Math.min(1, Math.max(0, Number(value.toFixed(3))));

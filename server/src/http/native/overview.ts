import Type, { type Static } from 'typebox';
import { addSums, type FigureSums, NO_SUMS } from '../../domain/figure.ts';
import type { MemberPermission } from '../../domain/role.ts';
import { addDays, localTime, QUARTER_MS, startOfDay } from '../../lib/calendar.ts';
import { isoTime } from '../../lib/clock.ts';
import type { QueryValue } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { Balance } from './account.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, orNull, Time, word } from './fields.ts';
import { businessOf, scopeOf } from './scope.ts';

/** What can want somebody to look, and what a member needs to be told. */
const KINDS = {
  'not-ready': 'tasks:read',
  'ledger-fault': 'ledger:manage',
  'no-channel': 'channels:read',
  'channel-down': 'channels:read',
  'tasks-failed': 'tasks:read',
  reviews: 'reviews:decide',
  'in-review': 'signatures:read',
  rejected: 'signatures:read',
  'balance-low': 'ledger:read',
  'webhook-late': 'webhooks:read',
  'plans-paused': 'messages:read',
  drafts: 'messages:send',
} as const satisfies Record<string, MemberPermission>;
type Kind = keyof typeof KINDS;

const Day = closed(
  {
    sent: Type.Integer({ minimum: 0, description: 'messages that a carrier accepted' }),
    delivered: Count,
    failed: Type.Integer({ minimum: 0, description: 'messages that did not arrive, or were never sent' }),
    segments: Count,
    credits: Type.Integer({ description: 'credits charged, less those refunded' }),
    delivery_rate: {
      ...orNull(Type.Number({ minimum: 0, maximum: 1 })),
      description: 'delivered, of those whose end is known; null while there is none',
    },
  },
  { title: 'OverviewDay' },
);

const AttentionBody = closed(
  {
    kind: word(Object.keys(KINDS) as Kind[]),
    count: Type.Integer({ minimum: 1, description: 'how many there are; 100 stands for 100 or more' }),
    id: { ...orNull(Id), description: 'of the channel, business or webhook' },
    name: Type.String({ description: 'of the same; empty: it is about no single one' }),
    amount: {
      ...orNull(Count),
      description: 'the credits a business has left, or the deliveries of a webhook that wait; null: of anything else',
    },
    detail: Type.String({ description: 'what is known of it, for people' }),
    since: orNull(Time),
  },
  { title: 'Attention' },
);
type Attention = Static<typeof AttentionBody>;

const StepsBody = closed(
  {
    signature: Type.Boolean({ description: 'whether there is a signature' }),
    template: Type.Boolean({ description: 'whether there is a template' }),
    approved: Type.Boolean({ description: 'whether a template is approved' }),
    credits: Type.Boolean({ description: 'whether there have been credits' }),
    sent: Type.Boolean({ description: 'whether anything was sent' }),
  },
  { title: 'FirstSteps' },
);

const Overview = closed(
  {
    business_id: { ...orNull(Id), description: 'whose it is; null: of all' },
    zone: Type.String({ description: 'the time zone its days are in' }),
    today: Day,
    yesterday: Day,
    counted_until: orNull(Type.String({ format: 'date-time', description: 'what happened later is not counted yet' })),
    balance: orNull(Balance),
    attention: Type.Array(AttentionBody, { description: 'what somebody should look at, the most urgent first' }),
    steps: { ...orNull(StepsBody), description: 'what a business that begins has done already; null: of all' },
  },
  { title: 'Overview' },
);

/** How things stand, on one page. */
export const overviewEndpoints = (deps: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /overview',
    {
      tag: 'figures',
      summary: "Today's figures, and what wants somebody to look",
      query: closed(businessQuery),
      answer: Overview,
    },
    async ({ actor, query }) => {
      const { desk, clock } = deps;
      const businessId = await scopeOf(desk, actor, query);
      const { timeZone: zone } = await businessOf(desk, actor, String(businessId ?? actor.businessId));
      const now = clock.now();
      const { day } = localTime(zone, now);
      const today = startOfDay(zone, day);
      const borders = [startOfDay(zone, addDays(day, -1)), today, (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS];
      const periods = await desk.ask('figureSums', { businessId, borders, by: [] });
      const { until } = await desk.ask('countedUntil', {});
      const found = await desk.ask('attention', { businessId, now });
      const may = ({ kind }: Attention) => actor.session?.permissions.includes(KINDS[kind]) ?? true;
      const all = [
        ...(actor.admin && query.business_id === undefined ? await houseAttention(deps) : []),
        ...ownAttention(found, businessId),
      ];
      const shown = all.filter((each) => each.count > 0 && may(each));
      const seesMoney = actor.session?.permissions.includes('ledger:read') ?? true;
      return {
        business_id: businessId,
        zone,
        today: dayOf(periods, 1),
        yesterday: dayOf(periods, 0),
        counted_until: until === null ? null : isoTime(until),
        balance: businessId === null || !seesMoney ? null : await desk.ask('balanceOf', { businessId }),
        attention: shown,
        steps: found.steps,
      };
    },
  ),
];

type Found = QueryValue<'attention'>;

/** What is wrong with the house itself. */
async function houseAttention({ desk, facts }: HttpDeps): Promise<Attention[]> {
  const ready = await facts.ready();
  const links = facts.channelStates();
  const { channels } = await desk.ask('listChannels', {});
  const down = channels.filter(({ id, enabled }) => enabled && links.get(id)?.link !== 'bound');
  return [
    about('not-ready', ready.ready ? 0 : 1, { detail: ready.reason }),
    about('no-channel', channels.some(({ enabled }) => enabled) ? 0 : 1, {
      detail: facts.simulating() ? 'the built-in simulator stands in: nothing reaches a phone' : '',
    }),
    ...down.map(({ id, name }) => about('channel-down', 1, { id, name, detail: links.get(id)?.reason ?? '' })),
  ];
}

function ownAttention(found: Found, businessId: number | null): Attention[] {
  const { reviews, lowBalances, lateWebhooks, drafts, pausedPlans, failedTasks, ledgerFault } = found;
  const { newest } = failedTasks;
  return [
    about('ledger-fault', ledgerFault === null ? 0 : 1, {
      detail: ledgerFault?.what ?? '',
      since: ledgerFault === null ? null : isoTime(ledgerFault.at),
    }),
    about('tasks-failed', failedTasks.count, {
      name: newest?.name ?? '',
      detail: newest?.error ?? '',
      since: newest === null ? null : isoTime(newest.at),
    }),
    ...lowBalances.map(({ id, name, available, lowBalance }) =>
      about('balance-low', 1, {
        id,
        name,
        amount: available,
        detail: lowBalance === null ? `${available} credits` : `${available} credits, less than ${lowBalance}`,
      }),
    ),
    about(businessId === null ? 'reviews' : 'in-review', reviews.pending),
    about('rejected', reviews.rejected),
    ...lateWebhooks.map(({ id, url, waiting, since }) =>
      about('webhook-late', 1, {
        id,
        name: url,
        amount: waiting,
        detail: `${waiting} deliveries wait`,
        since: isoTime(since),
      }),
    ),
    about('plans-paused', pausedPlans),
    about('drafts', drafts),
  ];
}

const about = (kind: Kind, count: number, more: Partial<Attention> = {}): Attention => ({
  kind,
  count,
  id: null,
  name: '',
  amount: null,
  detail: '',
  since: null,
  ...more,
});

function dayOf(periods: QueryValue<'figureSums'>, period: number): Static<typeof Day> {
  const total: FigureSums = { ...NO_SUMS };
  for (const sum of periods.find((each) => each.period === period)?.sums ?? []) addSums(total, sum);
  const { sent, delivered, failed, segments, settled, refunded } = total;
  const ended = delivered + failed;
  return {
    sent,
    delivered,
    failed,
    segments,
    credits: settled - refunded,
    delivery_rate: ended === 0 ? null : delivered / ended,
  };
}

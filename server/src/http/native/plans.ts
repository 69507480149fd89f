import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import type { Actor } from '../../domain/credential.ts';
import { MESSAGE_STATES } from '../../domain/message.ts';
import { DIALECTS, PLAN_STATES, type PlanState } from '../../domain/plan.ts';
import { must } from '../../domain/refusals.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { isoTime } from '../../lib/clock.ts';
import { localTime } from '../../lib/local-time.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { csvEndpoint, type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { MessageBody, messageView } from './messages.ts';
import { scopeOf, sight } from './scope.ts';

/** A plan that is still being written is nobody's business yet. */
const VISIBLE_STATES = PLAN_STATES.filter((state): state is Exclude<PlanState, 'staged'> => state !== 'staged');

const State = word(VISIBLE_STATES);

export const planFields = {
  plan_id: Id,
  uuid: orNull(Type.String({ description: 'its name in the tsms dialect' })),
  business_id: Id,
  dialect: word(DIALECTS),
  name: Type.String(),
  category: word(CATEGORIES),
  state: State,
  total: Type.Integer({ minimum: 0, description: 'recipients asked for, invalid and repeated ones included' }),
  accepted: Type.Integer({ minimum: 0, description: 'those that are valid, each once: messages to be sent' }),
  invalid: Type.Integer({ minimum: 0, description: 'recipients that cannot be mobile numbers' }),
  stopped: Type.Integer({
    minimum: 0,
    description: 'recipients that have opted out or are blacklisted: their messages failed, and cost nothing',
  }),
  left: Type.Integer({ minimum: 0, description: 'messages no carrier has answered yet and that are not final' }),
  template_id: orNull(Type.Integer({ minimum: 1, description: "null: a test, whose text is nobody's template" })),
  test_channel_id: orNull(
    Type.Integer({ minimum: 1, description: 'the channel it tests, past all routes; null: it is no test' }),
  ),
  signature_id: orNull(Id),
  custom_args: orNull(
    Type.Object({}, { additionalProperties: true, description: 'what the sender wants to hear again in callbacks' }),
  ),
  created_at: Time,
  start_at: orNull(Type.String({ format: 'date-time', description: 'when it is to start; null: at once' })),
  started_at: orNull(Type.String({ format: 'date-time', description: 'when a plan with a start time started' })),
  expires_at: Type.String({ format: 'date-time', description: 'from then on, what still waits is not sent any more' }),
  done_at: orNull(Type.String({ format: 'date-time', description: 'when nothing of it was left' })),
};
export const PlanBody = closed(planFields, { title: 'Plan' });
const PlanProgress = closed(
  {
    ...planFields,
    start_at_local: orNull(
      Type.String({ format: 'date-time', description: "start_at in the business's time zone, to the second" }),
    ),
    counts: Type.Partial(closed(Object.fromEntries(MESSAGE_STATES.map((state) => [state, Count]))), {
      additionalProperties: false,
      description: 'messages by state; states without messages are left out',
    }),
  },
  { title: 'PlanProgress' },
);

const params = closed({ id: IdText });

type Plan = QueryValue<'listPlans'>[number];

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

/** A plan as lists show it. */
export const planView = (plan: Plan): Static<typeof PlanBody> => ({
  plan_id: plan.id,
  uuid: plan.uuid,
  business_id: plan.businessId,
  dialect: plan.dialect,
  name: plan.name,
  category: plan.category,
  state: plan.state as Exclude<PlanState, 'staged'>,
  total: plan.total,
  accepted: plan.accepted,
  invalid: plan.invalid,
  stopped: plan.stopped,
  left: plan.left,
  template_id: plan.templateId,
  test_channel_id: plan.testChannelId,
  signature_id: plan.signatureId,
  custom_args: plan.customArgs === null ? null : (JSON.parse(plan.customArgs) as object),
  created_at: isoTime(plan.createdAt),
  start_at: timeOrNull(plan.startAt),
  started_at: timeOrNull(plan.startedAt),
  expires_at: isoTime(plan.expiresAt),
  done_at: timeOrNull(plan.doneAt),
});

async function localStart(desk: Desk, { startAt, businessId }: Plan): Promise<string | null> {
  if (startAt === null) return null;
  const business = await desk.ask('findBusiness', { businessId });
  return business === null ? null : localTime(startAt, business.timeZone);
}

const VERBS = {
  pause: { verb: 'pausePlan', summary: 'Send nothing more of a plan for the time being' },
  resume: { verb: 'resumePlan', summary: 'Let a paused plan go on, or wait for its time again' },
  cancel: { verb: 'cancelPlan', summary: 'End a plan: what was not sent is not, and its credits are released' },
} as const;

const verbEndpoint = (desk: Desk, name: keyof typeof VERBS): Endpoint =>
  endpoint(
    `POST /plans/:id/${name}`,
    {
      tag: 'plans',
      summary: VERBS[name].summary,
      permission: 'send',
      needs: 'plans:control',
      params,
      answer: PlanBody,
    },
    async ({ actor, params }) => planView(await desk.do(VERBS[name].verb, { actor, planId: Number(params.id) })),
  );

/** One plan. @throws Refused (planNotFound) when it is not one the caller sees */
export async function findPlanView(desk: Desk, actor: Actor, id: number): Promise<Static<typeof PlanBody>> {
  const plan = await desk.ask('planAlone', { businessId: sight(actor), id });
  must(plan !== null, { code: 'planNotFound' });
  return planView(plan);
}

/** Requests to send, how far they are, and what their owner may do to them. */
export const planEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /plans',
    {
      tag: 'plans',
      summary: 'Plans, newest first',
      query: closed({ ...pageQuery, ...businessQuery, state: Type.Optional(State) }),
      answer: listOf(PlanBody),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const plans = await desk.ask('listPlans', {
        businessId: await scopeOf(desk, actor, query),
        state: query.state ?? null,
        before: placeOf(query, 1)?.[0] ?? null,
        limit: limit + 1,
      });
      return pageOf(plans, limit, (last) => [last.id], planView);
    },
  ),
  endpoint(
    'GET /plans/:id',
    {
      tag: 'plans',
      summary: 'One plan, with how many of its messages are in each state',
      params,
      answer: PlanProgress,
    },
    async ({ actor, params }) => {
      const found = await desk.ask('findPlan', { businessId: sight(actor), id: Number(params.id) });
      must(found !== null, { code: 'planNotFound' });
      const { plan, counts } = found;
      return { ...planView(plan), start_at_local: await localStart(desk, plan), counts };
    },
  ),
  endpoint(
    'GET /plans/:id/messages',
    {
      tag: 'plans',
      summary: "A plan's messages, in the order of the request",
      params,
      query: closed(pageQuery),
      answer: listOf(MessageBody),
    },
    async ({ actor, params, query }) => {
      const planId = Number(params.id);
      must((await desk.ask('planAlone', { businessId: sight(actor), id: planId })) !== null, { code: 'planNotFound' });
      const limit = limitOf(query);
      // An index may be 0, so the cursor holds the next one.
      const after = (placeOf(query, 1)?.[0] ?? 0) - 1;
      const messages = await desk.ask('messagesOfPlan', { planId, after, limit: limit + 1 });
      return pageOf(messages, limit, (last) => [last.index + 1], messageView);
    },
  ),
  csvEndpoint(
    'GET /plans/:id/messages.csv',
    { tag: 'plans', summary: "What became of a plan's messages, in the order of the request", params },
    async ({ actor, params }) => {
      const planId = Number(params.id);
      must((await desk.ask('planAlone', { businessId: sight(actor), id: planId })) !== null, { code: 'planNotFound' });
      return Readable.from(resultsCsv(desk, planId), { objectMode: false });
    },
  ),
  verbEndpoint(desk, 'pause'),
  verbEndpoint(desk, 'resume'),
  verbEndpoint(desk, 'cancel'),
];

const RESULTS_A_TIME = 1_000;

async function* resultsCsv(desk: Desk, planId: number): AsyncGenerator<string> {
  const names = ['message_id', 'to', 'state', 'segments', 'credits', 'attempts', 'error', 'submitted_at', 'final_at'];
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(names)}`;
  for (let after = -1; ; ) {
    const messages = await desk.ask('messagesOfPlan', { planId, after, limit: RESULTS_A_TIME });
    yield messages.map(resultLine).join('');
    if (messages.length < RESULTS_A_TIME) return;
    after = messages.at(-1)!.index;
  }
}

function resultLine(message: QueryValue<'messagesOfPlan'>[number]): string {
  const view = messageView(message);
  const credits = view.settled - view.refunded;
  const { message_id, to, state, segments, attempts, error, submitted_at, final_at } = view;
  return csvLine([message_id, to, state, segments, credits, attempts, error, submitted_at, final_at]);
}

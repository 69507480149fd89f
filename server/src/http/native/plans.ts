import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import { MESSAGE_STATES } from '../../domain/message.ts';
import { DIALECTS, PLAN_STATES, type PlanState } from '../../domain/plan.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { MessageBody, messageView } from './messages.ts';
import { scopeOf, sight } from './scope.ts';

/** A plan that is still being written is nobody's business yet. */
const VISIBLE_STATES = PLAN_STATES.filter((state): state is Exclude<PlanState, 'staged'> => state !== 'staged');

const State = word(VISIBLE_STATES);

const planFields = {
  plan_id: Id,
  uuid: orNull(Type.String({ description: 'its name in the tsms dialect' })),
  business_id: Id,
  dialect: word(DIALECTS),
  name: Type.String(),
  category: word(CATEGORIES),
  state: State,
  total: Type.Integer({ minimum: 0, description: 'recipients asked for' }),
  accepted: Type.Integer({ minimum: 0, description: 'messages born, invalid recipients not counted' }),
  left: Type.Integer({ minimum: 0, description: 'messages no carrier has answered yet and that are not final' }),
  template_id: Id,
  signature_id: orNull(Id),
  created_at: Time,
  done_at: orNull(Time),
};
const PlanBody = closed(planFields, { title: 'Plan' });
const PlanProgress = closed(
  {
    ...planFields,
    counts: Type.Partial(closed(Object.fromEntries(MESSAGE_STATES.map((state) => [state, Count]))), {
      additionalProperties: false,
      description: 'messages by state; states without messages are left out',
    }),
  },
  { title: 'PlanProgress' },
);

const params = closed({ id: IdText });

type Plan = QueryValue<'listPlans'>[number];

const view = (plan: Plan): Static<typeof PlanBody> => ({
  plan_id: plan.id,
  uuid: plan.uuid,
  business_id: plan.businessId,
  dialect: plan.dialect,
  name: plan.name,
  category: plan.category,
  state: plan.state as Exclude<PlanState, 'staged'>,
  total: plan.total,
  accepted: plan.accepted,
  left: plan.left,
  template_id: plan.templateId,
  signature_id: plan.signatureId,
  created_at: isoTime(plan.createdAt),
  done_at: plan.doneAt === null ? null : isoTime(plan.doneAt),
});

/** Requests to send and how far they are. */
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
      return pageOf(plans, limit, (last) => [last.id], view);
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
      return { ...view(found.plan), counts: found.counts };
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
      must((await desk.ask('findPlan', { businessId: sight(actor), id: planId })) !== null, { code: 'planNotFound' });
      const limit = limitOf(query);
      // An index may be 0, so the cursor holds the next one.
      const after = (placeOf(query, 1)?.[0] ?? 0) - 1;
      const messages = await desk.ask('messagesOfPlan', { planId, after, limit: limit + 1 });
      return pageOf(messages, limit, (last) => [last.index + 1], messageView);
    },
  ),
];

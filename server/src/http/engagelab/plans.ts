import type { Plan, PlanState } from '../../domain/plan.ts';
import { must } from '../../domain/refusals.ts';
import { pageOf, placeOf } from '../cursor.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { showMessage } from './messages.ts';
import { type Call, type Route, SUCCESS } from './route.ts';
import { readPathId } from './shape.ts';
import { isShown, SHOWN_STATES, seconds } from './words.ts';

const URL = '/v1/plans';
const PAGE_SIZE = 100;

/** What a business may do to a plan, by the path's last word. */
const VERBS = { pause: 'pausePlan', resume: 'resumePlan', cancel: 'cancelPlan' } as const;

/** /v1/plans: requests to send, and how far they are. */
export function planRoutes({ desk }: HttpDeps): Route[] {
  const found = async ({ actor, id }: Call) => {
    const progress = await desk.ask('findPlan', { businessId: actor.businessId, id: readPlanId(id) });
    must(progress !== null && isShown(progress.plan), { code: 'planNotFound' });
    return progress;
  };
  return [
    {
      method: 'GET',
      url: URL,
      permission: 'read',
      family: 'sending',
      async handle({ actor, query }) {
        const plans = await desk.ask('listPlans', {
          businessId: actor.businessId,
          state: readState(query.state),
          before: placeOf(readCursor(query), 1)?.[0] ?? null,
          limit: PAGE_SIZE + 1,
        });
        return pageOf(plans, PAGE_SIZE, (last) => [last.id], show);
      },
    },
    {
      method: 'GET',
      url: `${URL}/:id`,
      permission: 'read',
      family: 'sending',
      async handle(call) {
        const { plan, counts } = await found(call);
        return { ...show(plan), counts };
      },
    },
    {
      method: 'GET',
      url: `${URL}/:id/messages`,
      permission: 'read',
      family: 'sending',
      async handle(call) {
        const { plan } = await found(call);
        // An index may be 0, so the cursor holds the next one.
        const after = (placeOf(readCursor(call.query), 1)?.[0] ?? 0) - 1;
        const messages = await desk.ask('messagesOfPlan', { planId: plan.id, after, limit: PAGE_SIZE + 1 });
        return pageOf(messages, PAGE_SIZE, (last) => [last.index + 1], showMessage);
      },
    },
    ...Object.entries(VERBS).map(
      ([word, verb]): Route => ({
        method: 'POST',
        url: `${URL}/:id/${word}`,
        permission: 'send',
        family: 'sending',
        async handle(call) {
          const { plan } = await found(call);
          // Root is an account like any other here.
          await desk.do(verb, { actor: { businessId: plan.businessId, admin: false }, planId: plan.id });
          return SUCCESS;
        },
      }),
    ),
  ];
}

const readPlanId = (text: string): number => readPathId(text, 'invalid planId');

function readState(value: Call['query'][string]): PlanState | null {
  if (value === undefined || value === '') return null;
  const state = SHOWN_STATES.find((each) => each === value);
  ensure(state !== undefined, `state must be one of ${SHOWN_STATES.join(', ')}`);
  return state;
}

/** An empty cursor begins at the beginning, as an absent one. */
function readCursor({ cursor }: Call['query']): { cursor?: string } {
  ensure(cursor === undefined || typeof cursor === 'string', 'cursor: the next_cursor of an earlier page, unchanged');
  return cursor === undefined || cursor === '' ? {} : { cursor };
}

function show(plan: Plan) {
  return {
    plan_id: String(plan.id),
    plan_name: plan.name,
    state: plan.state,
    total_count: plan.total,
    accepted_count: plan.accepted,
    schedule_time: plan.startAt === null ? null : seconds(plan.startAt),
  };
}

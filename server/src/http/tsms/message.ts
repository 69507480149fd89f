import { must } from '../../domain/refusals.ts';
import type { AcceptPlan } from '../../services/plan-request.ts';
import { send } from '../../services/sending.ts';
import type { MessageRow } from '../../store/store.ts';
import type { HttpDeps } from '../deps.ts';
import { readIdempotency } from '../idempotency.ts';
import { ensure } from './errors.ts';
import { DEFAULT_PAGE_SIZE, readPageNumber } from './page.ts';
import type { Call, Route } from './route.ts';
import { readSendRequest } from './send-request.ts';
import { readObject } from './shape.ts';
import { seconds } from './words.ts';

const URL = '/v1/message';
/** Name of a plan in lists of the other dialects; tsms has no word for it. */
const PLAN_NAME = '-';

/** POST /v1/message: sends one text to many numbers. */
export function sendRoutes({ desk, limits, admitSending }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: URL,
      permission: 'send',
      async handle(call) {
        const { actor } = call;
        const object = readObject(call.body);
        const idempotency = idempotencyOf(call);
        const { signatureId, templateId, recipients, parameters } = readSendRequest(
          object,
          actor.defaultCountry,
          limits.maxRecipients,
        );
        admitSending();
        const { uuid } = await send(desk, {
          request: {
            businessId: actor.businessId,
            dialect: 'tsms',
            name: PLAN_NAME,
            signatureId,
            templateId,
            unsetVariables: 'refuse',
            startAt: null,
            customArgs: null,
          },
          total: recipients.length,
          recipients,
          invalid: [],
          parameters,
          idempotency,
        });
        return { uuid };
      },
    },
  ];
}

/** GET /v1/message?uuid=: how a send stands. */
export function progressRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'GET',
      url: URL,
      permission: 'read',
      async handle({ actor, query }) {
        const page = readPageNumber(query);
        const { uuid } = query;
        ensure(typeof uuid === 'string', 'ER:0004');
        // RFC 9562 §4: written in lower case, read in any.
        const found = await desk.ask('findPlanByUuid', { businessId: actor.businessId, uuid: uuid.toLowerCase() });
        must(found !== null, { code: 'planNotFound' });
        const { plan, counts } = found;
        const items = await desk.ask('messagesOfPlan', {
          planId: plan.id,
          after: (page - 1) * DEFAULT_PAGE_SIZE - 1,
          limit: DEFAULT_PAGE_SIZE,
        });
        return {
          uuid: plan.uuid,
          state: plan.state,
          total: plan.total,
          counts,
          items: items.map(show),
          page,
          page_size: DEFAULT_PAGE_SIZE,
        };
      },
    },
  ];
}

function idempotencyOf({ headers, body }: Call): AcceptPlan['idempotency'] {
  const idempotency = readIdempotency(`POST ${URL}`, headers, body as Buffer);
  ensure(idempotency !== undefined, 'ER:0004');
  return idempotency;
}

function show(message: MessageRow) {
  const { acceptedAt, dispatchedAt, submittedAt, finalAt } = message;
  return {
    mobile: `+${message.recipient}`,
    state: message.state,
    segments: message.segments,
    updated_at: seconds(Math.max(acceptedAt, dispatchedAt ?? 0, submittedAt ?? 0, finalAt ?? 0)),
  };
}

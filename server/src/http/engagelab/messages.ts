import { messageId, parseMessageId } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { type Step, timelineOf } from '../../services/message.ts';
import { send } from '../../services/sending.ts';
import type { MessageRow } from '../../store/store.ts';
import type { HttpDeps } from '../deps.ts';
import { readIdempotency } from '../idempotency.ts';
import { ensure } from './errors.ts';
import type { Route } from './route.ts';
import { readSendRequest } from './send-request.ts';
import { readObject } from './shape.ts';
import { isShown, seconds } from './words.ts';

const URL = '/v1/messages';

/** POST /v1/messages: sends a template to many numbers, now or later. */
export function sendRoutes({ desk, limits, admitSending }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: URL,
      permission: 'send',
      family: 'sending',
      async handle({ actor, headers, body }) {
        const object = readObject(body);
        const idempotency = readIdempotency(`POST ${URL}`, headers, body as Buffer);
        ensure(idempotency !== undefined, 'Idempotency-Key must be 1 to 128 printable ASCII characters');
        const { templateId, name, startAt, customArgs, ...addressees } = readSendRequest(object, limits.maxRecipients);
        admitSending();
        const { planId, total, accepted } = await send(desk, {
          request: {
            businessId: actor.businessId,
            dialect: 'engagelab',
            name,
            templateId,
            unsetVariables: 'literal',
            startAt,
            customArgs,
          },
          ...addressees,
          idempotency,
        });
        const answer = { plan_id: String(planId), total_count: total, accepted_count: accepted };
        if (startAt !== null) return { ...answer, schedule_info: { task_id: planId } };
        return total === 1 ? { ...answer, message_id: messageId(planId, 0) } : answer;
      },
    },
  ];
}

/** GET /v1/messages/:id: what became of one message. */
export function messageRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'GET',
      url: `${URL}/:id`,
      permission: 'read',
      family: 'sending',
      async handle({ actor, id }) {
        ensure(/^[0-9]+$/.test(id), 'invalid messageId');
        const place = parseMessageId(id);
        const { businessId } = actor;
        const history = place === null ? null : await desk.ask('findMessage', { businessId, ...place });
        must(history !== null && isShown(history.plan), { code: 'messageNotFound' });
        return { ...showMessage(history.message), timeline: timelineOf(history).map(showStep) };
      },
    },
  ];
}

/** A message as lists show it. */
export function showMessage(message: MessageRow) {
  return {
    message_id: messageId(message.planId, message.index),
    plan_id: String(message.planId),
    // What could be no number was kept as it was written.
    to: message.state === 'invalid' ? message.error : `+${message.recipient}`,
    state: message.state,
    segments: message.segments,
    cost: message.reserved - message.released - message.refunded,
  };
}

const showStep = ({ state, at }: Step) => ({ state, at: seconds(at) });

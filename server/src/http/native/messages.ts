import Type, { type Static } from 'typebox';
import { isSimulated } from '../../domain/channel.ts';
import { MESSAGE_STATES, messageId, parseMessageId } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { entryView, LedgerEntry } from './account.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, Count, Credits, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { scopeOf, sight } from './scope.ts';

const State = word(MESSAGE_STATES);

const messageFields = {
  message_id: Type.String({ description: 'digits' }),
  plan_id: Id,
  business_id: Id,
  to: Type.String({ description: 'E.164, with +' }),
  state: State,
  segments: Count,
  reserved: Credits,
  settled: Credits,
  released: Credits,
  attempts: Count,
  repeats: Type.Integer({ minimum: 0, description: 'times it was sent again after an unknown outcome' }),
  simulated: Type.Boolean({ description: 'whether it only went to the built-in simulator, never to a phone' }),
  channel_id: orNull(Id),
  error: Type.String({ description: 'what the carrier said when it said no' }),
  accepted_at: Time,
  submitted_at: orNull(Time),
  final_at: orNull(Time),
};
export const MessageBody = closed(messageFields, { title: 'Message' });

const Step = closed(
  {
    state: State,
    at: Time,
    attempt: Type.Optional(Type.Integer({ minimum: 1 })),
    repeat: Type.Optional(Type.Boolean({ description: 'whether this attempt repeats one whose outcome is unknown' })),
  },
  { title: 'Step' },
);
const MessageHistory = closed(
  {
    ...messageFields,
    timeline: Type.Array(Step, { description: 'what happened to it, in order' }),
    ledger: Type.Array(LedgerEntry, { description: 'the ledger entries of its plan' }),
  },
  { title: 'MessageHistory' },
);

type Message = QueryValue<'listMessages'>[number];
type History = NonNullable<QueryValue<'findMessage'>>;

/** A message as lists show it. */
export const messageView = (message: Message): Static<typeof MessageBody> => ({
  message_id: messageId(message.planId, message.index),
  plan_id: message.planId,
  business_id: message.businessId,
  to: `+${message.recipient}`,
  state: message.state,
  segments: message.segments,
  reserved: message.reserved,
  settled: message.settled,
  released: message.released,
  attempts: message.attempts,
  repeats: message.repeats,
  simulated: isSimulated(message.channelId),
  // The simulator is no channel anyone could look up.
  channel_id: isSimulated(message.channelId) ? null : message.channelId,
  error: message.error,
  accepted_at: isoTime(message.acceptedAt),
  submitted_at: message.submittedAt === null ? null : isoTime(message.submittedAt),
  final_at: message.finalAt === null ? null : isoTime(message.finalAt),
});

/** What happened to a message, in order of time. Only the first attempt stands in the message itself. */
function timelineOf({ message, attempts }: History): Static<typeof Step>[] {
  const steps: { at: number; step: Omit<Static<typeof Step>, 'at'> }[] = [];
  steps.push({ at: message.acceptedAt, step: { state: 'accepted' } });
  // Claimed and given back unsent leaves the time behind, and no attempt.
  if (message.dispatchedAt !== null && message.attempts > 0) {
    steps.push({ at: message.dispatchedAt, step: { state: 'dispatching', attempt: 1 } });
  }
  for (const { number, openedAt, repeat } of attempts) {
    steps.push({ at: openedAt, step: { state: 'dispatching', attempt: number, ...(repeat ? { repeat } : {}) } });
  }
  if (message.submittedAt !== null) steps.push({ at: message.submittedAt, step: { state: 'submitted' } });
  if (message.finalAt !== null) steps.push({ at: message.finalAt, step: { state: message.state } });
  // Stable: what happened in the same millisecond stays in the order above.
  return steps.sort((a, b) => a.at - b.at).map(({ at, step }) => ({ ...step, at: isoTime(at) }));
}

/** One text to one recipient each, and what became of it. */
export const messageEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /messages',
    {
      tag: 'messages',
      summary: 'Messages, newest first',
      query: closed({
        ...pageQuery,
        ...businessQuery,
        plan_id: Type.Optional(IdText),
        state: Type.Optional(State),
        // In a query + means a space, and people forget to write %2B.
        to: Type.Optional(
          Type.String({ pattern: '^[+ ]?[1-9][0-9]{4,14}$', description: 'a number in E.164, with or without +' }),
        ),
      }),
      answer: listOf(MessageBody),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const place = placeOf(query, 2);
      const messages = await desk.ask('listMessages', {
        businessId: await scopeOf(desk, actor, query),
        planId: query.plan_id === undefined ? null : Number(query.plan_id),
        state: query.state ?? null,
        recipient: query.to === undefined ? null : Number(query.to.replace(/^[+ ]/, '')),
        before: place === null ? null : { planId: place[0]!, index: place[1]! },
        limit: limit + 1,
      });
      return pageOf(messages, limit, (last) => [last.planId, last.index], messageView);
    },
  ),
  endpoint(
    'GET /messages/:id',
    {
      tag: 'messages',
      summary: 'One message, with its timeline and the ledger entries of its plan',
      params: closed({ id: Type.String({ pattern: '^[0-9]{1,30}$', description: 'a message id: digits' }) }),
      answer: MessageHistory,
    },
    async ({ actor, params }) => {
      const place = parseMessageId(params.id);
      const history = place === null ? null : await desk.ask('findMessage', { businessId: sight(actor), ...place });
      must(history !== null, { code: 'messageNotFound' });
      return { ...messageView(history.message), timeline: timelineOf(history), ledger: history.ledger.map(entryView) };
    },
  ),
];

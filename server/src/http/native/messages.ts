import Type, { type Static } from 'typebox';
import { isSimulated } from '../../domain/channel.ts';
import { MESSAGE_STATES, messageId, parseMessageId } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Step, timelineOf } from '../../services/message.ts';
import { entryView, LedgerEntry } from './account.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import {
  businessQuery,
  Count,
  Credits,
  closed,
  Id,
  IdText,
  listOf,
  orNull,
  PhoneNumber,
  pageQuery,
  Time,
  word,
} from './fields.ts';
import { cursorText, limitOf, placeOf } from './list.ts';
import { Moment, momentOf } from './moment.ts';
import { ReportBody, reportView } from './reports.ts';
import { scopeOf, sight } from './scope.ts';

const State = word(MESSAGE_STATES);

const messageFields = {
  message_id: Type.String({ description: 'digits' }),
  plan_id: Id,
  business_id: Id,
  to: { ...PhoneNumber, description: 'E.164, with +; an invalid recipient as it was written' },
  state: State,
  segments: Count,
  reserved: Credits,
  settled: Credits,
  released: Credits,
  refunded: Credits,
  attempts: Count,
  repeats: Type.Integer({ minimum: 0, description: 'times it was sent again after an unknown outcome' }),
  simulated: Type.Boolean({ description: 'whether it only went to the built-in simulator, never to a phone' }),
  channel_id: orNull(Id),
  error: Type.String({ description: 'why it was not sent, or what the carrier said when it said no' }),
  accepted_at: Time,
  submitted_at: orNull(Time),
  final_at: orNull(Time),
};
export const MessageBody = closed(messageFields, { title: 'Message' });

const StepBody = closed(
  {
    state: State,
    at: Time,
    attempt: Type.Optional(Type.Integer({ minimum: 1 })),
    channel_id: Type.Optional(orNull(Id)),
    repeat: Type.Optional(Type.Boolean({ description: 'whether this attempt repeats one whose outcome is unknown' })),
  },
  { title: 'Step' },
);
const MessageHistory = closed(
  {
    ...messageFields,
    timeline: Type.Array(StepBody, { description: 'what happened to it, in order' }),
    ledger: Type.Array(LedgerEntry, { description: 'the ledger entries of its plan' }),
    carrier_ids: Type.Optional(
      Type.Array(Type.String(), { description: "the carrier's ids of its parts; for the administrator" }),
    ),
    reports: Type.Optional(
      Type.Array(ReportBody, {
        description: 'the reports on it as the carrier wrote them, oldest first; for the administrator',
      }),
    ),
  },
  { title: 'MessageHistory' },
);

type Message = QueryValue<'listMessages'>['messages'][number];

/** A message as lists show it. */
export const messageView = (message: Message): Static<typeof MessageBody> => ({
  message_id: messageId(message.planId, message.index),
  plan_id: message.planId,
  business_id: message.businessId,
  to: message.state === 'invalid' ? message.error : `+${message.recipient}`,
  state: message.state,
  segments: message.segments,
  reserved: message.reserved,
  settled: message.settled,
  released: message.released,
  refunded: message.refunded,
  attempts: message.attempts,
  repeats: message.repeats,
  simulated: isSimulated(message.channelId),
  // The simulator is no channel anyone could look up.
  channel_id: isSimulated(message.channelId) ? null : message.channelId,
  error: message.state === 'invalid' ? 'not a mobile number' : message.error,
  accepted_at: isoTime(message.acceptedAt),
  submitted_at: message.submittedAt === null ? null : isoTime(message.submittedAt),
  final_at: message.finalAt === null ? null : isoTime(message.finalAt),
});

const stepView = ({ channelId, at, ...step }: Step): Static<typeof StepBody> => ({
  ...step,
  at: isoTime(at),
  ...(channelId !== undefined && { channel_id: isSimulated(channelId) ? null : channelId }),
});

/** What carriers said of a message. */
async function reported(desk: Desk, { planId, index }: Message) {
  const { carrierIds, reports } = await desk.ask('reportsOfMessage', { planId, index });
  return { carrier_ids: carrierIds, reports: reports.map(reportView) };
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
        // Of when a message was accepted.
        from: Type.Optional(Moment),
        until: Type.Optional(Moment),
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
      const { messages, next } = await desk.ask('listMessages', {
        businessId: await scopeOf(desk, actor, query),
        planId: query.plan_id === undefined ? null : Number(query.plan_id),
        state: query.state ?? null,
        recipient: query.to === undefined ? null : Number(query.to.replace(/^[+ ]/, '')),
        since: momentOf('from', query.from),
        until: momentOf('until', query.until),
        before: place === null ? null : { planId: place[0]!, index: place[1]! },
        limit,
      });
      return {
        items: messages.map(messageView),
        next_cursor: next === null ? null : cursorText(next.planId, next.index),
      };
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
      return {
        ...messageView(history.message),
        timeline: timelineOf(history).map(stepView),
        ledger: history.ledger.map(entryView),
        ...(actor.admin && (await reported(desk, history.message))),
      };
    },
  ),
];

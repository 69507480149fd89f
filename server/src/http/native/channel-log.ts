import Type, { type Static } from 'typebox';
import { EXCHANGE_KINDS, type LoggedExchange, type LogMark } from '../../domain/exchange.ts';
import { messageId, parseMessageId } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import { cursorText, placeIn } from '../cursor.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, IdText, NextCursor, orNull, pageQuery, word } from './fields.ts';
import { limitOf, placeOf } from './list.ts';
import { Moment, momentOf } from './moment.ts';

const ExchangeBody = closed(
  {
    id: Type.String({ description: 'its place in the log; give it as ?after= for what came later' }),
    at: Type.String({ format: 'date-time', description: 'when it was over; it began duration_ms earlier' }),
    kind: word(EXCHANGE_KINDS),
    bind: Type.Integer({ description: 'which bind of the channel, from 1' }),
    duration_ms: orNull(Type.Number({ description: 'from the request to its answer' })),
    message_id: orNull(Type.String({ description: 'our id of the message, digits' })),
    part: orNull(closed({ number: Count, of: Count, octets: Count, data_coding: Count }, { title: 'ExchangedPart' })),
    number: Type.String({ description: "the phone's number, masked; empty when there is none" }),
    carrier_id: Type.String({ description: "the carrier's id of the message; empty when there is none" }),
    status: Type.String({
      description: 'ESME_ROK or another status of SMPP, a status of HTTP, timeout, lost; empty: nothing to answer',
    }),
    detail: Type.String({ description: 'what else there is to say, for people' }),
  },
  { title: 'Exchange' },
);

const processBody = (description: string) =>
  Type.Union([closed({ host: Type.String(), pid: Type.Integer() }), Type.Null()], { description });

const LogQuery = closed({
  ...pageQuery,
  from: Type.Optional(Moment),
  to: Type.Optional(Moment),
  message: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{8,23}$', description: 'a message id: digits' })),
  carrier_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: "the carrier's id of a message, 1 to 255 characters" }),
  ),
  status: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9_]{1,40}$', description: 'a status as lines show it, such as ESME_RTHROTTLED' }),
  ),
  kind: Type.Optional(word(EXCHANGE_KINDS)),
  after: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$', description: 'the id of a line: only later ones' }),
  ),
});

const view = (exchange: LoggedExchange, home: number): Static<typeof ExchangeBody> => ({
  id: markText({ place: exchange.place, at: exchange.at, home }),
  at: isoTime(exchange.at),
  kind: exchange.kind,
  bind: exchange.bind,
  duration_ms: exchange.tookMs,
  message_id: exchange.planId === 0 ? null : messageId(exchange.planId, exchange.index),
  part:
    exchange.kind !== 'submit' && exchange.kind !== 'inbound'
      ? null
      : {
          number: exchange.part,
          of: exchange.parts,
          octets: exchange.octets,
          data_coding: exchange.dataCoding,
        },
  number: exchange.number,
  carrier_id: exchange.carrierId,
  status: exchange.status,
  detail: exchange.detail,
});

/** What was said to a carrier and by it, for the administrator: numbers masked, texts left out. */
export const channelLogEndpoints = ({ desk, facts }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /channels/:id/log',
    {
      tag: 'channels',
      admin: true,
      summary:
        'Every exchange with the carrier, newest first; a page may have few lines, or none, and a next one all the same',
      params: closed({ id: IdText }),
      query: LogQuery,
      answer: closed({
        items: Type.Array(ExchangeBody),
        next_cursor: NextCursor,
        logging: Type.Boolean({ description: 'whether exchanges are logged (SIGNET_CHANNEL_LOG_MB)' }),
        run_by: processBody('the process that runs the channel; null: the one that answers, or none'),
        lines_of: processBody(
          'the process whose lines these are; null: the one that answers. Each has those of what it said and heard itself',
        ),
      }),
    },
    async ({ params, query }) => {
      const channelId = Number(params.id);
      must((await desk.ask('findChannel', { id: channelId })) !== null, { code: 'channelNotFound' });
      const asked = {
        channelId,
        filter: {
          from: momentOf('from', query.from),
          to: momentOf('to', query.to),
          message: query.message === undefined ? null : messageOf(query.message),
          carrierId: query.carrier_id ?? null,
          status: query.status ?? null,
          kind: query.kind ?? null,
        },
        before: markOf(placeOf(query, MARK_INTEGERS)),
        after: query.after === undefined ? null : lineOf(query.after),
        limit: limitOf(query),
      };
      const { channelLog } = facts;
      if (channelLog === null) return { items: [], next_cursor: null, logging: false, run_by: null, lines_of: null };
      const { exchanges, home, next, linesOf, runBy } = await channelLog(asked);
      return {
        items: exchanges.map((exchange) => view(exchange, home)),
        next_cursor: next && markText(next),
        logging: true,
        run_by: runBy,
        lines_of: linesOf,
      };
    },
  ),
];

function messageOf(text: string): { planId: number; index: number } {
  const message = parseMessageId(text);
  must(message !== null, { code: 'invalidField', field: 'message', rule: 'a message id: digits' });
  return message;
}

function lineOf(id: string): LogMark {
  const mark = markOf(placeIn(id, MARK_INTEGERS));
  must(mark !== null, { code: 'invalidField', field: 'after', rule: 'the id of a line, unchanged' });
  return mark;
}

/** Of a mark as callers carry it: file, block, line, time, home. */
const MARK_INTEGERS = 5;

const markText = ({ place, at, home }: LogMark): string => cursorText(...place, at, home);

function markOf(integers: number[] | null): LogMark | null {
  if (integers === null) return null;
  const [file, offset, line, at, home] = integers as [number, number, number, number, number];
  return { place: [file, offset, line], at, home };
}

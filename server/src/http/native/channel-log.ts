import Type, { type Static } from 'typebox';
import { EXCHANGE_KINDS } from '../../domain/exchange.ts';
import type { LogMark, LogPlaces, MergedExchange } from '../../domain/merged-log.ts';
import { messageId, parseMessageId } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import { badCursor, cursorText, placeIn, rowsIn } from '../cursor.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, IdText, NextCursor, orNull, pageQuery, word } from './fields.ts';
import { limitOf } from './list.ts';
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

const LogQuery = closed({
  ...pageQuery,
  // It has a place for each process.
  cursor: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_-]{1,4000}$',
      description: 'the next_cursor of the page before; leave it out for the first page',
    }),
  ),
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

const view = (exchange: MergedExchange): Static<typeof ExchangeBody> => ({
  id: cursorText(exchange.home, ...exchange.place, exchange.at),
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
        unheard: Type.Array(closed({ host: Type.String(), pid: Type.Integer() }), {
          description: 'processes that may have more lines, and did not answer in time',
        }),
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
        before: query.cursor === undefined ? null : placesOf(query.cursor),
        after: query.after === undefined ? null : lineOf(query.after),
        limit: limitOf(query),
      };
      if (facts.channelLog === null) return { items: [], next_cursor: null, logging: false, unheard: [] };
      const { exchanges, next, unheard } = await facts.channelLog(asked);
      return {
        items: exchanges.map(view),
        next_cursor: next && cursorText(...next.flatMap(({ home, before }) => [home, ...before])),
        logging: true,
        unheard,
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
  const mark = placeIn(id, 5);
  must(mark !== null, { code: 'invalidField', field: 'after', rule: 'the id of a line, unchanged' });
  const [home, file, offset, line, at] = mark as [number, number, number, number, number];
  return { home, place: [file, offset, line], at };
}

function placesOf(cursor: string): LogPlaces {
  const places = rowsIn(cursor, 4);
  if (places === null) throw badCursor();
  return (places as [number, number, number, number][]).map(([home, file, offset, line]) => ({
    home,
    before: [file, offset, line],
  }));
}

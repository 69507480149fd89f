import Type, { type Static } from 'typebox';
import { isSimulated } from '../../domain/channel.ts';
import { INBOUND_KINDS, INBOUND_NUMBER, INBOUND_NUMBER_RULE } from '../../domain/inbound.ts';
import { must } from '../../domain/refusals.ts';
import { WORD_MAX_LENGTH } from '../../domain/words.ts';
import { isoTime, parseTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, PhoneNumber, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { businessOf, scopeOf, sight } from './scope.ts';

const MOMENT = 'RFC 3339 with an offset, such as 2026-11-22T08:30:00+08:00; in a query + is written %2B';

const Inbound = closed(
  {
    id: Id,
    business_id: orNull(Id),
    channel_id: orNull(Id),
    simulated: Type.Boolean({ description: 'whether it came from the built-in simulator' }),
    from: { ...PhoneNumber, description: 'E.164 with + where it is a mobile number, else as the carrier wrote it' },
    to: Type.String({ description: 'the number or short code it was sent to, as the carrier wrote it' }),
    text: Type.String(),
    parts: Type.Integer({ minimum: 1, description: 'SMS it came in' }),
    missing: Type.Integer({ minimum: 0, description: 'how many of them never came' }),
    kind: word(INBOUND_KINDS),
    keyword: Type.String({ description: 'the keyword it began with; empty: none' }),
    reply_plan_id: orNull(Type.Integer({ description: 'the plan of the automatic reply' })),
    reply_error: Type.String({ description: 'why a reply that was due was refused, as the code of the refusal' }),
    received_at: Time,
  },
  { title: 'InboundMessage' },
);

const view = (message: QueryValue<'listInbound'>[number]): Static<typeof Inbound> => ({
  id: message.id,
  business_id: message.businessId,
  channel_id: isSimulated(message.channelId) ? null : message.channelId,
  simulated: isSimulated(message.channelId),
  from: message.from,
  to: message.to,
  text: message.text,
  parts: message.parts,
  missing: message.missing,
  kind: message.kind,
  keyword: message.keyword,
  reply_plan_id: message.replyPlanId,
  reply_error: message.replyError,
  received_at: isoTime(message.receivedAt),
});

const NumberBody = closed(
  {
    id: Id,
    number: Type.String({ description: INBOUND_NUMBER_RULE }),
    channel_id: orNull(Type.Integer({ description: 'null: on any channel' })),
    business_id: Id,
    created_at: Time,
  },
  { title: 'InboundNumber' },
);

const numberView = (number: QueryValue<'listInboundNumbers'>[number]): Static<typeof NumberBody> => ({
  id: number.id,
  number: `${number.number}${number.prefix ? '*' : ''}`,
  channel_id: number.channelId,
  business_id: number.businessId,
  created_at: isoTime(number.createdAt),
});

const Word = Type.String({
  minLength: 1,
  maxLength: 4 * WORD_MAX_LENGTH,
  description: 'one word; case does not count',
});
const Keyword = closed(
  {
    id: Id,
    business_id: Id,
    word: Word,
    shared: Type.Boolean({ description: "whether it makes messages to nobody's numbers the business's" }),
    template_id: orNull(Type.Integer({ description: 'the template that answers it' })),
    created_at: Time,
  },
  { title: 'Keyword' },
);

const keywordView = (keyword: QueryValue<'listKeywords'>[number]): Static<typeof Keyword> => ({
  id: keyword.id,
  business_id: keyword.businessId,
  word: keyword.word,
  shared: keyword.shared,
  template_id: keyword.templateId,
  created_at: isoTime(keyword.createdAt),
});

const params = closed({ id: IdText });

/** A side of a message in a query, where + means a space. */
const Side = Type.Optional(
  Type.String({ pattern: '^[+ ]?[^+ ]{1,40}$', description: 'a number, with or without +, or a name' }),
);
const sideOf = (text: string | undefined): string | null => text?.replace(/^[+ ]/, '') ?? null;

function momentOf(field: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const at = /T.*(?:Z|[+-]\d{2}:\d{2})$/i.test(text) ? parseTime(text.toUpperCase()) : null;
  must(at !== null, { code: 'invalidField', field, rule: MOMENT });
  return at;
}

/** Texts from handsets, and whose numbers and keywords they come to (docs/inbound.md). */
export const inboundEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /inbound',
    {
      tag: 'inbound',
      summary: 'Messages that came in, newest first',
      query: closed({
        ...pageQuery,
        ...businessQuery,
        unmatched: Type.Optional(word(['yes'], "yes: only those that are nobody's; for the administrator")),
        kind: Type.Optional(word(INBOUND_KINDS)),
        from: Side,
        to: Side,
        since: Type.Optional(Type.String({ maxLength: 40, description: MOMENT })),
        until: Type.Optional(Type.String({ maxLength: 40, description: MOMENT })),
      }),
      answer: listOf(Inbound),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const unmatched = query.unmatched !== undefined;
      must(!unmatched || actor.admin, { code: 'adminOnly' });
      const messages = await desk.ask('listInbound', {
        businessId: await scopeOf(desk, actor, query),
        unmatched,
        kind: query.kind ?? null,
        from: sideOf(query.from),
        to: sideOf(query.to),
        since: momentOf('since', query.since),
        until: momentOf('until', query.until),
        before: placeOf(query, 1)?.[0] ?? null,
        limit: limit + 1,
      });
      return pageOf(messages, limit, (last) => [last.id], view);
    },
  ),
  endpoint(
    'GET /inbound/:id',
    { tag: 'inbound', summary: 'One message that came in', params, answer: Inbound },
    async ({ actor, params }) => {
      const message = await desk.ask('findInbound', { businessId: sight(actor), id: Number(params.id) });
      must(message !== null, { code: 'inboundNotFound' });
      return view(message);
    },
  ),
  endpoint(
    'POST /inbound/:id/assign',
    {
      tag: 'inbound',
      summary: "Give a message that is nobody's to a business; a word that opts out or in does so now",
      admin: true,
      params,
      body: closed({ business_id: Id }, { title: 'InboundAssignment' }),
      answer: Inbound,
    },
    async ({ actor, params, body }) =>
      view(await desk.do('assignInbound', { actor, id: Number(params.id), businessId: body.business_id })),
  ),
  endpoint(
    'GET /inbound-numbers',
    {
      tag: 'inbound',
      summary: 'Numbers that messages come in on, oldest first',
      query: closed({ ...pageQuery, ...businessQuery }),
      answer: listOf(NumberBody),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const numbers = await desk.ask('listInboundNumbers', {
        businessId: await scopeOf(desk, actor, query),
        cursor: placeOf(query, 1)?.[0] ?? 0,
        limit: limit + 1,
      });
      return pageOf(numbers, limit, (last) => [last.id], numberView);
    },
  ),
  endpoint(
    'POST /inbound-numbers',
    {
      tag: 'inbound',
      summary: 'Give a number, or all that begin so, to a business',
      admin: true,
      body: closed(
        {
          number: Type.String({ pattern: INBOUND_NUMBER.source, description: INBOUND_NUMBER_RULE }),
          business_id: Id,
          channel_id: Type.Optional(Id),
        },
        { title: 'NewInboundNumber' },
      ),
      status: 201,
      answer: NumberBody,
    },
    async ({ actor, body }) => {
      const { number, business_id: businessId, channel_id: channelId = null } = body;
      return numberView(await desk.do('addInboundNumber', { actor, number, businessId, channelId }));
    },
  ),
  endpoint(
    'DELETE /inbound-numbers/:id',
    { tag: 'inbound', summary: 'Take a number back from its business', admin: true, params, answer: null },
    async ({ actor, params }) => {
      await desk.do('deleteInboundNumber', { actor, id: Number(params.id) });
    },
  ),
  endpoint(
    'GET /keywords',
    {
      tag: 'inbound',
      summary: 'Keywords, oldest first',
      query: closed({ ...pageQuery, ...businessQuery }),
      answer: listOf(Keyword),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const keywords = await desk.ask('listKeywords', {
        businessId: await scopeOf(desk, actor, query),
        cursor: placeOf(query, 1)?.[0] ?? 0,
        limit: limit + 1,
      });
      return pageOf(keywords, limit, (last) => [last.id], keywordView);
    },
  ),
  endpoint(
    'POST /keywords',
    {
      tag: 'inbound',
      summary: 'Add a keyword, with the template that answers it',
      body: closed(
        {
          business_id: Type.Optional(Id),
          word: Word,
          shared: Type.Optional(Type.Boolean({ description: 'true only from the administrator' })),
          template_id: Type.Optional(Id),
        },
        { title: 'NewKeyword' },
      ),
      status: 201,
      answer: Keyword,
    },
    async ({ actor, body }) => {
      const { id: businessId } = await businessOf(desk, actor, String(body.business_id ?? actor.businessId));
      const { word, shared = false, template_id: templateId = null } = body;
      return keywordView(await desk.do('addKeyword', { actor, businessId, word, shared, templateId }));
    },
  ),
  endpoint(
    'DELETE /keywords/:id',
    { tag: 'inbound', summary: 'Take a keyword away', params, answer: null },
    async ({ actor, params }) => {
      await desk.do('deleteKeyword', { actor, id: Number(params.id) });
    },
  ),
];

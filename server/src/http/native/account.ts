import Type from 'typebox';
import { PERMISSIONS } from '../../domain/credential.ts';
import { LEDGER_KINDS } from '../../domain/ledger.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Credits, closed, Id, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, type PageQuery, pageOf, placeOf } from './list.ts';

const Me = closed(
  {
    business_id: Id,
    user: Type.String(),
    admin: Type.Boolean(),
    permissions: Type.Array(word(PERMISSIONS)),
  },
  { title: 'Me' },
);

export const Balance = closed(
  {
    available: Type.Integer({ description: 'credits to spend' }),
    reserved: Type.Integer({ description: 'credits set aside for messages no carrier has answered yet' }),
  },
  { title: 'Balance' },
);

export const LedgerEntry = closed(
  {
    id: Id,
    kind: word(LEDGER_KINDS),
    credits: Type.Integer({ description: 'credits moved; negative only in a correction' }),
    plan_id: orNull(Id),
    available_after: Credits,
    reserved_after: Credits,
    reason: Type.String(),
    at: Time,
  },
  { title: 'LedgerEntry' },
);

export const Statement = listOf(LedgerEntry);

type Entry = QueryValue<'statement'>[number];

export const entryView = (entry: Entry) => ({
  id: entry.id,
  kind: entry.kind,
  credits: entry.credits,
  plan_id: entry.planId,
  available_after: entry.availableAfter,
  reserved_after: entry.reservedAfter,
  reason: entry.reason,
  at: isoTime(entry.at),
});

/** One page of a business's ledger entries, newest first. */
export async function statementPage(desk: Desk, businessId: number, query: PageQuery) {
  const limit = limitOf(query);
  const before = placeOf(query, 1)?.[0] ?? null;
  const entries = await desk.ask('statement', { businessId, before, limit: limit + 1 });
  return pageOf(entries, limit, (last) => [last.id], entryView);
}

/** The caller itself: who it is, what it has, how that came. */
export const accountEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /me',
    { tag: 'account', summary: 'Who is asking', permission: null, needs: null, answer: Me },
    async ({ actor }) => ({
      business_id: actor.businessId,
      user: actor.businessName,
      admin: actor.admin,
      permissions: [...actor.permissions],
    }),
  ),
  endpoint('GET /balance', { tag: 'account', summary: "The caller's balance", answer: Balance }, async ({ actor }) =>
    desk.ask('balanceOf', { businessId: actor.businessId }),
  ),
  endpoint(
    'GET /statement',
    {
      tag: 'account',
      summary: "The caller's ledger entries, newest first",
      query: closed(pageQuery),
      answer: Statement,
    },
    async ({ actor, query }) => statementPage(desk, actor.businessId, query),
  ),
];

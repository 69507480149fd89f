import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import type { Actor } from '../../domain/credential.ts';
import { MAX_PRICE, type PriceRow } from '../../domain/price.ts';
import { countryOf, parseRecipient } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { QueryValue } from '../../services/desk.ts';
import { PRICE_RULE } from '../../services/price.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { businessOf, ownerOf } from './scope.ts';
import { CategoryOrAny, momentOf, Prefix, tariffFields, tariffRowOf, tariffRowsOfFile } from './tariff-file.ts';

const Rate = Type.Integer({ minimum: 0, maximum: MAX_PRICE, description: PRICE_RULE });

const rowFields = {
  id: Id,
  prefix: Prefix,
  category: CategoryOrAny,
  credits: Rate,
  valid_from: Time,
  in_force: Type.Boolean({ description: 'whether it is valid now, and no newer row of its prefix and category is' }),
};
const Row = closed({ ...rowFields, business_id: orNull(Id), created_at: Time }, { title: 'PriceRow' });
const Effective = closed(
  { ...rowFields, scope: word(['business', 'default'], "whose table it stands in: its own, or the installation's") },
  { title: 'Price' },
);

const NewRows = closed(
  {
    rows: Type.Array(closed({ ...tariffFields, credits: Rate }), {
      minItems: 1,
      description: 'rows of the table, each an object',
    }),
  },
  { title: 'NewPriceRows' },
);

const Quote = closed(
  {
    to: Type.String(),
    country: orNull(Type.String({ description: 'ISO 3166-1 alpha-2' })),
    category: word(CATEGORIES),
    at: Time,
    credits: Type.Integer({ minimum: 0, description: 'credits for one segment' }),
    scope: word(['business', 'default', 'none'], 'where the price stands; none: no table says anything, and it is 1'),
    row: orNull(closed({ id: Id, prefix: Type.String(), category: CategoryOrAny, credits: Rate, valid_from: Time })),
    why: Type.String({ description: 'for people' }),
  },
  { title: 'PriceQuote' },
);

const Done = closed({ rows: Type.Integer({ minimum: 1 }) }, { title: 'RowsPut' });

type Stored = QueryValue<'listPrices'>[number];

const plainRow = ({ id, prefix, category, credits, validFrom }: Stored) => ({
  id,
  prefix,
  category,
  credits,
  valid_from: isoTime(validFrom),
});

/** Whether each row of one table is the newest valid one of its prefix and category. */
export function inForce<R extends { prefix: string; category: string | null; validFrom: number }>(
  table: readonly R[],
  at: number,
): (row: R) => boolean {
  const newest = new Map<string, number>();
  const keyOf = ({ prefix, category }: R) => `${prefix} ${category}`;
  for (const row of table) {
    if (row.validFrom > at) continue;
    newest.set(keyOf(row), Math.max(newest.get(keyOf(row)) ?? Number.NEGATIVE_INFINITY, row.validFrom));
  }
  return (row) => newest.get(keyOf(row)) === row.validFrom;
}

/** What segments cost: what a business pays, why, and the tables behind it. */
export const priceEndpoints = (deps: HttpDeps): Endpoint[] => {
  const { desk, clock } = deps;
  /** The business whose table it is (null: the installation), and the zone its days are in. */
  const tableOf = async (actor: Actor, query: { business_id?: string }) => {
    const named = await businessOf(desk, actor, query.business_id ?? String(actor.businessId));
    return { businessId: query.business_id === undefined ? null : named.id, zone: named.timeZone };
  };
  return [
    endpoint(
      'GET /prices',
      {
        tag: 'prices',
        summary: 'What a business pays for a segment, now and later: its own rows, then those of the installation',
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(Effective),
      },
      async ({ actor, query }) => {
        const limit = limitOf(query);
        const from = placeOf(query, 1)?.[0] ?? 0;
        const now = clock.now();
        const all = await desk.ask('effectivePrices', { businessId: await ownerOf(desk, actor, query), at: now });
        const rows = all.slice(from, from + limit + 1);
        return pageOf(
          rows,
          limit,
          () => [from + limit],
          ({ row, scope }) => ({
            ...plainRow(row),
            in_force: row.validFrom <= now,
            scope,
          }),
        );
      },
    ),
    endpoint(
      'GET /prices/quote',
      {
        tag: 'prices',
        summary: 'What a segment to a number costs a business, and which row says so',
        query: closed({
          ...businessQuery,
          to: Type.String({ maxLength: 100, description: 'a mobile number' }),
          category: word(CATEGORIES),
          at: Type.Optional(
            Type.String({ maxLength: 40, description: 'RFC 3339 with an offset, or a day; left out: now' }),
          ),
        }),
        answer: Quote,
      },
      async ({ actor, query }) => {
        const business = await businessOf(desk, actor, query.business_id ?? String(actor.businessId));
        const recipient = parseRecipient(query.to.replace(/^ /, '+'), business.defaultCountry);
        must(recipient !== null, { code: 'invalidField', field: 'to', rule: 'a mobile number' });
        const at = query.at === undefined ? clock.now() : momentOf(query.at.replace(' ', '+'), business.timeZone);
        must(at !== null, { code: 'invalidField', field: 'at', rule: 'RFC 3339 with an offset, or a day' });
        const { category } = query;
        const { credits, found } = await desk.ask('quotePrice', { businessId: business.id, recipient, category, at });
        return {
          to: `+${recipient}`,
          country: countryOf(recipient),
          category,
          at: isoTime(at),
          credits,
          scope: found === null ? ('none' as const) : found.scope,
          row: found === null ? null : plainRow(found.row),
          why: reasonOf(found, business.name),
        };
      },
    ),
    endpoint(
      'GET /price-rows',
      {
        tag: 'prices',
        summary: "A price table whole, what is over and what is to come included: the installation's, or a business's",
        admin: true,
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(Row),
      },
      async ({ actor, query }) => {
        const { businessId } = await tableOf(actor, query);
        const limit = limitOf(query);
        const from = placeOf(query, 1)?.[0] ?? 0;
        const table = await desk.ask('listPrices', { businessId });
        const isInForce = inForce(table, clock.now());
        return pageOf(
          table.slice(from, from + limit + 1),
          limit,
          () => [from + limit],
          (row) => ({
            ...plainRow(row),
            in_force: isInForce(row),
            business_id: row.businessId,
            created_at: isoTime(row.createdAt),
          }),
        );
      },
    ),
    endpoint(
      'POST /price-rows',
      {
        tag: 'prices',
        summary: 'Put rows into a price table, from JSON or from a CSV or XLSX file: all of them, or none',
        admin: true,
        query: closed(businessQuery),
        body: NewRows,
        takesFile: true,
        answer: Done,
      },
      async ({ actor, query, body, file }) => {
        const { businessId, zone } = await tableOf(actor, query);
        const times = { now: clock.now(), zone };
        const rows: PriceRow[] =
          file === null
            ? (body as Static<typeof NewRows>).rows.map((row, i) => ({
                ...tariffRowOf(row, `rows.${i}`, times),
                credits: row.credits,
              }))
            : await tariffRowsOfFile(deps, actor.businessId, file, times, PRICE_COLUMNS, (row, cell, refuse) => {
                if (!/^\d{1,7}$/.test(cell('credits'))) refuse(`credits: ${PRICE_RULE}`);
                return { ...row, credits: Number(cell('credits')) };
              });
        return desk.do('putPrices', { actor, businessId, rows });
      },
    ),
    endpoint(
      'DELETE /price-rows/:id',
      {
        tag: 'prices',
        summary: 'Take a row out of a price table; what was accepted at its price keeps it',
        admin: true,
        params: closed({ id: IdText }),
        answer: null,
      },
      async ({ actor, params }) => {
        await desk.do('removePrice', { actor, id: Number(params.id) });
      },
    ),
  ];
};

const PRICE_COLUMNS = { needed: ['credits'], optional: [] } as const satisfies { needed: string[]; optional: string[] };

function reasonOf(found: QueryValue<'quotePrice'>['found'], business: string): string {
  if (found === null) return 'no price table says anything of it: a segment costs 1 credit';
  const { row, scope } = found;
  const whose = scope === 'business' ? `the table of ${business}` : 'the table of the installation';
  const numbers = row.prefix === '' ? 'every number' : `numbers that begin with +${row.prefix}`;
  return `row ${row.id} of ${whose}: ${numbers}, ${row.category ?? 'any category'}, since ${isoTime(row.validFrom)}`;
}

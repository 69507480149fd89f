import Type, { type Static } from 'typebox';
import { type CostRow, CURRENCY, MAX_COST_MICROS, parseMicros } from '../../domain/cost.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import { CURRENCY_RULE, MICROS_RULE } from '../../services/price.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, IdText, listOf, pageQuery, Time } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { inForce } from './prices.ts';
import { businessOf } from './scope.ts';
import { CategoryOrAny, Prefix, tariffFields, tariffRowOf, tariffRowsOfFile } from './tariff-file.ts';

const Micros = Type.Integer({ minimum: 0, maximum: MAX_COST_MICROS, description: MICROS_RULE });
const Currency = Type.String({ pattern: CURRENCY.source, description: CURRENCY_RULE });

const Cost = closed(
  {
    id: Id,
    channel_id: Id,
    prefix: Prefix,
    category: CategoryOrAny,
    micros: Micros,
    currency: Currency,
    valid_from: Time,
    in_force: Type.Boolean({ description: 'whether it is valid now, and no newer row of its prefix and category is' }),
    created_at: Time,
  },
  { title: 'ChannelCost' },
);

const NewRows = closed(
  {
    rows: Type.Array(closed({ ...tariffFields, micros: Micros, currency: Currency }), {
      minItems: 1,
      description: 'rows of the table, each an object',
    }),
  },
  { title: 'NewCostRows' },
);

const params = closed({ id: IdText });
const COLUMNS: { needed: 'currency'[]; optional: ('micros' | 'cost')[] } = {
  needed: ['currency'],
  optional: ['micros', 'cost'],
};

/** What carriers charge. Only the administrator sees it. */
export const costEndpoints = (deps: HttpDeps): Endpoint[] => {
  const { desk, clock } = deps;
  const tableOf = async (channelId: number) => {
    const table = await desk.ask('listCosts', { channelId });
    must(table !== null, { code: 'channelNotFound' });
    return table;
  };
  return [
    endpoint(
      'GET /channels/:id/costs',
      {
        tag: 'channels',
        needs: 'prices:read',
        summary: "What a channel's carrier charges, what is over and what is to come included",
        admin: true,
        params,
        query: closed(pageQuery),
        answer: listOf(Cost),
      },
      async ({ params, query }) => {
        const limit = limitOf(query);
        const from = placeOf(query, 1)?.[0] ?? 0;
        const table = await tableOf(Number(params.id));
        const isInForce = inForce(table, clock.now());
        return pageOf(
          table.slice(from, from + limit + 1),
          limit,
          () => [from + limit],
          (row) => ({
            id: row.id,
            channel_id: row.channelId,
            prefix: row.prefix,
            category: row.category,
            micros: row.micros,
            currency: row.currency,
            valid_from: isoTime(row.validFrom),
            in_force: isInForce(row),
            created_at: isoTime(row.createdAt),
          }),
        );
      },
    ),
    endpoint(
      'POST /channels/:id/costs',
      {
        tag: 'channels',
        needs: 'prices:manage',
        summary: "Put rows into a channel's costs, from JSON or from a CSV or XLSX file: all of them, or none",
        admin: true,
        params,
        body: NewRows,
        takesFile: true,
        answer: closed({ rows: Type.Integer({ minimum: 1 }) }, { title: 'RowsPut' }),
      },
      async ({ actor, params, body, file }) => {
        const { timeZone } = await businessOf(desk, actor, String(actor.businessId));
        const times = { now: clock.now(), zone: timeZone };
        const rows: CostRow[] =
          file === null
            ? (body as Static<typeof NewRows>).rows.map(({ micros, currency, ...row }, i) => ({
                ...tariffRowOf(row, `rows.${i}`, times),
                micros,
                currency,
              }))
            : await tariffRowsOfFile(deps, actor.businessId, file, times, COLUMNS, (row, cell, refuse) => {
                const currency = cell('currency');
                if (!CURRENCY.test(currency)) refuse(`currency: ${CURRENCY_RULE}`);
                const micros = microsOf(cell('micros'), cell('cost'));
                if (micros === null || micros > MAX_COST_MICROS) return refuse(COST_RULE);
                return { ...row, micros, currency };
              });
        return desk.do('putCosts', { actor, channelId: Number(params.id), rows });
      },
    ),
    endpoint(
      'DELETE /channel-costs/:id',
      {
        tag: 'channels',
        needs: 'prices:manage',
        summary: "Take a row out of a channel's costs",
        admin: true,
        params,
        answer: null,
      },
      async ({ actor, params }) => {
        await desk.do('removeCost', { actor, id: Number(params.id) });
      },
    ),
  ];
};

const COST_RULE = `either micros (${MICROS_RULE}) or cost (units, a decimal with at most six places)`;

function microsOf(micros: string, cost: string): number | null {
  if ((micros === '') === (cost === '')) return null;
  if (micros === '') return parseMicros(cost);
  return /^\d{1,10}$/.test(micros) ? Number(micros) : null;
}

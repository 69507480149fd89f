import Type from 'typebox';
import { BUSINESS_NAME } from '../../domain/business.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import { checkLedger } from '../../services/ledger-check.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Credits, closed, Id, listOf, orNull, pageQuery, Time } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { businessOf } from './scope.ts';

const LedgerCheck = closed(
  {
    ok: Type.Boolean(),
    faults: Type.Array(closed({ business_id: Id, plan_id: orNull(Id), what: Type.String() }, { title: 'LedgerFault' })),
  },
  { title: 'LedgerCheck' },
);

const Opening = closed(
  { at: Time, available: Credits, reserved: Credits },
  { title: 'LedgerOpening', description: 'what a business had when a month (of UTC) began' },
);

/** With what months began, and whether the money adds up. */
export const ledgerEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /ledger/check',
    {
      tag: 'system',
      needs: 'ledger:read',
      summary: 'Check that balances, ledger entries and messages agree',
      admin: true,
      answer: LedgerCheck,
    },
    async () => {
      const faults = await checkLedger(desk);
      return {
        ok: faults.length === 0,
        faults: faults.map(({ businessId, planId, what }) => ({ business_id: businessId, plan_id: planId, what })),
      };
    },
  ),
  endpoint(
    'GET /businesses/:business/openings',
    {
      tag: 'businesses',
      needs: 'ledger:read',
      summary: 'With what a business began its months, newest first',
      params: closed({
        business: Type.String({ pattern: BUSINESS_NAME.source, description: 'an id or a user name' }),
      }),
      query: closed(pageQuery),
      answer: listOf(Opening),
    },
    async ({ actor, params, query }) => {
      const { id: businessId } = await businessOf(desk, actor, params.business);
      const limit = limitOf(query);
      const before = placeOf(query, 1)?.[0] ?? null;
      const openings = await desk.ask('listOpenings', { businessId, before, limit: limit + 1 });
      return pageOf(
        openings,
        limit,
        ({ at }) => [at],
        ({ at, available, reserved }) => ({ at: isoTime(at), available, reserved }),
      );
    },
  ),
];

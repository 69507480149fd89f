import Type from 'typebox';
import type { Desk } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, orNull } from './fields.ts';

const LedgerCheck = closed(
  {
    ok: Type.Boolean(),
    faults: Type.Array(closed({ business_id: Id, plan_id: orNull(Id), what: Type.String() }, { title: 'LedgerFault' })),
  },
  { title: 'LedgerCheck' },
);

/** Whether the money adds up. */
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
      const faults = await desk.ask('ledgerFaults', {});
      return {
        ok: faults.length === 0,
        faults: faults.map(({ businessId, planId, what }) => ({ business_id: businessId, plan_id: planId, what })),
      };
    },
  ),
];

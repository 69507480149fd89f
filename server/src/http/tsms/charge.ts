import { TOP_UP_LIMIT } from '../../domain/ledger.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { OK, type Route } from './route.ts';
import { type JsonObject, readObject } from './shape.ts';

/** /v2/charge: root adds credits to a business. */
export function chargeRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: '/v2/charge',
      permission: 'manage',
      rootOnly: true,
      async handle({ actor, body }) {
        const { user, credits } = readCharge(readObject(body));
        await desk.do('topUp', { actor, business: { businessName: user }, credits, reason: '' });
        return OK;
      },
    },
  ];
}

function readCharge(request: JsonObject): { user: string; credits: number } {
  const { user, charge } = request;
  ensure(typeof user === 'string', 'ER:0004');
  // Money is never read out of a string.
  ensure(typeof charge === 'number' && Number.isInteger(charge) && charge >= 1 && charge <= TOP_UP_LIMIT, 'ER:0004');
  return { user, credits: charge };
}

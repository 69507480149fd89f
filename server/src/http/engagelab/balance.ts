import type { HttpDeps } from '../deps.ts';
import type { Route } from './route.ts';

/** GET /v1/balance: the credits of the account. */
export function balanceRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'GET',
      url: '/v1/balance',
      permission: 'read',
      family: 'sending',
      async handle({ actor }) {
        const { available, reserved } = await desk.ask('balanceOf', { businessId: actor.businessId });
        return { available, reserved };
      },
    },
  ];
}

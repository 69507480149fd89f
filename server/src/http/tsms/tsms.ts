import type { FastifyInstance } from 'fastify';
import { takeRawBodies } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { DirectRoute } from '../direct-route.ts';
import { chargeRoutes } from './charge.ts';
import { sayError } from './errors.ts';
import { progressRoutes, sendRoutes } from './message.ts';
import { reviewRoutes } from './review.ts';
import { addRoutes, directRoute } from './route.ts';
import { signatureRoutes } from './signature.ts';
import { templateRoutes } from './template.ts';

/** Paths that are this dialect's, and where it says that there is nothing. */
const VERSIONS = ['/v1', '/v2'];

/** The tsms dialect (docs/dialects/tsms.md). */
export async function tsms(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  app.decorateRequest('tsmsActor', null);

  app.register(async (scope) => {
    takeRawBodies(scope, deps.limits.sendBodyBytes);
    addRoutes(scope, deps, sendRoutes(deps));
  });

  app.register(async (scope) => {
    takeRawBodies(scope, deps.limits.bodyBytes);
    const resources = [signatureRoutes, templateRoutes, reviewRoutes, progressRoutes, chargeRoutes];
    for (const routes of resources) addRoutes(scope, deps, routes(deps));
  });

  for (const prefix of VERSIONS) {
    app.register(
      async (scope) => {
        // Nothing is read of a body that nobody waits for, and whatever Fastify minds about it, nothing is here.
        scope.removeAllContentTypeParsers();
        scope.setErrorHandler((_error, _request, reply) => sayError(reply, 'ER:0404'));
        scope.setNotFoundHandler((_request, reply) => sayError(reply, 'ER:0404'));
      },
      { prefix },
    );
  }
}

/** What is also reached directly. */
export const tsmsDirectly = (deps: HttpDeps): DirectRoute[] =>
  sendRoutes(deps).map((route) => directRoute(deps, route));

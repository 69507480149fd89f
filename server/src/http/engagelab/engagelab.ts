import type { FastifyInstance, FastifyReply } from 'fastify';
import { takeRawBodies } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { DirectRoute } from '../direct-route.ts';
import { ENGAGELAB_PATHS, type EngagelabPath } from '../paths.ts';
import { balanceRoutes } from './balance.ts';
import { type Family, sayError } from './errors.ts';
import { messageRoutes, sendRoutes } from './messages.ts';
import { planRoutes } from './plans.ts';
import { addRoutes, directRoute } from './route.ts';
import { signConfigRoutes } from './sign-configs.ts';
import { templateConfigRoutes } from './template-configs.ts';

/** How each of the dialect's paths says that there is nothing, and that an id cannot even be read. */
const PLACES: Record<EngagelabPath, { family: Family; unreadable: string }> = {
  '/v1/template-configs': { family: 'config', unreadable: 'invalid templateId' },
  '/v1/sign-configs': { family: 'config', unreadable: 'invalid signId' },
  '/v1/messages': { family: 'sending', unreadable: 'invalid messageId' },
  '/v1/plans': { family: 'sending', unreadable: 'invalid planId' },
  '/v1/balance': { family: 'sending', unreadable: 'invalid path' },
};

/** The EngageLab dialect (docs/dialects/engagelab.md). */
export async function engagelab(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  app.decorateRequest('engagelabActor', null);

  app.register(async (scope) => {
    takeRawBodies(scope, deps.limits.sendBodyBytes);
    addRoutes(scope, deps, sendRoutes(deps));
  });

  app.register(async (scope) => {
    takeRawBodies(scope, deps.limits.bodyBytes);
    const resources = [signConfigRoutes, templateConfigRoutes, messageRoutes, planRoutes, balanceRoutes];
    for (const routes of resources) addRoutes(scope, deps, routes(deps));
  });

  for (const prefix of ENGAGELAB_PATHS) {
    const { family } = PLACES[prefix];
    app.register(
      async (scope) => {
        const nothingHere = (reply: FastifyReply) => sayError(reply, family, 'noRoute', 'not found');
        // Nothing is read of a body that nobody waits for, and whatever Fastify minds about it, nothing is here.
        scope.removeAllContentTypeParsers();
        scope.setErrorHandler((_error, _request, reply) => nothingHere(reply));
        scope.setNotFoundHandler((_request, reply) => nothingHere(reply));
      },
      { prefix },
    );
  }
}

/** Answers for a path that cannot be read; false when it would not have been one of this dialect's. */
export function refuseUnreadablePath(url: string, reply: FastifyReply): boolean {
  const path = ENGAGELAB_PATHS.find((prefix) => url.startsWith(`${prefix}/`));
  if (path === undefined) return false;
  const { family, unreadable } = PLACES[path];
  sayError(reply, family, 'parameters', unreadable);
  return true;
}

/** What is also reached directly. */
export const engagelabDirectly = (deps: HttpDeps): DirectRoute[] =>
  sendRoutes(deps).map((route) => directRoute(deps, route));

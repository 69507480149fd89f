import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Actor, Permission } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { anyContentType, type RawBody } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { DirectRoute } from '../direct-route.ts';
import { answerTo, type OwnAnswers, sayErrors } from './errors.ts';
import type { Query } from './page.ts';

/** A request whose sender is known. */
export interface Call {
  actor: Actor;
  /** Undefined for methods without a body. */
  body: RawBody | undefined;
  query: Query;
  headers: FastifyRequest['headers'];
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with its version, from the root. */
  url: string;
  /** What an API key needs to call it. */
  permission: Permission;
  /** Whether only root may call it. */
  rootOnly?: true;
  /** How it says refusals that mean something else here. */
  answers?: OwnAnswers;
  /** Returns what is sent with status 200: an object as JSON, or `ok`. */
  handle(call: Call): Promise<object | typeof OK>;
}

/** The whole answer of calls that have nothing to tell. */
export const OK = 'ok';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls a tsms route; null before that is known. */
    tsmsActor: Actor | null;
  }
}

/** Adds routes to a scope whose bodies come raw. Who calls is settled before anything of a body is read. */
export function addRoutes(scope: FastifyInstance, deps: HttpDeps, routes: readonly Route[]): void {
  for (const route of routes) {
    scope.route({
      method: route.method,
      url: route.url,
      onRequest: [signIn(deps, route), anyContentType],
      errorHandler: sayErrors(deps.log, route.answers),
      handler: (request, reply) => answer(route, request, reply),
    });
  }
}

/** A route as requests reach it directly; it must answer objects. */
export function directRoute(deps: HttpDeps, route: Route): DirectRoute {
  const { method, url } = route;
  return {
    method,
    url,
    async answer({ address, headers, body }) {
      try {
        const { authorization } = headers;
        const known = deps.authenticator.known(authorization, address, 'tsms', headers);
        const actor =
          known === null ? await admit(deps, route, authorization, address, headers) : permitted(route, known);
        return { status: 200, body: (await route.handle({ actor, body, query: {}, headers })) as object };
      } catch (error) {
        return answerTo(error, { method, url }, deps.log, route.answers);
      }
    },
  };
}

function signIn(deps: HttpDeps, route: Route): onRequestAsyncHookHandler {
  return async (request) => {
    request.tsmsActor = await admit(deps, route, request.headers.authorization, request.ip);
  };
}

async function admit(
  deps: HttpDeps,
  route: Route,
  authorization: string | undefined,
  address: string,
  keeper?: object,
): Promise<Actor> {
  return permitted(route, await deps.authenticator.authenticate(authorization, address, 'tsms', keeper));
}

/** @throws Refused when this actor may not call it */
function permitted(route: Route, actor: Actor): Actor {
  must(actor.permissions.includes(route.permission), { code: 'permissionMissing', permission: route.permission });
  must(!route.rootOnly || actor.admin, { code: 'adminOnly' });
  return actor;
}

async function answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const result = await route.handle({
    actor: request.tsmsActor!,
    body: request.body as RawBody | undefined,
    query: request.query as Query,
    headers: request.headers,
  });
  return result === OK ? reply.type('text/plain').send(OK) : reply.send(result);
}

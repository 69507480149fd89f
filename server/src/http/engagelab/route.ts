import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { Actor, Permission } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { anyContentType, type RawBody } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import type { DirectRoute } from '../direct-route.ts';
import { answerTo, type Family, sayErrors } from './errors.ts';

/** A request whose sender is known. */
export interface Call {
  actor: Actor;
  /** What the path names; the empty text when it names nothing. */
  id: string;
  /** Undefined for methods without a body. */
  body: RawBody | undefined;
  query: Readonly<Record<string, string | string[] | undefined>>;
  headers: FastifyRequest['headers'];
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path from the root; what it names is `:id`. */
  url: string;
  /** What an API key needs to call it. */
  permission: Permission;
  family: Family;
  /** Returns what is sent as JSON with status 200. */
  handle(call: Call): Promise<object>;
}

/** The answer of calls that have nothing to tell. */
export const SUCCESS = { code: 0, message: 'success' };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls an EngageLab route; null before that is known. */
    engagelabActor: Actor | null;
  }
}

/** Adds routes to a scope whose bodies come raw. Who calls is settled before anything of a body is read. */
export function addRoutes(scope: FastifyInstance, deps: HttpDeps, routes: readonly Route[]): void {
  for (const route of routes) {
    scope.route({
      method: route.method,
      url: route.url,
      onRequest: [signIn(deps, route), anyContentType],
      errorHandler: sayErrors(deps.log, route.family),
      handler: (request, reply) => answer(route, request, reply),
    });
  }
}

/** A route as requests reach it directly. */
export function directRoute(deps: HttpDeps, route: Route): DirectRoute {
  const { method, url, family } = route;
  return {
    method,
    url,
    async answer({ address, headers, body }) {
      try {
        const { authorization } = headers;
        const known = deps.authenticator.known(authorization, address, 'engagelab', headers);
        const actor =
          known === null ? await admit(deps, route, authorization, address, headers) : permitted(route, known);
        return { status: 200, body: await route.handle({ actor, id: '', body, query: {}, headers }) };
      } catch (error) {
        return answerTo(error, { method, url }, deps.log, family);
      }
    },
  };
}

function signIn(deps: HttpDeps, route: Route): onRequestAsyncHookHandler {
  return async (request) => {
    request.engagelabActor = await admit(deps, route, request.headers.authorization, request.ip);
  };
}

async function admit(
  deps: HttpDeps,
  route: Route,
  authorization: string | undefined,
  address: string,
  keeper?: object,
): Promise<Actor> {
  return permitted(route, await deps.authenticator.authenticate(authorization, address, 'engagelab', keeper));
}

/** @throws Refused when this actor may not call it */
function permitted(route: Route, actor: Actor): Actor {
  must(actor.permissions.includes(route.permission), { code: 'permissionMissing', permission: route.permission });
  return actor;
}

async function answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const result = await route.handle({
    actor: request.engagelabActor!,
    id: (request.params as { id?: string }).id ?? '',
    body: request.body as RawBody | undefined,
    query: request.query as Call['query'],
    headers: request.headers,
  });
  return reply.send(result);
}

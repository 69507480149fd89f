import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import type { HttpDeps } from '../deps.ts';
import { accountEndpoints } from './account.ts';
import { apiKeyEndpoints } from './api-keys.ts';
import { businessEndpoints } from './businesses.ts';
import { channelEndpoints } from './channels.ts';
import type { Endpoint } from './endpoint.ts';
import { NotJson, problemOfError, sendProblem } from './errors.ts';
import { eventEndpoints } from './events.ts';
import { inputOf } from './input.ts';
import { ledgerEndpoints } from './ledger.ts';
import { messageEndpoints } from './messages.ts';
import { openApiDocument } from './openapi.ts';
import { planEndpoints } from './plans.ts';
import { reviewQueueEndpoints } from './review-queue.ts';
import { signatureEndpoints } from './signatures.ts';
import { systemEndpoints } from './system.ts';
import { templateEndpoints } from './templates.ts';

const endpointsOf = (deps: HttpDeps): Endpoint[] => [
  ...accountEndpoints(deps.desk),
  ...businessEndpoints(deps.desk),
  ...apiKeyEndpoints(deps.desk, deps.clock),
  ...channelEndpoints(deps),
  ...planEndpoints(deps.desk),
  ...messageEndpoints(deps.desk),
  ...signatureEndpoints(deps.desk),
  ...templateEndpoints(deps.desk),
  ...reviewQueueEndpoints(deps.desk),
  ...eventEndpoints(deps.desk),
  ...ledgerEndpoints(deps.desk),
  ...systemEndpoints(deps.facts),
];

/** The native API (docs/native-api.md): what the command line and the console use. Registered under a prefix. */
export async function nativeApi(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const endpoints = endpointsOf(deps);

  app.setErrorHandler((error, request, reply) => sendProblem(reply, problemOfError(error, deps.log, request.id)));
  app.setNotFoundHandler((request, reply) => sendNotFound(app.prefix, endpoints, request, reply));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: deps.limits.bodyBytes },
    (_request, text, done) => {
      try {
        done(null, text === '' ? undefined : JSON.parse(text as string));
      } catch (error) {
        done(new NotJson(error instanceof Error ? error.message : ''), undefined);
      }
    },
  );

  for (const endpoint of endpoints) addRoute(app, deps, endpoint);
  const document = JSON.stringify(openApiDocument(endpoints, app.prefix, deps.facts.version));
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
}

function addRoute(app: FastifyInstance, deps: HttpDeps, endpoint: Endpoint): void {
  const params = inputOf(endpoint.params);
  const query = inputOf(endpoint.query);
  const body = inputOf(endpoint.body);
  const actors = new WeakMap<FastifyRequest, Actor>();
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    bodyLimit: deps.limits.bodyBytes,
    // Who asks is settled before a body is read.
    async onRequest(request, reply) {
      reply.header('cache-control', 'no-store');
      const actor = await deps.authenticator.authenticate(request.headers.authorization, request.ip);
      const { permission } = endpoint;
      must(!endpoint.admin || actor.admin, { code: 'adminOnly' });
      if (permission !== null) must(actor.permissions.includes(permission), { code: 'permissionMissing', permission });
      actors.set(request, actor);
    },
    async handler(request, reply) {
      const answer = await endpoint.handle({
        actor: actors.get(request)!,
        params: params(request.params),
        query: query(request.query),
        body: body(request.body === undefined ? {} : request.body),
      });
      return reply.code(endpoint.status).send(answer);
    },
  });
}

/** Tells a path that exists, asked in another way, from one that does not. */
function sendNotFound(
  prefix: string,
  endpoints: readonly Endpoint[],
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = request.url.split('?', 1)[0]!.slice(prefix.length);
  const methods = endpoints.filter((endpoint) => matches(endpoint.path, path)).map((endpoint) => endpoint.method);
  if (methods.length === 0) {
    return sendProblem(reply, {
      status: 404,
      code: 'routeNotFound',
      title: 'No such route',
      detail: `Check the path; ${prefix}/openapi.json lists every route.`,
    });
  }
  return sendProblem(reply.header('allow', methods.join(', ')), {
    status: 405,
    code: 'methodNotAllowed',
    title: 'Method not allowed',
    detail: `Use ${methods.join(' or ')} here.`,
  });
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i]);
}

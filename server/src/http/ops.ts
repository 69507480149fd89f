import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpDeps } from './deps.ts';
import { problemOfError, sendProblem } from './native/errors.ts';

/**
 * Routes for whoever operates the platform, and the answer to paths that belong to nobody. They ask for no login: a
 * probe or a scraper is on the same host or behind the same proxy, and they tell nothing about businesses, recipients
 * or texts (docs/native-api.md, "Health and metrics").
 */
export async function ops(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const { facts, log } = deps;

  app.setErrorHandler((error, request, reply) => sendProblem(reply, problemOfError(error, log, request.id)));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, {
      status: 404,
      code: 'routeNotFound',
      title: 'No such route',
      detail: 'Check the path; GET / tells where the APIs are.',
    }),
  );
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/', async () => ({
    name: 'signet',
    version: facts.version,
    native_api: '/api/v1',
    openapi: '/api/v1/openapi.json',
    dialects: { tsms: ['/v1', '/v2'] },
    health: '/healthz',
    readiness: '/readyz',
    metrics: '/metrics',
  }));

  app.get('/healthz', { exposeHeadRoute: true }, async () => ({ status: 'ok' }));

  app.get('/readyz', { exposeHeadRoute: true }, async (_request, reply) => {
    const readiness = await facts.ready();
    if (readiness.ready) return { status: 'ready' };
    return reply.code(503).send({ status: 'unready', reason: readiness.reason });
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await facts.metrics();
    return reply.type(contentType).send(text);
  });
}

/** What Fastify answers before any route is found: paths it cannot read. For its `frameworkErrors`. */
export function unreadablePath(deps: HttpDeps) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    sendProblem(reply, problemOfError(error, deps.log, request.id));
  };
}

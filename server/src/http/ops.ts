import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type BuiltConsole, type ConsoleFiles, sendPage, serveAssets, wantsPage } from './console.ts';
import type { HousePart, HttpDeps } from './deps.ts';
import { problemOfError, sendProblem } from './native/errors.ts';
import { ENGAGELAB_PATHS, TSMS_PATHS } from './paths.ts';

/**
 * Routes for whoever operates the platform, the console's pages, and the answer to paths that belong to nobody. They ask
 * for no login: a probe or a scraper is on the same host or behind the same proxy, and they tell nothing about
 * businesses, recipients or texts (docs/native-api.md, "Health and metrics").
 */
export async function ops(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const { facts, log, builtConsole } = deps;

  app.setErrorHandler((error, request, reply) => sendProblem(reply, problemOfError(error, log, request.id)));
  app.setNotFoundHandler(async (request, reply) => {
    const built = await consoleFor(builtConsole, request);
    return built === null ? pathNotFound(request, reply) : sendPage(reply, built);
  });
  if (builtConsole !== null) serveAssets(app, builtConsole, pathNotFound);
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/', async (request, reply) => {
    const built = await consoleFor(builtConsole, request);
    if (built !== null) return sendPage(reply, built);
    return reply.header('vary', 'accept').send({
      name: 'signet',
      version: facts.version,
      console: builtConsole === null ? null : '/',
      native_api: '/api/v1',
      openapi: '/api/v1/openapi.json',
      dialects: { tsms: TSMS_PATHS, engagelab: ENGAGELAB_PATHS },
      health: '/healthz',
      readiness: '/readyz',
      metrics: '/metrics',
    });
  });

  app.get('/healthz', { exposeHeadRoute: true }, async () => ({ status: 'ok' }));

  app.get('/readyz', { exposeHeadRoute: true }, async (_request, reply) => {
    const { ready, reason, parts } = await facts.ready();
    const said = { status: ready ? 'ready' : 'unready', ...(!ready && { reason }), parts: partsSaid(parts) };
    return reply.code(ready ? 200 : 503).send(said);
  });

  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await facts.metrics();
    return reply.type(contentType).send(text);
  });
}

/** Without addresses, since whoever asks need not say who they are. */
const partsSaid = (parts: readonly HousePart[]): Record<string, object> =>
  Object.fromEntries(
    parts.map(({ name, kind, reachable, reason }) => {
      const state = reachable === null ? 'none' : reachable ? 'reachable' : 'away';
      return [name, { kind, state, ...(reason !== '' && { reason }) }];
    }),
  );

/** The console whose page is the answer, to a person at one of its addresses; null for everybody and everything else. */
async function consoleFor(files: ConsoleFiles | null, request: FastifyRequest): Promise<BuiltConsole | null> {
  return files !== null && wantsPage(request) && files.hasPage(request.url) ? files.current() : null;
}

const pathNotFound = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendProblem(reply, {
    status: 404,
    code: 'pathNotFound',
    title: 'No such route',
    detail: 'Check the path; GET / tells where the APIs are.',
  });

/** What Fastify answers before any route is found: paths it cannot read. For its `frameworkErrors`. */
export function unreadablePath(deps: HttpDeps) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    sendProblem(reply, problemOfError(error, deps.log, request.id));
  };
}

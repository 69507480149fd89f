import Fastify, { type FastifyInstance } from 'fastify';
import { answerBrokenRequest } from './broken-requests.ts';
import { callbacks } from './callbacks.ts';
import type { HttpDeps } from './deps.ts';
import { takeDirectly } from './direct/direct.ts';
import { engagelab, engagelabDirectly, refuseUnreadablePath } from './engagelab/engagelab.ts';
import { nativeApi } from './native/api.ts';
import { ops, unreadablePath } from './ops.ts';
import { measureRequests, RequestMeters } from './request-metrics.ts';
import { endSlowBodies, FILE_MS } from './slow-bodies.ts';
import { sayError } from './tsms/errors.ts';
import { tsms, tsmsDirectly } from './tsms/tsms.ts';

/**
 * The HTTP server with all its dialects, or only what operators' tools ask; the caller makes it listen.
 */
export function createHttpServer(deps: HttpDeps, what: 'everything' | 'operators' = 'everything'): FastifyInstance {
  const app = Fastify({
    logger: false,
    // Without one, the address is that of the connection, whatever a header says.
    trustProxy: deps.trustedProxies.length > 0 && [...deps.trustedProxies],
    bodyLimit: deps.limits.sendBodyBytes,
    forceCloseConnections: 'idle',
    // What was begun before a stop is answered like any other request, in its dialect's words.
    return503OnClosing: false,
    requestTimeout: FILE_MS,
    // Every dialect validates and words its own input.
    exposeHeadRoutes: false,
    // Ids of any length get a dialect's answer; how long a path may be, Node limits.
    routerOptions: { maxParamLength: 16_384 },
    clientErrorHandler: answerBrokenRequest,
    // A path that cannot be read never reaches a dialect, so it is told whose it would have been here.
    frameworkErrors(error, request, reply) {
      if (refuseUnreadablePath(request.url, reply)) return;
      if (/^\/v[12]\//.test(request.url)) sayError(reply, 'ER:0404');
      else unreadablePath(deps)(error, request, reply);
    },
  });
  endSlowBodies(app.server, deps.clock);
  const meters = new RequestMeters(deps.metrics);
  measureRequests(app, meters);
  // Whoever keeps connections must not find them closed under its next request.
  app.addHook('onRequest', (_request, reply, done) => {
    if (deps.stopping()) reply.header('connection', 'close');
    done();
  });
  app.register(ops, deps);
  if (what === 'operators') return app;
  app.register(callbacks, deps);
  app.register(nativeApi, { ...deps, prefix: '/api/v1' });
  app.register(tsms, deps);
  app.register(engagelab, deps);
  const { clock } = deps;
  const stopping = () => deps.stopping();
  const endDirect = takeDirectly(app.server, [...tsmsDirectly(deps), ...engagelabDirectly(deps)], {
    clock,
    meters,
    stopping,
  });
  app.addHook('preClose', async () => endDirect());
  return app;
}

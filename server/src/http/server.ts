import Fastify, { type FastifyInstance } from 'fastify';
import type { HttpDeps } from './deps.ts';
import { nativeApi } from './native/api.ts';
import { ops, unreadablePath } from './ops.ts';
import { measureRequests } from './request-metrics.ts';
import { sayError } from './tsms/errors.ts';
import { tsms } from './tsms/tsms.ts';

/** The HTTP server with all its dialects; the caller makes it listen. */
export function createHttpServer(deps: HttpDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: deps.limits.sendBodyBytes,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    // Every dialect validates and words its own input.
    exposeHeadRoutes: false,
    // A path that cannot be read never reaches a dialect, so it is told whose it would have been here.
    frameworkErrors(error, request, reply) {
      if (/^\/v[12]\//.test(request.url)) sayError(reply, 'ER:0404');
      else unreadablePath(deps)(error, request, reply);
    },
  });
  measureRequests(app, deps.metrics);
  app.register(ops, deps);
  app.register(nativeApi, { ...deps, prefix: '/api/v1' });
  app.register(tsms, deps);
  return app;
}

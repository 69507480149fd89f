import Fastify, { type FastifyInstance } from 'fastify';
import type { HttpDeps } from './deps.ts';
import { nativeApi } from './native/api.ts';
import { ops } from './ops.ts';
import { measureRequests } from './request-metrics.ts';
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
  });
  measureRequests(app, deps.metrics);
  app.register(ops, deps);
  app.register(nativeApi, { ...deps, prefix: '/api/v1' });
  app.register(tsms, deps);
  return app;
}

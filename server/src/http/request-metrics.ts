import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify';
import type { Counter, Metrics } from '../lib/metrics.ts';
import { ENGAGELAB_PATHS, TSMS_PATHS } from './paths.ts';

const BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The first prefix that fits counts. */
const DIALECTS: readonly (readonly [prefix: string, dialect: string])[] = [
  ...ENGAGELAB_PATHS.map((path) => [path, 'engagelab'] as const),
  ...TSMS_PATHS.map((path) => [`${path}/`, 'tsms'] as const),
  ['/api/v1/', 'native'],
];

/**
 * Counts answers and how long they took, by dialect, method, route pattern and status. Call it before the routes are
 * added. Each route gets a hook that already holds its own counters, so a request looks nothing up by name.
 */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat().join(',');
    route.onResponse = [...[route.onResponse ?? []].flat(), meter(metrics, methods, route.url)];
  });
  const unmatched = meter(metrics, 'any', 'none');
  app.addHook('onResponse', function (request, reply, done) {
    if (request.is404) unmatched.call(this, request, reply, done);
    else done();
  });
}

function meter(metrics: Metrics, method: string, route: string): onResponseHookHandler {
  const dialect = DIALECTS.find(([prefix]) => route.startsWith(prefix))?.[1] ?? 'none';
  const labels = { dialect, method, route };
  const duration = metrics.histogram(
    'signet_http_request_duration_seconds',
    'Time from the request to the end of its answer.',
    BOUNDS_S,
    labels,
  );
  const byStatus = new Map<number, Counter>();
  return (_request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { statusCode } = reply;
    let answers = byStatus.get(statusCode);
    if (answers === undefined) {
      answers = metrics.counter('signet_http_requests_total', 'Requests answered.', {
        ...labels,
        status: String(statusCode),
      });
      byStatus.set(statusCode, answers);
    }
    answers.add();
    duration.observe(reply.elapsedTime / 1_000);
    done();
  };
}

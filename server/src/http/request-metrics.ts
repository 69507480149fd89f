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

/** Counts the answers of one route. */
export interface Meter {
  answered(status: number, tookMs: number): void;
}

/** The meters of routes, by dialect, method, route pattern and status. */
export class RequestMeters {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** The meter of a route; to be asked for once, since a request looks nothing up by name. */
  of(method: string, route: string): Meter {
    const dialect = DIALECTS.find(([prefix]) => route.startsWith(prefix))?.[1] ?? 'none';
    const labels = { dialect, method, route };
    const duration = this.#metrics.histogram(
      'signet_http_request_duration_seconds',
      'Time from the request to the end of its answer.',
      BOUNDS_S,
      labels,
    );
    const byStatus = new Map<number, Counter>();
    return {
      answered: (status, tookMs) => {
        let answers = byStatus.get(status);
        if (answers === undefined) {
          answers = this.#metrics.counter('signet_http_requests_total', 'Requests answered.', {
            ...labels,
            status: String(status),
          });
          byStatus.set(status, answers);
        }
        answers.add();
        duration.observe(tookMs / 1_000);
      },
    };
  }
}

/** Counts what Fastify answers. Call it before the routes are added: each gets a hook that holds its own meter. */
export function measureRequests(app: FastifyInstance, meters: RequestMeters): void {
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat().join(',');
    route.onResponse = [...[route.onResponse ?? []].flat(), told(meters.of(methods, route.url))];
  });
  const unmatched = told(meters.of('any', 'none'));
  app.addHook('onResponse', function (request, reply, done) {
    if (request.is404) unmatched.call(this, request, reply, done);
    else done();
  });
}

function told(meter: Meter): onResponseHookHandler {
  return (_request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    meter.answered(reply.statusCode, reply.elapsedTime);
    done();
  };
}

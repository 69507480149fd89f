import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../domain/credential.ts';
import { maskNumber } from '../../lib/log.ts';
import type { Desk } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { expectFile } from '../slow-bodies.ts';
import { accountEndpoints } from './account.ts';
import { apiKeyEndpoints } from './api-keys.ts';
import { auditEndpoints } from './audit.ts';
import { businessEndpoints } from './businesses.ts';
import { cdrEndpoints } from './cdr.ts';
import { cdrDifferenceEndpoints } from './cdr-differences.ts';
import { channelFactsEndpoints } from './channel-facts.ts';
import { channelLogEndpoints } from './channel-log.ts';
import { channelEndpoints } from './channels.ts';
import { costEndpoints } from './costs.ts';
import { draftEndpoints } from './drafts.ts';
import type { Endpoint } from './endpoint.ts';
import { NotJson, problemOfError, sendProblem } from './errors.ts';
import { eventEndpoints } from './events.ts';
import { figureEndpoints } from './figures.ts';
import { inboundEndpoints } from './inbound.ts';
import { inputOf } from './input.ts';
import { ledgerEndpoints } from './ledger.ts';
import { liveEndpoints } from './live.ts';
import { maskerOf } from './masks.ts';
import { memberEndpoints } from './members.ts';
import { messageEndpoints } from './messages.ts';
import { openApiDocument } from './openapi.ts';
import { overviewEndpoints } from './overview.ts';
import { pictureEndpoints } from './pictures.ts';
import { planEndpoints } from './plans.ts';
import { priceEndpoints } from './prices.ts';
import { queueEndpoints } from './queues.ts';
import { recipientListEndpoints } from './recipient-lists.ts';
import { reportEndpoints } from './reports.ts';
import { reviewQueueEndpoints } from './review-queue.ts';
import { routeFigureEndpoints } from './route-figures.ts';
import { routeEndpoints } from './routes.ts';
import { sendingEndpoints } from './sending.ts';
import { sessionEndpoints } from './session.ts';
import { settingsEndpoints } from './settings.ts';
import { signatureEndpoints } from './signatures.ts';
import { statementEndpoints } from './statement.ts';
import { systemEndpoints } from './system.ts';
import { taskEndpoints } from './tasks.ts';
import { templateEndpoints } from './templates.ts';
import { idempotencyKeyOf, takeFiles } from './upload.ts';
import { webhookEndpoints } from './webhooks.ts';
import { isPage, type Visit, whoAsks } from './who.ts';

/** Every route, as data. */
export const endpointsOf = (deps: HttpDeps): Endpoint[] => [
  ...accountEndpoints(deps.desk),
  ...sessionEndpoints(deps),
  ...memberEndpoints(deps),
  ...auditEndpoints(deps.desk),
  ...businessEndpoints(deps.desk),
  ...apiKeyEndpoints(deps.desk, deps.clock),
  ...channelEndpoints(deps),
  ...channelFactsEndpoints(deps),
  ...channelLogEndpoints(deps),
  ...costEndpoints(deps),
  ...cdrEndpoints(deps),
  ...cdrDifferenceEndpoints(deps),
  ...priceEndpoints(deps),
  ...routeFigureEndpoints(deps),
  ...routeEndpoints(deps),
  ...figureEndpoints(deps),
  ...overviewEndpoints(deps),
  ...statementEndpoints(deps),
  ...sendingEndpoints(deps),
  ...draftEndpoints(deps),
  ...planEndpoints(deps.desk),
  ...messageEndpoints(deps.desk),
  ...inboundEndpoints(deps.desk),
  ...recipientListEndpoints(deps.desk),
  ...reportEndpoints(deps.desk),
  ...signatureEndpoints(deps.desk),
  ...pictureEndpoints(deps.desk),
  ...templateEndpoints(deps),
  ...reviewQueueEndpoints(deps.desk),
  ...eventEndpoints(deps.desk),
  ...webhookEndpoints(deps),
  ...ledgerEndpoints(deps.desk),
  ...liveEndpoints(deps),
  ...taskEndpoints(deps),
  ...queueEndpoints(deps),
  ...settingsEndpoints(deps),
  ...systemEndpoints(deps.facts),
];

/** Characters of a request's path and query that the audit log keeps. */
const MAX_REQUEST_LENGTH = 1_000;

/** The native API (docs/native-api.md): what the command line and the console use. Registered under a prefix. */
export async function nativeApi(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const endpoints = endpointsOf(deps);

  app.setErrorHandler((error, request, reply) =>
    sendProblem(reply, problemOfError(error, deps.log, request.id), isPage(request)),
  );
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

  for (const endpoint of endpoints.filter(({ takesFile }) => !takesFile)) addRoute(app, deps, endpoint);
  app.register(async (scope) => {
    takeFiles(scope);
    for (const endpoint of endpoints.filter(({ takesFile }) => takesFile)) addRoute(scope, deps, endpoint);
  });
  const document = JSON.stringify(openApiDocument(endpoints, app.prefix, deps.facts.version));
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(document));
}

function addRoute(app: FastifyInstance, deps: HttpDeps, endpoint: Endpoint): void {
  const params = inputOf(endpoint.params);
  const query = inputOf(endpoint.query);
  const body = inputOf(endpoint.body);
  const mask = maskerOf(endpoint.answer);
  const mayHoldNumbers = mask !== null || endpoint.answerType === 'text/csv';
  const asked = new WeakMap<FastifyRequest, { actor: Actor | null; visit: Visit }>();
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    // A file has a limit of its own, kept where it is taken in.
    bodyLimit: endpoint.takesFile ? deps.limits.sendBodyBytes : deps.limits.bodyBytes,
    // Who asks is settled before a body is read.
    async onRequest(request, reply) {
      reply.header('cache-control', 'no-store');
      asked.set(request, await whoAsks(deps, endpoint, request, reply));
      if (endpoint.takesFile && !isJson(request)) expectFile(request.raw);
    },
    async handler(request, reply) {
      const file = request.body instanceof Readable ? request.body : null;
      const { actor, visit } = asked.get(request)!;
      const whole = !mayHoldNumbers || actor?.session == null || (await revealed(deps.desk, endpoint, request, actor));
      const shown = <T>(piece: T): T => (whole || mask === null ? piece : mask(piece));
      const answer = await endpoint.handle({
        // Only routes for anybody have none, and they do not look.
        actor: actor!,
        visit,
        shown,
        shownNumber: (number) => (whole ? number : maskNumber(number)),
        params: params(request.params),
        query: query(request.query),
        body: file === null ? body(request.body === undefined ? {} : request.body) : {},
        file,
        idempotencyKey: idempotencyKeyOf(request.headers),
        lastEventId: lastEventIdOf(request),
        admittedStill: async () => void (await whoAsks(deps, endpoint, request, reply)),
      });
      if (endpoint.answerType === 'text/event-stream') {
        // A proxy that gathers answers would hold back what is told now; and a stream that ends leaves nothing open.
        reply.header('x-accel-buffering', 'no').header('connection', 'close');
      }
      if (endpoint.answerType !== 'application/json') reply.type(`${endpoint.answerType}; charset=utf-8`);
      return reply.code(endpoint.status).send(answer instanceof Readable ? answer : shown(answer));
    },
  });
}

/** Whether a session asks to see numbers whole, and may; then that is logged before anything is shown. @throws Refused */
async function revealed(desk: Desk, endpoint: Endpoint, request: FastifyRequest, actor: Actor): Promise<boolean> {
  if (!endpoint.wholeNumbers && request.headers['x-reveal-numbers'] !== 'yes') return false;
  await desk.do('noteReveal', { actor, request: `${request.method} ${request.url.slice(0, MAX_REQUEST_LENGTH)}` });
  return true;
}

const lastEventIdOf = ({ headers }: FastifyRequest): string | null => {
  const given = headers['last-event-id'];
  return typeof given === 'string' && given !== '' ? given : null;
};

const isJson = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.startsWith('application/json') ?? true;

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
      code: 'pathNotFound',
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

import type { FastifyInstance, FastifyReply } from 'fastify';
import { CALLBACK_PATH } from '../domain/channel.ts';
import { anyContentType, type RawBody, takeRawBodies } from './body.ts';
import type { HttpDeps } from './deps.ts';

const MAX_CALLBACK_OCTETS = 1 << 20;

interface CallbackRoute {
  Params: { token: string; about?: string };
  Querystring: Record<string, unknown>;
}

/**
 * Where carriers report over HTTP (docs/channels-http.md). The address holds a secret; an answer of 2xx means that what was
 * told is on disk.
 */
export async function callbacks(app: FastifyInstance, { callbacks, log }: HttpDeps): Promise<void> {
  takeRawBodies(app, MAX_CALLBACK_OCTETS);
  app.setErrorHandler((error, request, reply) => {
    log.error({ err: error, requestId: request.id }, 'a callback failed');
    return say(reply, { status: 500, type: 'text/plain', body: 'internal server error' });
  });
  for (const [path, about] of [
    ['/:token', 'reports'],
    ['/:token/inbound', 'inbound'],
  ] as const) {
    app.route<CallbackRoute>({
      method: ['GET', 'POST', 'PUT'],
      url: CALLBACK_PATH + path,
      // Whose it is, is settled before a body is read.
      onRequest: [
        async (request, reply) => {
          const status = await callbacks.admit(request.params.token, request.ip);
          if (status !== 200)
            return say(reply, { status, type: 'text/plain', body: status === 404 ? 'not found' : 'forbidden' });
        },
        anyContentType,
      ],
      async handler(request, reply) {
        const body = (request.body ?? NOTHING) as RawBody;
        if (body === 'tooLarge') return say(reply, { status: 413, type: 'text/plain', body: 'too large' });
        if (body === 'noRoom')
          return say(reply, { status: 503, type: 'text/plain', body: 'try again later', retryAfterS: 1 });
        const answer = await callbacks.take(request.params.token, {
          about,
          headers: textsOf(request.headers),
          query: textsOf(request.query),
          body,
        });
        return say(reply, answer);
      },
    });
  }
}

const NOTHING = Buffer.alloc(0);

/** Of what came several times, the first. */
const textsOf = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  );

function say(
  reply: FastifyReply,
  { status, type, body, retryAfterS }: { status: number; type: string; body: string; retryAfterS?: number },
): FastifyReply {
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  return reply.code(status).type(`${type}; charset=utf-8`).send(body);
}

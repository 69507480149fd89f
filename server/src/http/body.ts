import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';

/**
 * What became of a request's body: its octets, or why there are none.
 * - `tooLarge`: over the route's limit.
 * - `noRoom`: the house holds as many octets of unfinished bodies as it may.
 */
export type RawBody = Buffer | 'tooLarge' | 'noRoom';

/** Octets of bodies in many pieces that may be held at once, so that many large uploads together cannot use up memory. */
const ROOM_BYTES = 256 * 1024 * 1024;
let heldBytes = 0;

/**
 * Hands every body of the scope's routes to its handler as octets: `request.body` is a {@link RawBody}, undefined only
 * for methods without a body. The rest of a body that is not taken is read and dropped, so that a client which sends
 * before it listens still sees the answer; the server's request timeout ends what never ends.
 *
 * Routes also need {@link anyContentType}.
 */
export function takeRawBodies(scope: FastifyInstance, limitBytes: number): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', (_request, payload, done) => {
    collect(payload, limitBytes, (body) => done(null, body));
  });
}

/** Makes Fastify hand on a body whatever content type it claims, or misspells, or leaves out. */
export const anyContentType: onRequestHookHandler = (request, _reply, done) => {
  request.raw.headers['content-type'] = 'application/json';
  done();
};

/** Calls back once, unless the client goes away before its body has ended. */
function collect(payload: IncomingMessage, limitBytes: number, done: (body: RawBody) => void): void {
  if (Number(payload.headers['content-length']) > limitBytes) {
    payload.resume();
    done('tooLarge');
    return;
  }
  const pieces: Buffer[] = [];
  let received = 0;
  let held = 0;

  const finish = (body: RawBody | null): void => {
    payload.off('data', onData).off('end', onEnd).off('error', onError);
    heldBytes -= held;
    pieces.length = 0;
    if (body === 'tooLarge' || body === 'noRoom') payload.resume();
    if (body !== null) done(body);
  };
  const onData = (piece: Buffer): void => {
    received += piece.length;
    if (received > limitBytes) {
      finish('tooLarge');
      return;
    }
    // Nearly every body comes in one piece and is gone in the same turn: only longer ones are counted.
    if (pieces.length > 0) {
      if (heldBytes + received - held > ROOM_BYTES) {
        finish('noRoom');
        return;
      }
      heldBytes += received - held;
      held = received;
    }
    pieces.push(piece);
  };
  const onEnd = (): void => finish(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, received));
  const onError = (): void => finish(null);
  payload.on('data', onData).on('end', onEnd).on('error', onError);
}

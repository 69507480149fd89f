import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';

/**
 * What became of a request's body: its octets, or why there are none.
 * - `tooLarge`: over the route's limit.
 * - `noRoom`: the house holds as many octets of unfinished bodies as it may.
 */
export type RawBody = Buffer | 'tooLarge' | 'noRoom';

/** Where unfinished bodies wait: bounded, so that many large uploads together cannot use up memory. */
export class BodyRoom {
  readonly #capacityBytes: number;
  #heldBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** Takes room for so many octets more; false when there is not so much. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#capacityBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** The room all dialects share. */
const HOUSE_ROOM = new BodyRoom(256 * 1024 * 1024);

/**
 * Hands every body of the scope's routes to its handler as octets: `request.body` is a {@link RawBody}, undefined only
 * for methods without a body. The rest of a body that is not taken is read and dropped, so that a client which sends
 * before it listens still sees the answer; the server's request timeout ends what never ends.
 *
 * Routes also need {@link anyContentType}.
 */
export function takeRawBodies(scope: FastifyInstance, limitBytes: number, room = HOUSE_ROOM): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', (_request, payload, done) => {
    collect(payload, limitBytes, room, (body) => done(null, body));
  });
}

/** Makes Fastify hand on a body whatever content type it claims, or misspells, or leaves out. */
export const anyContentType: onRequestHookHandler = (request, _reply, done) => {
  request.raw.headers['content-type'] = 'application/json';
  done();
};

/** Calls back once, unless the client goes away before its body has ended. */
function collect(payload: IncomingMessage, limitBytes: number, room: BodyRoom, done: (body: RawBody) => void): void {
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
    room.giveBack(held);
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
      if (!room.take(received - held)) {
        finish('noRoom');
        return;
      }
      held = received;
    }
    pieces.push(piece);
  };
  const onEnd = (): void => finish(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, received));
  const onError = (): void => finish(null);
  payload.on('data', onData).on('end', onEnd).on('error', onError);
}

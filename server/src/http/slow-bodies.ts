import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../lib/clock.ts';

/** How long a body may take to come in. */
const BODY_MS = 60_000;
/** How long a file may: Node ends what is slower. */
export const FILE_MS = 30 * 60_000;
const LOOK_EVERY_MS = 5_000;
/** As Node says it when its own limit is over. */
const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

const files = new WeakSet<IncomingMessage>();

/** The body of this request is a file and may take {@link FILE_MS}. */
export const expectFile = (request: IncomingMessage): void => void files.add(request);

/**
 * Ends requests whose bodies come too slowly. Node knows one limit for all, and files need more than anything else
 * should have. Connections are looked at now and then, so that a request costs no timer.
 */
export function endSlowBodies(server: Server, clock: Clock): void {
  /** The latest request of each connection. */
  const latest = new Map<Socket, IncomingMessage>();
  /** Requests that were still coming in when they were first looked at. */
  const since = new WeakMap<IncomingMessage, number>();
  server.on('request', (request: IncomingMessage) => {
    const { socket } = request;
    if (!latest.has(socket)) socket.once('close', () => latest.delete(socket));
    latest.set(socket, request);
  });
  const look = () => {
    const now = clock.monotonic();
    for (const [socket, request] of latest) {
      if (request.complete || files.has(request)) continue;
      const first = since.get(request) ?? now;
      since.set(request, first);
      if (now - first >= BODY_MS) socket.end(TOO_SLOW, () => socket.destroy());
    }
    timer = clock.setTimer(look, LOOK_EVERY_MS);
  };
  let timer = clock.setTimer(look, LOOK_EVERY_MS);
  server.once('close', () => timer.cancel());
}

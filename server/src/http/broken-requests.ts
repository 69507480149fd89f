import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ENGAGELAB_PATHS, TSMS_PATHS } from './paths.ts';

const DETAILS: Readonly<Record<number, string>> = {
  400: 'What came is no HTTP request.',
  408: 'The request did not come in time.',
  431: 'The headers are larger than the server takes.',
};

/** What Node says when it cannot make a request of what a connection brings; `rawPacket` is a Buffer where there is one. */
type ClientError = Error & { code?: string; rawPacket?: unknown };

/**
 * Answers what never becomes a request, because its head is too large, comes too slowly or is no HTTP: in the shape of
 * the dialect its first line names, as far as that can be read, and ends the connection.
 */
export function answerBrokenRequest(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const { type, body } = wordsFor(pathOf(error.rawPacket), status);
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** The path of the request line, when that is what the octets begin with; else ''. */
function pathOf(packet: unknown): string {
  const line = Buffer.isBuffer(packet) ? packet.toString('latin1', 0, 512) : '';
  return /^[A-Z]+ (\/[^ ?\r\n]*)/.exec(line)?.[1] ?? '';
}

function wordsFor(path: string, status: number): { type: string; body: string } {
  const below = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  const what = STATUS_CODES[status]!;
  const json = (body: object) => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(body) });
  if (ENGAGELAB_PATHS.some(below)) return json({ code: status, message: what });
  if (TSMS_PATHS.some(below)) return json({ error: 'ER:0004', message: 'prams fail' });
  return {
    type: 'application/problem+json',
    body: JSON.stringify({
      type: 'urn:signet:problem:requestUnreadable',
      title: what,
      status,
      detail: DETAILS[status],
      code: 'requestUnreadable',
    }),
  };
}

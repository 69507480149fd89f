import type { FastifyReply } from 'fastify';

/** What a request is answered, whichever way it came: an object, sent as JSON. */
export interface Answer {
  status: number;
  body: object;
  /** Further fields, by their names in lower case. */
  headers?: Readonly<Record<string, string>>;
}

/** Sends an answer by way of Fastify. */
export function sendAnswer(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  if (headers !== undefined) reply.headers(headers);
  return reply.code(status).send(body);
}

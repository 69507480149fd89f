import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';

/** A request that came directly (http/direct/). */
export interface DirectRequest {
  /** The sender's IP address. */
  address: string;
  /** The same object as before when the same head came again. */
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A route that is also reached directly. */
export interface DirectRoute {
  method: string;
  /** Its path, from the root. */
  url: string;
  /** Answers what Fastify would have answered; never rejects. */
  answer(request: DirectRequest): Promise<Answer>;
}

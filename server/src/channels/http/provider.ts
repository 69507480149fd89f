import type { AnswerOutcome } from '../../domain/http-settings.ts';
import type { HttpExchange, HttpRequest } from '../../lib/http-client.ts';
import type { Outgoing } from '../channel.ts';

/** What a carrier's answer makes of a message. */
export interface Judgement {
  outcome: AnswerOutcome;
  /** The carrier's id; empty when it named none. */
  carrierId: string;
  error: string;
}

/** What the connector has to know of the API at the other end. */
export interface Provider {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Whether the carrier knows a request again: then one whose answer was lost is made again, and harms nobody. */
  readonly repeatable: boolean;
  /** Hands over one message; `null` and why when it never can be. */
  request(message: Outgoing): HttpRequest | { never: string };
  judge(answer: Extract<HttpExchange, { kind: 'answered' }>): Judgement;
}

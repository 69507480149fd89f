import { judgeAnswer } from '../../domain/http-answer.ts';
import { renderRequest } from '../../domain/http-request.ts';
import type { HttpSettings } from '../../domain/http-settings.ts';
import { messageId } from '../../domain/message.ts';
import { callingCodeFor } from '../../domain/recipient.ts';
import type { HttpExchange } from '../../lib/http-client.ts';
import type { Outgoing } from '../channel.ts';
import { pathOf, readBody } from './body.ts';
import type { Provider } from './provider.ts';

/** A carrier whose API is described by settings. */
export class GenericProvider implements Provider {
  readonly origin: string;
  readonly repeatable: boolean;
  readonly #settings: HttpSettings;
  readonly #callbackUrl: string;

  /** @param callbackUrl where the carrier is to report; empty when this installation does not know its own address */
  constructor(settings: HttpSettings, callbackUrl: string) {
    this.#settings = settings;
    this.#callbackUrl = callbackUrl;
    this.repeatable = settings.idempotent;
    this.origin = new URL(settings.url).origin;
  }

  request({ planId, index, recipient, text, lane, content }: Outgoing) {
    const { method, url, headers, body } = renderRequest(this.#settings, {
      recipient,
      callingCode: callingCodeFor(recipient),
      text,
      signature: content?.signatureText ?? '',
      category: lane,
      reference: messageId(planId, index),
      callbackUrl: this.#callbackUrl,
    });
    return { method, path: pathOf(url), headers, body };
  }

  judge({ status, body }: Extract<HttpExchange, { kind: 'answered' }>) {
    return judgeAnswer(this.#settings, { status, body: body === null ? undefined : readBody(body) });
  }
}

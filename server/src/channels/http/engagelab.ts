import { engagelabRequest } from '../../domain/engagelab-request.ts';
import type { EngagelabSettings } from '../../domain/engagelab-settings.ts';
import { judgeEngagelab } from '../../domain/engagelab-words.ts';
import { messageId } from '../../domain/message.ts';
import type { HttpExchange } from '../../lib/http-client.ts';
import type { Outgoing } from '../channel.ts';
import { pathOf, readBody } from './body.ts';
import type { Provider } from './provider.ts';

/** Another platform that speaks the EngageLab dialect. */
export class EngagelabProvider implements Provider {
  readonly origin: string;
  readonly repeatable: boolean;
  readonly #settings: EngagelabSettings;

  constructor(settings: EngagelabSettings) {
    this.#settings = settings;
    this.repeatable = settings.idempotent;
    this.origin = new URL(settings.url).origin;
  }

  request({ planId, index, recipient, text, content, parameters }: Outgoing) {
    const reference = messageId(planId, index);
    const rendered = engagelabRequest(this.#settings, {
      recipient,
      text,
      templateId: content?.templateId ?? null,
      parameters: parameters ?? null,
      reference,
    });
    if ('never' in rendered) return rendered;
    const { method, url, headers, body } = rendered;
    return { method, path: pathOf(url), headers, body };
  }

  judge({ status, body }: Extract<HttpExchange, { kind: 'answered' }>) {
    return judgeEngagelab({ status, body: body === null ? undefined : readBody(body) });
  }
}

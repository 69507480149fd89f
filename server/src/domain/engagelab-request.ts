import type { EngagelabSettings } from './engagelab-settings.ts';
import type { RenderedRequest } from './http-request.ts';
import type { Parameters } from './template.ts';

/** The message a request hands over. */
export interface EngagelabMessage {
  recipient: number;
  /** As it would go on the air, signature included. */
  text: string;
  /** Our template; null when it is not known. */
  templateId: number | null;
  parameters: Parameters | null;
  /** Our id of the message. */
  reference: string;
}

/** POST /v1/messages for one message; `never` and why, when no template of the other side can carry it. */
export function engagelabRequest(
  settings: EngagelabSettings,
  message: EngagelabMessage,
): RenderedRequest | { never: string } {
  const template = templateFor(settings, message);
  if (template === null) {
    const ours = message.templateId ?? 'of an older version';
    return { never: `the channel has no template of the other side for template ${ours}, and none for whole texts` };
  }
  const { url, apiKey, apiSecret, idempotent, keyPrefix } = settings;
  const { reference } = message;
  return {
    method: 'POST',
    url: `${url.replace(/\/$/, '')}/v1/messages`,
    headers: {
      'user-agent': 'Signet',
      authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`,
      'content-type': 'application/json',
      ...(idempotent && { 'idempotency-key': `${keyPrefix}-${reference}` }),
    },
    body: JSON.stringify({ to: [`+${message.recipient}`], template, custom_args: { reference } }),
  };
}

function templateFor(
  { templates, template, variable }: EngagelabSettings,
  { templateId, parameters, text }: EngagelabMessage,
): { id: string; params: Parameters } | null {
  const mapped = templates[String(templateId)];
  if (mapped !== undefined) return { id: mapped, params: parameters ?? {} };
  return template === '' ? null : { id: template, params: { [variable]: text } };
}

import type { Category } from './category.ts';
import { callbackUrlOf, type KindAndSettings } from './channel.ts';
import { engagelabRequest } from './engagelab-request.ts';
import { type RenderedRequest, renderRequest } from './http-request.ts';
import { callingCodeFor } from './recipient.ts';
import { must } from './refusals.ts';
import type { Parameters } from './template.ts';

/** A message that is only thought of. */
export interface ImaginedMessage {
  recipient: number;
  text: string;
  signature: string;
  category: Category;
  templateId: number | null;
  parameters: Parameters | null;
}

const MASK = '***';
/** As an id of a message looks. */
const REFERENCE = '0'.repeat(23);

/**
 * The request by which a channel would hand over a message, with its secrets masked.
 * @throws Refused (invalidField) for a kind that makes no requests, and for a message this channel could never hand over
 */
export function previewRequest(
  channel: KindAndSettings,
  message: ImaginedMessage,
  publicUrl: string | null,
): RenderedRequest {
  const { recipient, text, templateId, parameters } = message;
  if (channel.kind === 'http') {
    const { http } = channel;
    const secrets = Object.fromEntries(Object.keys(http.secrets).map((name) => [name, MASK]));
    const request = renderRequest(
      { ...http, secrets },
      {
        ...message,
        callingCode: callingCodeFor(recipient),
        reference: REFERENCE,
        callbackUrl: callbackUrlOf(publicUrl, http.callbackToken),
      },
    );
    return http.auth.kind === 'basic' ? masked(request) : request;
  }
  must(channel.kind === 'engagelab', {
    code: 'invalidField',
    field: 'id',
    rule: 'a channel that speaks HTTP: this one makes no requests',
  });
  const request = engagelabRequest(channel.engagelab, {
    recipient,
    text,
    templateId,
    parameters,
    reference: REFERENCE,
  });
  if ('never' in request) must(false, { code: 'invalidField', field: 'template_id', rule: request.never });
  return masked(request as RenderedRequest);
}

const masked = (request: RenderedRequest): RenderedRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Basic ${MASK}` },
});

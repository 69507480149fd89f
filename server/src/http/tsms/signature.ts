import {
  checkSignatureText,
  PIC_MAX_LENGTH,
  PICS_MAX_COUNT,
  type Signature,
  SOURCE_MAX_LENGTH,
} from '../../domain/signature.ts';
import { codePoints } from '../../domain/template.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { listBody, readPage } from './page.ts';
import { OK, type Route } from './route.ts';
import { isGiven, type JsonObject, readInteger, readObject, readText } from './shape.ts';
import { auditStatus, seconds } from './words.ts';

/** /v1/signature: what a business may sign its texts with. */
export function signatureRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: '/v1/signature',
      permission: 'manage',
      async handle({ actor, body }) {
        const { text, source, pics } = readSignature(readObject(body));
        const { id } = await desk.do('createSignature', { actor, text, source, pics: pics ?? [] });
        return { sign_id: id };
      },
    },
    {
      method: 'GET',
      url: '/v1/signature',
      permission: 'read',
      async handle({ actor, query }) {
        const page = readPage(query);
        const { items, total } = await desk.ask('listSignatures', { businessId: actor.businessId, page });
        return listBody(items.map(show), total, page);
      },
    },
    {
      method: 'PUT',
      url: '/v1/signature',
      permission: 'manage',
      answers: { signatureNotFound: 'ER:0011' },
      async handle({ actor, body }) {
        const request = readObject(body);
        const id = readSignatureId(request);
        const { text, source, pics } = readSignature(request);
        await desk.do('editSignature', { actor, id, text, source, pics });
        return { sign_id: id };
      },
    },
    {
      method: 'DELETE',
      url: '/v1/signature',
      permission: 'manage',
      answers: { signatureNotFound: 'ER:0012', signatureInUse: 'ER:0012' },
      async handle({ actor, body }) {
        await desk.do('deleteSignature', { actor, id: readSignatureId(readObject(body)) });
        return OK;
      },
    },
  ];
}

function readSignatureId(request: JsonObject): number {
  const id = readInteger(request.sign_id);
  ensure(id !== null, 'ER:0004');
  return id;
}

/** What a signature is made of; `pics` is null when the request does not speak of them. */
function readSignature(request: JsonObject): { text: string; source: string; pics: string[] | null } {
  const text = request.signature;
  const source = readText(request.source, SOURCE_MAX_LENGTH);
  ensure(typeof text === 'string' && source !== null, 'ER:0004');
  checkSignatureText(text);
  return { text, source, pics: isGiven(request.pics) ? readPics(request.pics) : null };
}

function readPics(value: unknown): string[] {
  ensure(Array.isArray(value) && value.length <= PICS_MAX_COUNT, 'ER:0004');
  for (const pic of value) ensure(typeof pic === 'string' && codePoints(pic) <= PIC_MAX_LENGTH, 'ER:0004');
  return value;
}

function show(signature: Signature) {
  return {
    id: String(signature.id),
    signature: signature.text,
    source: signature.source,
    audit_status: auditStatus(signature.review),
    reject_reason: signature.rejectReason,
    created_at: seconds(signature.createdAt),
    updated_at: seconds(signature.updatedAt),
  };
}

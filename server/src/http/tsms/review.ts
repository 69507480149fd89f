import type { Verdict } from '../../domain/review.ts';
import { REASON_MAX_LENGTH } from '../../domain/signature.ts';
import { codePoints } from '../../domain/template.ts';
import type { HttpDeps } from '../deps.ts';
import { type ErrorCode, ensure } from './errors.ts';
import { OK, type Route } from './route.ts';
import { isGiven, type JsonObject, readInteger, readObject } from './shape.ts';
import { verdictOf } from './words.ts';

/** /v2/signreview and /v2/tempreview: root decides on signatures and templates. */
export function reviewRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: '/v2/signreview',
      permission: 'manage',
      rootOnly: true,
      answers: { signatureNotFound: 'ER:0004', signatureInUse: 'ER:0013' },
      async handle({ actor, body }) {
        const { id, verdict } = readReview(readObject(body), 'sign_id', 'ER:0013');
        await desk.do('reviewSignature', { actor, id, verdict });
        return OK;
      },
    },
    {
      method: 'POST',
      url: '/v2/tempreview',
      permission: 'manage',
      rootOnly: true,
      answers: { templateNotFound: 'ER:0004' },
      async handle({ actor, body }) {
        const { id, verdict } = readReview(readObject(body), 'temp_id', 'ER:0025');
        await desk.do('reviewTemplate', { actor, id, verdict });
        return OK;
      },
    },
  ];
}

function readReview(
  request: JsonObject,
  idField: 'sign_id' | 'temp_id',
  unknownWord: ErrorCode,
): { id: number; verdict: Verdict } {
  const id = readInteger(request[idField]);
  const word = request.audit_status;
  const reason = isGiven(request.reject_reason) ? request.reject_reason : '';
  ensure(id !== null && typeof word === 'string', 'ER:0004');
  ensure(typeof reason === 'string' && codePoints(reason) <= REASON_MAX_LENGTH, 'ER:0004');
  const state = verdictOf(word);
  ensure(state !== null, unknownWord);
  return { id, verdict: { state, reason } };
}

import { must } from '../../domain/refusals.ts';
import { bracketIn, SIGNATURE_MAX_LENGTH } from '../../domain/signature.ts';
import { codePoints } from '../../domain/template.ts';
import type { CountedSignature } from '../../services/signature.ts';
import type { RawBody } from '../body.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { type Route, SUCCESS } from './route.ts';
import { isGiven, readObject, readPathId } from './shape.ts';
import { seconds, status } from './words.ts';

const URL = '/v1/sign-configs';
const NAME_MIN_LENGTH = 2;

/** What this dialect knows nothing of: none on creation, kept on an edit. */
const NO_PROOF = { source: '', pics: [] };
const SAME_PROOF = { source: null, pics: null };

/** /v1/sign-configs: what a business may sign its texts with. */
export function signConfigRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'GET',
      url: URL,
      permission: 'read',
      family: 'config',
      async handle({ actor }) {
        return (await desk.ask('countedSignatures', { businessId: actor.businessId, id: null })).map(show);
      },
    },
    {
      method: 'GET',
      url: `${URL}/:id`,
      permission: 'read',
      family: 'config',
      async handle(call) {
        const [found] = await desk.ask('countedSignatures', {
          businessId: call.actor.businessId,
          id: readSignId(call.id),
        });
        must(found !== undefined, { code: 'signatureNotFound' });
        return show(found);
      },
    },
    {
      method: 'POST',
      url: URL,
      permission: 'manage',
      family: 'config',
      async handle({ actor, body }) {
        const text = readName(body);
        const { id } = await desk.do('createSignature', { actor, text, ...NO_PROOF, unique: true });
        return { ...SUCCESS, sign_id: String(id) };
      },
    },
    {
      method: 'PUT',
      url: `${URL}/:id`,
      permission: 'manage',
      family: 'config',
      async handle({ actor, id: named, body }) {
        const id = readSignId(named);
        await desk.do('editSignature', { actor, id, text: readName(body), ...SAME_PROOF, unique: true });
        return SUCCESS;
      },
    },
    {
      method: 'DELETE',
      url: `${URL}/:id`,
      permission: 'manage',
      family: 'config',
      async handle({ actor, id }) {
        await desk.do('deleteSignature', { actor, id: readSignId(id) });
        return SUCCESS;
      },
    },
  ];
}

const readSignId = (text: string): number => readPathId(text, 'invalid signId');

/** The name a body gives, without white space around it. */
function readName(body: RawBody | undefined): string {
  const given = readObject(body).sign_name;
  ensure(isGiven(given) && given !== '', 'sign_name is required');
  ensure(typeof given === 'string', 'sign_name must be a string');
  const name = given.trim();
  ensure(name !== '', 'sign_name is required');
  const length = codePoints(name);
  const fits = length >= NAME_MIN_LENGTH && length <= SIGNATURE_MAX_LENGTH;
  ensure(fits, `sign_name must have ${NAME_MIN_LENGTH} to ${SIGNATURE_MAX_LENGTH} characters`);
  const bracket = bracketIn(name);
  ensure(bracket === null, `sign_name must not contain "${bracket}"`);
  return name;
}

function show({ signature, templates }: CountedSignature) {
  return {
    sign_id: String(signature.id),
    sign_name: signature.text,
    status: status(signature.review),
    related_template_count: templates,
    audit_remark: signature.rejectReason,
    created_time: seconds(signature.createdAt),
    updated_time: seconds(signature.updatedAt),
  };
}

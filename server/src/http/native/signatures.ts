import Type, { type Static } from 'typebox';
import { must } from '../../domain/refusals.ts';
import { REVIEW_STATES } from '../../domain/review.ts';
import { PIC_MAX_LENGTH, PICS_MAX_COUNT, SIGNATURE_MAX_LENGTH, SOURCE_MAX_LENGTH } from '../../domain/signature.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, pageQuery, Time, word } from './fields.ts';
import { numberedPage } from './list.ts';
import { Verdict, verdictOf } from './review.ts';
import { ownerOf, sight } from './scope.ts';

export const signatureFields = {
  id: Id,
  business_id: Id,
  signature: Type.String({ description: 'its text, without brackets' }),
  source: Type.String({ description: 'whose it is, for the reviewer' }),
  pics: Type.Array(Type.String(), { description: 'proofs, for the reviewer' }),
  review: word(REVIEW_STATES),
  reject_reason: Type.String(),
  version: Type.Integer({ minimum: 1, description: 'rises with each edit' }),
  created_at: Time,
  updated_at: Time,
};
const SignatureBody = closed(signatureFields, { title: 'Signature' });

const Text = Type.String({
  minLength: 1,
  maxLength: SIGNATURE_MAX_LENGTH,
  description: `1 to ${SIGNATURE_MAX_LENGTH} characters without 【 】 [ ]`,
});
const Source = Type.String({
  minLength: 1,
  maxLength: SOURCE_MAX_LENGTH,
  description: `whose it is, for the reviewer: 1 to ${SOURCE_MAX_LENGTH} characters`,
});
const Pics = Type.Array(Type.String({ minLength: 1, maxLength: PIC_MAX_LENGTH }), {
  maxItems: PICS_MAX_COUNT,
  description: `at most ${PICS_MAX_COUNT} proofs: addresses of pictures`,
});

const NewSignature = closed({ signature: Text, source: Source, pics: Type.Optional(Pics) }, { title: 'NewSignature' });
const SignatureEdit = closed(
  { signature: Type.Optional(Text), source: Type.Optional(Source), pics: Type.Optional(Pics) },
  { title: 'SignatureEdit' },
);

const params = closed({ id: IdText });

/** A signature as answers show it. */
export const signatureView = (signature: NonNullable<QueryValue<'findSignature'>>): Static<typeof SignatureBody> => ({
  id: signature.id,
  business_id: signature.businessId,
  signature: signature.text,
  source: signature.source,
  pics: signature.pics,
  review: signature.review,
  reject_reason: signature.rejectReason,
  version: signature.version,
  created_at: isoTime(signature.createdAt),
  updated_at: isoTime(signature.updatedAt),
});

/** Who texts come from. The caller's own, or those of the business the administrator names. */
export const signatureEndpoints = (desk: Desk): Endpoint[] => {
  const find = async (businessId: number | null, id: number) => {
    const signature = await desk.ask('findSignature', { businessId, id });
    must(signature !== null, { code: 'signatureNotFound' });
    return signatureView(signature);
  };
  return [
    endpoint(
      'GET /signatures',
      {
        tag: 'signatures',
        summary: 'Signatures of a business, newest first',
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(SignatureBody),
      },
      async ({ actor, query }) => {
        const businessId = await ownerOf(desk, actor, query);
        return numberedPage(query, (page) => desk.ask('listSignatures', { businessId, page }), signatureView);
      },
    ),
    endpoint(
      'GET /signatures/:id',
      { tag: 'signatures', summary: 'One signature', params, answer: SignatureBody },
      async ({ actor, params }) => find(sight(actor), Number(params.id)),
    ),
    endpoint(
      'POST /signatures',
      {
        tag: 'signatures',
        summary: 'Create a signature, which waits for its review',
        body: NewSignature,
        status: 201,
        answer: SignatureBody,
      },
      async ({ actor, body }) => {
        const { signature: text, source, pics = [] } = body;
        const { id } = await desk.do('createSignature', { actor, text, source, pics, unique: true });
        return find(actor.businessId, id);
      },
    ),
    endpoint(
      'PATCH /signatures/:id',
      {
        tag: 'signatures',
        summary: 'Change a decided signature, which then waits for its review again',
        params,
        body: SignatureEdit,
        answer: SignatureBody,
      },
      async ({ actor, params, body }) => {
        const id = Number(params.id);
        const { signature } = await find(actor.businessId, id);
        const { signature: text = signature, source = null, pics = null } = body;
        await desk.do('editSignature', { actor, id, text, source, pics, unique: true });
        return find(actor.businessId, id);
      },
    ),
    endpoint(
      'DELETE /signatures/:id',
      { tag: 'signatures', summary: 'Take a signature away that nothing names any more', params, answer: null },
      async ({ actor, params }) => {
        await desk.do('deleteSignature', { actor, id: Number(params.id) });
      },
    ),
    endpoint(
      'POST /signatures/:id/review',
      {
        tag: 'review',
        summary: 'Approve or reject a signature',
        admin: true,
        params,
        body: Verdict,
        answer: SignatureBody,
      },
      async ({ actor, params, body }) => {
        const id = Number(params.id);
        await desk.do('reviewSignature', { actor, id, verdict: verdictOf(body) });
        return find(null, id);
      },
    ),
  ];
};

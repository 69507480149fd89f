import { must } from '../domain/refusals.ts';
import type { Verdict } from '../domain/review.ts';
import { type ApprovedSignature, checkSignatureText, type Signature } from '../domain/signature.ts';
import type { Page, Paged, Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/**
 * Creates a signature that waits for review. `unique` refuses a text that another live signature of the business has:
 * a rule of one dialect, which says it of what is made through it.
 */
export const createSignature = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; text: string; source: string; pics: string[]; unique?: boolean },
  ): Promise<{ id: number }> => {
    checkSignatureText(input.text);
    const { businessId } = input.actor;
    if (input.unique) await requireFreeText(tx, businessId, input.text, null);
    const id = await tx.signatures.insert({
      businessId,
      text: input.text,
      source: input.source,
      pics: input.pics,
      createdAt: ctx.now(),
    });
    await addEvent(tx, ctx, businessId, { kind: 'signature.changed', signatureId: id });
    return { id };
  },
);

/** Changes a decided signature, which then waits for review again. Null keeps the source or the pictures. */
export const editSignature = single(
  async (
    tx,
    ctx,
    input: {
      actor: ActorRef;
      id: number;
      text: string;
      source: string | null;
      pics: string[] | null;
      unique?: boolean;
    },
  ): Promise<{ id: number }> => {
    const signature = await ownSignature(tx, input.actor, input.id);
    must(!(await tx.plans.anyOpenNaming({ signatureId: input.id })), { code: 'signatureInUse' });
    must(signature.review !== 'pending', { code: 'signatureInReview' });
    checkSignatureText(input.text);
    if (input.unique) await requireFreeText(tx, input.actor.businessId, input.text, input.id);
    await tx.signatures.edit(input.id, {
      text: input.text,
      source: input.source ?? signature.source,
      pics: input.pics ?? signature.pics,
      updatedAt: ctx.now(),
    });
    await changed(tx, ctx, signature, 'signature.changed');
    return { id: input.id };
  },
);

/** Takes a signature away, unless a plan or a live template still names it. */
export const deleteSignature = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const signature = await ownSignature(tx, input.actor, input.id);
  must(!(await tx.plans.anyOpenNaming({ signatureId: input.id })), { code: 'signatureInUse' });
  must(!(await tx.templates.anyOfSignature(input.id)), { code: 'signatureNamedByTemplate' });
  await tx.signatures.delete(input.id, ctx.now());
  await changed(tx, ctx, signature, 'signature.deleted');
});

/** A reviewer's decision; a decided one may be decided again. */
export const reviewSignature = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; verdict: Verdict }): Promise<void> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const signature = await tx.signatures.byId(input.id);
    must(signature !== null, { code: 'signatureNotFound' });
    must(!(await tx.plans.anyOpenNaming({ signatureId: input.id })), { code: 'signatureInUse' });
    await tx.signatures.review(input.id, input.verdict, ctx.now());
    if (input.verdict.state === 'approved') {
      const { version, text, source, pics } = signature;
      const body = JSON.stringify({ text, source, pics } satisfies ApprovedSignature);
      await tx.approved.keep('signature', input.id, { version, body, at: ctx.now() });
    }
    ctx.hot.signatures.delete(input.id);
    await addEvent(tx, ctx, signature.businessId, {
      kind: 'signature.review',
      signatureId: input.id,
      ...input.verdict,
    });
  },
);

/** A business's signatures, newest first. */
export const listSignatures = (
  reader: Reader,
  input: { businessId: number; page: Page | null },
): Promise<Paged<Signature>> => reader.signatures.ofBusiness(input.businessId, input.page);

/** One signature; null when it is not the business's. A null business means any. */
export async function findSignature(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<Signature | null> {
  const signature = await reader.signatures.byId(input.id);
  return signature !== null && (input.businessId ?? signature.businessId) === signature.businessId ? signature : null;
}

/** A signature with how many live templates name it. */
export interface CountedSignature {
  signature: Signature;
  templates: number;
}

/** A business's signatures, newest first, or (given an id) that one alone, counted; empty when it is not the business's. */
export async function countedSignatures(
  reader: Reader,
  input: { businessId: number; id: number | null },
): Promise<CountedSignature[]> {
  const { businessId, id } = input;
  let signatures: Signature[];
  if (id === null) signatures = (await reader.signatures.ofBusiness(businessId, null)).items;
  else {
    const signature = await findSignature(reader, { businessId, id });
    signatures = signature === null ? [] : [signature];
  }
  const counts = await reader.templates.countBySignature(businessId, id);
  return signatures.map((signature) => ({ signature, templates: counts.get(signature.id) ?? 0 }));
}

async function requireFreeText(tx: Tx, businessId: number, text: string, except: number | null): Promise<void> {
  must(!(await tx.signatures.anyWithText(businessId, text, except)), { code: 'signatureTextTaken' });
}

async function ownSignature(tx: Tx, actor: ActorRef, id: number): Promise<Signature> {
  const signature = await tx.signatures.byId(id);
  must(signature !== null && signature.businessId === actor.businessId, { code: 'signatureNotFound' });
  return signature;
}

function changed(
  tx: Tx,
  ctx: Ctx,
  signature: Signature,
  kind: 'signature.changed' | 'signature.deleted',
): Promise<void> {
  ctx.hot.signatures.delete(signature.id);
  return addEvent(tx, ctx, signature.businessId, { kind, signatureId: signature.id });
}

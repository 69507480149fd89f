import { type Content, type PreparedContent, prepareContent } from '../domain/content.ts';
import { type Dialect, MISSED_REASONS, type MissedReason, type Plan } from '../domain/plan.ts';
import { must, Refused } from '../domain/refusals.ts';
import type { Brackets, Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import type { Tx } from '../store/store.ts';
import { hotBusiness, hotContent, hotSignature, hotTemplate } from './hot-rows.ts';
import type { PlanRequest } from './plan-request.ts';
import type { Ctx } from './verb.ts';

/** What a request names, found to be its sender's own and approved. */
export interface Admitted {
  template: Template;
  signature: Signature | null;
  brackets: Brackets;
}

/** Whose template and signature it is, and whether they may be sent: ownership before state, signature before template. */
export async function admit(
  tx: Tx,
  ctx: Ctx,
  request: Pick<PlanRequest, 'businessId' | 'dialect' | 'templateId' | 'signatureId'>,
): Promise<Admitted> {
  const business = await hotBusiness(tx, ctx, request.businessId);
  must(business !== null, { code: 'businessNotFound' });
  must(business.state === 'active', { code: 'businessSuspended' });
  const named = request.signatureId === undefined ? null : await hotSignature(tx, ctx, request.signatureId);
  if (request.signatureId !== undefined) {
    must(named?.businessId === business.id, { code: 'signatureNotFound' });
  }
  const template = await hotTemplate(tx, ctx, request.templateId);
  must(template?.businessId === business.id, { code: 'templateNotFound' });
  must(named === null || template.signatureId === named.id, { code: 'templateNotOfSignature' });
  const signature = named ?? (template.signatureId === null ? null : await hotSignature(tx, ctx, template.signatureId));
  must(signature === null || signature.review === 'approved', { code: 'signatureNotApproved' });
  must(template.review === 'approved', { code: 'templateNotApproved' });

  return { template, signature, brackets: BRACKETS_OF[request.dialect] };
}

/** How a dialect puts signatures on the air. */
const BRACKETS_OF: Record<Dialect, Brackets> = { tsms: 'fullWidth', engagelab: 'fitting', native: 'fitting' };

/** What template and signature say now. */
export function contentOf({ template, signature, brackets }: Admitted): Omit<Content, 'id'> {
  return {
    templateId: template.id,
    templateText: template.text,
    signatureText: signature?.text ?? '',
    placement: signature === null ? 'none' : template.placement,
    brackets,
    category: template.category,
  };
}

/** The stored content of a request that is admitted. The caller must not undo it alone: it is remembered. */
export async function prepare(tx: Tx, ctx: Ctx, admitted: Admitted): Promise<PreparedContent> {
  const { template, signature, brackets } = admitted;
  const signedBy = signature === null ? '' : `${signature.id}.${signature.version}`;
  const key = `${template.id}.${template.version}/${signedBy}/${brackets}`;
  let prepared = ctx.hot.contents.get(key);
  if (prepared === undefined) {
    const content = contentOf(admitted);
    prepared = prepareContent({ id: await tx.contents.insert(content, ctx.now()), ...content });
    ctx.hot.contents.set(key, prepared);
  }
  return prepared;
}

/** A staged plan with its content, admitted again: refused when what it names says something else by now. */
export async function staged(
  tx: Tx,
  ctx: Ctx,
  request: PlanRequest,
  planId: number,
): Promise<{ plan: Plan; prepared: PreparedContent }> {
  const now = contentOf(await admit(tx, ctx, request));
  const plan = await tx.plans.byId(planId);
  must(plan?.state === 'staged', { code: 'planNotFound' });
  const content = await hotContent(tx, ctx, plan.contentId);
  must(content !== null && isSame(content, now), { code: 'templateNotApproved' });
  return { plan, prepared: prepareContent(content) };
}

/** Why a plan that was accepted earlier may not be sent now; null when it may, with the content it was accepted with. */
export async function lostAdmission(tx: Tx, ctx: Ctx, plan: Plan): Promise<MissedReason | null> {
  const { businessId, dialect, templateId, signatureId } = plan;
  try {
    const now = contentOf(
      // Only a test has none, and that waits for no time.
      await admit(tx, ctx, {
        businessId,
        dialect,
        templateId: templateId!,
        ...(signatureId !== null && { signatureId }),
      }),
    );
    const content = await hotContent(tx, ctx, plan.contentId);
    return content !== null && isSame(content, now) ? null : 'templateNotApproved';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const reason = MISSED_REASONS.find((each) => each === error.refusal.code);
    if (reason === undefined) throw error;
    return reason;
  }
}

function isSame(content: Content, now: Omit<Content, 'id'>): boolean {
  return (
    content.templateText === now.templateText &&
    content.signatureText === now.signatureText &&
    content.placement === now.placement &&
    content.brackets === now.brackets &&
    content.category === now.category
  );
}

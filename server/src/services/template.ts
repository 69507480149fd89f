import type { Category } from '../domain/category.ts';
import { must } from '../domain/refusals.ts';
import type { Verdict } from '../domain/review.ts';
import type { Placement, Signature } from '../domain/signature.ts';
import type { ApprovedTemplate, Template } from '../domain/template.ts';
import type { Page, Paged, Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** What a template is made of. Null keeps what an edit does not speak of. */
export interface TemplateFields {
  signatureId: number | null;
  /** Null also: a prefix where the template has had no signature. */
  placement: Placement | null;
  name: string;
  text: string;
  category: Category;
  description: string | null;
  countryCodes: string | null;
}

/** Creates a template that waits for review. Its signature must be the business's own and approved. */
export const createTemplate = single(
  async (tx, ctx, input: { actor: ActorRef; fields: TemplateFields }): Promise<{ id: number }> => {
    const { businessId } = input.actor;
    if (input.fields.signatureId !== null) {
      await requireOwnSignature(tx, businessId, input.fields.signatureId);
      await requireApprovedSignature(tx, input.fields.signatureId);
    }
    const business = await tx.businesses.byId(businessId);
    must(business !== null, { code: 'businessNotFound' });
    const id = await tx.templates.insert({
      ...input.fields,
      businessId,
      placement: placementOf(input.fields, null),
      description: input.fields.description ?? '',
      countryCodes: input.fields.countryCodes ?? business.defaultCountry,
      createdAt: ctx.now(),
    });
    await addEvent(tx, ctx, businessId, { kind: 'template.changed', templateId: id });
    return { id };
  },
);

/**
 * Changes a decided template, which then waits for review again. Dialects differ in what they tell first: whose the
 * signature is that is named now, or (`templateFirst`) whose the template is and whether it may be changed.
 */
export const editTemplate = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; id: number; fields: TemplateFields; templateFirst?: boolean },
  ): Promise<{ id: number }> => {
    const { actor, id, fields } = input;
    const { signatureId } = fields;
    if (signatureId !== null && !input.templateFirst) await requireOwnSignature(tx, actor.businessId, signatureId);
    const template = await ownTemplate(tx, actor, id);
    must(!(await tx.plans.anyOpenNaming({ templateId: id })), { code: 'templateInUse' });
    must(template.review !== 'pending', { code: 'templateInReview' });
    if (signatureId !== null) {
      await requireOwnSignature(tx, actor.businessId, signatureId);
      await requireApprovedSignature(tx, signatureId);
    }
    await tx.templates.edit(id, {
      ...fields,
      placement: placementOf(fields, template),
      description: fields.description ?? template.description,
      countryCodes: fields.countryCodes ?? template.countryCodes,
      updatedAt: ctx.now(),
    });
    await changed(tx, ctx, template, 'template.changed');
    return { id };
  },
);

/**
 * Takes a template away, unless a plan still names it. With `signatureId` the template must be of that signature, and
 * the signature the business's own.
 */
export const deleteTemplate = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; signatureId: number | null }): Promise<void> => {
    const { actor, id, signatureId } = input;
    if (signatureId !== null) await requireOwnSignature(tx, actor.businessId, signatureId);
    const template = await ownTemplate(tx, actor, id);
    must(signatureId === null || template.signatureId === signatureId, { code: 'templateNotOfSignature' });
    must(!(await tx.plans.anyOpenNaming({ templateId: id })), { code: 'templateInUse' });
    await tx.templates.delete(id, ctx.now());
    await changed(tx, ctx, template, 'template.deleted');
  },
);

/** A reviewer's decision; a decided one may be decided again. */
export const reviewTemplate = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; verdict: Verdict }): Promise<void> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const template = await tx.templates.byId(input.id);
    must(template !== null, { code: 'templateNotFound' });
    must(!(await tx.plans.anyOpenNaming({ templateId: input.id })), { code: 'templateInUse' });
    await tx.templates.review(input.id, input.verdict, ctx.now());
    if (input.verdict.state === 'approved') {
      const { version, name, text, category, signatureId, placement, description } = template;
      const kept = { name, text, category, signatureId, placement, description } satisfies ApprovedTemplate;
      await tx.approved.keep('template', input.id, { version, body: JSON.stringify(kept), at: ctx.now() });
    }
    ctx.hot.templates.delete(input.id);
    await addEvent(tx, ctx, template.businessId, { kind: 'template.review', templateId: input.id, ...input.verdict });
  },
);

/** A business's templates, newest first. */
export const listTemplates = (
  reader: Reader,
  input: { businessId: number; page: Page | null },
): Promise<Paged<Template>> => reader.templates.ofBusiness(input.businessId, input.page);

/** One template; null when it is not the business's. A null business means any. */
export async function findTemplate(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<Template | null> {
  const template = await reader.templates.byId(input.id);
  return template !== null && (input.businessId ?? template.businessId) === template.businessId ? template : null;
}

/** A template with the signature it names. */
export interface SignedTemplate {
  template: Template;
  signature: Signature | null;
}

/** A business's templates, newest first, or (given an id) that one alone; empty when it is not the business's. */
export async function signedTemplates(
  reader: Reader,
  input: { businessId: number; id: number | null },
): Promise<SignedTemplate[]> {
  const { businessId, id } = input;
  if (id !== null) {
    const template = await findTemplate(reader, { businessId, id });
    if (template === null) return [];
    const { signatureId } = template;
    return [{ template, signature: signatureId === null ? null : await reader.signatures.byId(signatureId) }];
  }
  const templates = await reader.templates.ofBusiness(businessId, null);
  // A signature that live templates name cannot be deleted, so the live ones are all there is to find.
  const { items: signatures } = await reader.signatures.ofBusiness(businessId, null);
  const byId = new Map(signatures.map((signature) => [signature.id, signature]));
  return templates.items.map((template) => ({
    template,
    signature: template.signatureId === null ? null : (byId.get(template.signatureId) ?? null),
  }));
}

/** Where the signature goes: as said, else where it stood before, else in front. */
function placementOf(fields: TemplateFields, before: Template | null): Placement {
  if (fields.signatureId === null) return 'none';
  if (fields.placement !== null) return fields.placement;
  return before === null || before.placement === 'none' ? 'prefix' : before.placement;
}

async function ownTemplate(tx: Tx, actor: ActorRef, id: number): Promise<Template> {
  const template = await tx.templates.byId(id);
  must(template !== null && template.businessId === actor.businessId, { code: 'templateNotFound' });
  return template;
}

async function requireOwnSignature(tx: Tx, businessId: number, id: number): Promise<void> {
  const signature = await tx.signatures.byId(id);
  must(signature !== null && signature.businessId === businessId, { code: 'signatureNotFound' });
}

async function requireApprovedSignature(tx: Tx, id: number): Promise<void> {
  const signature = await tx.signatures.byId(id);
  must(signature?.review === 'approved', { code: 'signatureNotApproved' });
}

function changed(tx: Tx, ctx: Ctx, template: Template, kind: 'template.changed' | 'template.deleted'): Promise<void> {
  ctx.hot.templates.delete(template.id);
  return addEvent(tx, ctx, template.businessId, { kind, templateId: template.id });
}

import type { Category } from '../domain/category.ts';
import type { Content } from '../domain/content.ts';
import { type Plan, startRefusal } from '../domain/plan.ts';
import { priceOf } from '../domain/price.ts';
import { must } from '../domain/refusals.ts';
import type { DraftRow, Reader, Tx } from '../store/store.ts';
import { admit, contentOf, lostAdmission, prepare } from './admission.ts';
import { EventBatch } from './event.ts';
import { hotPrices } from './hot-rows.ts';
import { remember, replayed } from './idempotency.ts';
import { checkRequest, countAndAfford, newPlan, reserveEntry } from './new-plan.ts';
import type { AcceptedPlan, AcceptPlan, PlanRequest } from './plan-request.ts';
import { type ActorRef, type Ctx, single, type Verb } from './verb.ts';

// A plan made from a file is written in steps (drafting.ts), other commits passing between. Then it is a draft, which
// only its owner sees, until it is confirmed, discarded or a day old.

/** How long a draft waits to be confirmed. */
const DRAFT_MS = 24 * 3_600_000;
/** Drafts one business may have at a time. */
const MAX_DRAFTS = 20;

/** First step: checks what can be checked early and opens a plan that nobody sees yet. */
export const openDraft = single(
  async (
    tx,
    ctx,
    input: { request: PlanRequest; idempotency: AcceptPlan['idempotency'] },
  ): Promise<{ planId: number; content: Content } | { replayed: number }> => {
    const { request } = input;
    const earlier = await replayed<AcceptedPlan>(tx, request.businessId, input.idempotency);
    if (earlier !== null) return { replayed: earlier.planId };
    must((await tx.drafts.countOpen(request.businessId)) < MAX_DRAFTS, { code: 'tooManyDrafts', limit: MAX_DRAFTS });
    // How many recipients it has is not known yet.
    checkRequest(ctx, request, 1);
    const admitted = await admit(tx, ctx, request);
    const prepared = await prepare(tx, ctx, admitted);
    const planId = ctx.nextId('plan');
    const plan = newPlan(ctx, planId, request, admitted, prepared, {
      total: 0,
      accepted: 0,
      invalid: 0,
      stopped: 0,
      segments: prepared.fixedSegments,
    });
    await tx.plans.insert([{ ...plan, state: 'staged' }]);
    return { planId, content: prepared.content };
  },
);

/** What a request would send; nothing is kept, its content neither. */
export const imaginePlan = single(async (tx, ctx, { request }: { request: PlanRequest }): Promise<Content> => {
  checkRequest(ctx, request, 1);
  return { id: 0, ...contentOf(await admit(tx, ctx, request)) };
});

/** What messages would cost a business now; the columns run in step. */
export const quoteMessages = single(
  async (
    tx,
    ctx,
    input: { businessId: number; category: Category } & Pick<DraftMessages, 'recipients' | 'segments'>,
  ): Promise<{ credits: number }> => {
    const { businessId, category, recipients, segments } = input;
    const prices = await hotPrices(tx, ctx, businessId, ctx.now());
    let credits = 0;
    for (const [i, recipient] of recipients.entries()) credits += priceOf(segments[i]!, recipient, category, prices);
    return { credits };
  },
);

/** Rows of the file that become messages, indexes from `from` on; the columns run in step. */
export interface DraftMessages {
  planId: number;
  from: number;
  recipients: Float64Array;
  segments: Uint8Array;
  /** JSON of the values each; null when the text has no variables. */
  parameters: readonly (string | null)[] | null;
}

/** Next steps: some of its messages. Returns what they cost. */
export const addDraftMessages: Verb<DraftMessages, { credits: number }> = {
  ...single(async (tx, ctx, { planId, from, parameters, ...columns }) => {
    const { businessId, category, createdAt } = await stagedPlan(tx, planId);
    const prices = await hotPrices(tx, ctx, businessId, createdAt);
    const recipients = Array.from(columns.recipients);
    const segments = Array.from(columns.segments);
    const reserved = segments.map((count, i) => priceOf(count, recipients[i]!, category, prices));
    await tx.messages.insert([{ planId, from, recipients, segments, reserved, parameters }]);
    return { credits: reserved.reduce((sum, credits) => sum + credits, 0) };
  }),
  rows: ({ recipients }) => recipients.length,
};

/** Next steps, too: rows that are not sent, as lines of CSV. */
export const addRejectedRows = single(
  async (tx, _ctx, { planId, piece, lines }: { planId: number; piece: number; lines: string }): Promise<null> => {
    await stagedPlan(tx, planId);
    await tx.drafts.addRejected(planId, piece, lines);
    return null;
  },
);

/** Last step: the plan is a draft. Returns the draft's id, which is another's where the same request was quicker. */
export const finishDraft = single(
  async (
    tx,
    ctx,
    input: Pick<Plan, 'total' | 'accepted'> &
      Pick<DraftRow, 'planId' | 'credits' | 'summary'> & { idempotency: AcceptPlan['idempotency'] },
  ): Promise<{ planId: number }> => {
    const { planId, total, accepted, credits, summary, idempotency } = input;
    const { businessId } = await stagedPlan(tx, planId);
    const earlier = await replayed<AcceptedPlan>(tx, businessId, idempotency);
    if (earlier !== null) return { planId: earlier.planId };
    await tx.plans.accept(planId, { state: 'draft', total, accepted, invalid: 0, stopped: 0, sendable: 0 });
    await tx.drafts.insert({ planId, businessId, expiresAt: ctx.now() + DRAFT_MS, credits, summary });
    await remember(tx, ctx, businessId, idempotency, { planId, uuid: null, total, accepted });
    return { planId };
  },
);

/**
 * Sends a draft: its credits are reserved, and it waits for `startAt` or (null) starts now. Recipients are counted when
 * it starts; those over their limit then fail. A refusal leaves the draft; what is confirmed already is not changed.
 */
export const confirmDraft = single(
  async (tx, ctx, input: { actor: ActorRef; planId: number; startAt: number | null }): Promise<Plan> => {
    const { planId } = input;
    const { plan, draft } = await ownDraft(tx, input.actor, planId);
    if (plan.state !== 'draft') return plan;
    await mustSayTheSame(tx, ctx, plan);
    const startAt = Math.max(input.startAt ?? 0, ctx.now());
    const rule = startRefusal(plan.dialect, startAt, ctx.now());
    must(rule === null, { code: 'invalidField', field: 'start_at', rule: rule ?? '' });
    must(plan.accepted > 0, { code: 'fileRefused', why: 'none of its rows can be sent' });
    const business = (await tx.businesses.byId(plan.businessId))!;
    await countAndAfford(tx, ctx, null, draft.credits, business.available);
    const after = await tx.businesses.moveCredits(business.id, -draft.credits, draft.credits);
    await tx.ledger.add([reserveEntry(ctx, business.id, planId, draft.credits, after)]);
    const expiresAt = startAt + ctx.settings.validityMs[plan.category];
    await tx.plans.change(planId, { state: 'pending', startAt, expiresAt });
    await tx.drafts.keep(planId);
    const events = new EventBatch();
    events.plan(business.id, planId, 'pending');
    await events.write(tx, ctx);
    ctx.notify({ kind: 'plansToRun' });
    return (await tx.plans.byId(planId))!;
  },
);

/** Makes a draft a plan that nobody sees and that is removed (`removeStaged`). `actor` null: the house, when its day is over. */
export const discardDraft = single(
  async (tx, _ctx, { actor, planId }: { actor: ActorRef | null; planId: number }): Promise<null> => {
    const plan = actor === null ? await tx.plans.byId(planId) : (await ownDraft(tx, actor, planId)).plan;
    must(plan !== null, { code: 'planNotFound' });
    must(plan.state === 'draft', { code: 'planStateWrong', state: plan.state });
    await discard(tx, planId);
    return null;
  },
);

/** Makes a plan that is a draft one that nobody sees and that is removed. */
export async function discard(tx: Tx, planId: number): Promise<void> {
  await tx.plans.change(planId, { state: 'staged' });
  await tx.drafts.delete(planId);
}

/** Removes some messages of a plan that is to be removed, so that no commit takes long. Returns how many. */
export const unstageMessages: Verb<{ planId: number; limit: number }, { removed: number }> = {
  ...single(async (tx, _ctx, { planId, limit }) => {
    await stagedPlan(tx, planId);
    return { removed: await tx.messages.remove(planId, limit) };
  }),
  rows: ({ limit }) => limit,
};

/** Drafts whose day is over. */
export const expiredDrafts = (reader: Reader, input: { at: number; limit: number }): Promise<number[]> =>
  reader.drafts.expired(input.at, input.limit);

/** A plan made from a file, with what the file was found to hold; null when it is not the business's. A null business means any. */
export async function findDraft(
  reader: Reader,
  input: { businessId: number | null; planId: number },
): Promise<{ plan: Plan; draft: DraftRow } | null> {
  const draft = await reader.drafts.byPlan(input.planId);
  const plan = draft === null ? null : await reader.plans.byId(input.planId);
  if (draft === null || plan === null) return null;
  return input.businessId === null || plan.businessId === input.businessId ? { plan, draft } : null;
}

/** Rows of its file that are not sent, some pieces at a time after a piece (-1: from the first), as lines of CSV. */
export const rejectedRows = (
  reader: Reader,
  input: { planId: number; after: number; limit: number },
): Promise<{ piece: number; lines: string }[]> => reader.drafts.rejected(input.planId, input.after, input.limit);

async function stagedPlan(tx: Tx, planId: number): Promise<Plan> {
  const plan = await tx.plans.byId(planId);
  must(plan?.state === 'staged', { code: 'planNotFound' });
  return plan;
}

async function ownDraft(tx: Tx, actor: ActorRef, planId: number): Promise<{ plan: Plan; draft: DraftRow }> {
  const found = await findDraft(tx, { businessId: actor.admin ? null : actor.businessId, planId });
  if (found !== null) return found;
  // A plan of theirs that was never a draft is no secret to them.
  const plan = await tx.plans.byId(planId);
  const theirs = plan !== null && plan.state !== 'staged' && (actor.admin || plan.businessId === actor.businessId);
  must(theirs, { code: 'planNotFound' });
  must(false, { code: 'planStateWrong', state: plan.state });
}

/** Template and signature may still be sent, and say what was previewed. */
async function mustSayTheSame(tx: Tx, ctx: Ctx, plan: Plan): Promise<void> {
  const { businessId, dialect, templateId, signatureId } = plan;
  // Only a test has none, and that is no draft.
  await admit(tx, ctx, { businessId, dialect, templateId: templateId!, ...(signatureId !== null && { signatureId }) });
  must((await lostAdmission(tx, ctx, plan)) === null, { code: 'draftOutdated' });
}

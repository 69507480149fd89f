import { type RecipientList, STOPPED_BY } from '../domain/listed.ts';
import { must } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { admit, prepare, staged } from './admission.ts';
import { EventBatch } from './event.ts';
import { type Counted, countAll } from './frequency.ts';
import { hotPrices } from './hot-rows.ts';
import { remember, replayed } from './idempotency.ts';
import { tellLowBalance } from './low-balance.ts';
import { beginning, checkRequest, countAndAfford, endEmpty, newPlan, reserveEntry } from './new-plan.ts';
import type { AcceptedPlan, AcceptPlan, PlanRequest, RequestParameters } from './plan-request.ts';
import { price } from './pricing.ts';
import { countStopped, type Stopped, screen, stoppedMessages } from './screening.ts';
import { single, type Verb } from './verb.ts';

// A large request is written in steps, other commits passing between; nobody sees it before the last.

/** First step: checks what can be checked early and opens a plan that nobody sees yet. */
export const stagePlan = single(
  async (
    tx,
    ctx,
    input: { request: PlanRequest; idempotency: AcceptPlan['idempotency'] },
  ): Promise<{ planId: number } | { replayed: AcceptedPlan }> => {
    const { request } = input;
    const earlier = await replayed<AcceptedPlan>(tx, request.businessId, input.idempotency);
    if (earlier !== null) return { replayed: earlier };
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
    return { planId };
  },
);

/** Next steps: a chunk of its messages, indexes from `from` on, without recipients that lists stop. */
export const stageMessages: Verb<
  { request: PlanRequest; planId: number; from: number; recipients: readonly number[]; parameters: RequestParameters },
  {
    /** What they cost. */
    credits: number;
    /** Null: none. */
    stopped: Stopped | null;
  }
> = {
  ...single(async (tx, ctx, input) => {
    const { plan, prepared } = await staged(tx, ctx, input.request, input.planId);
    const screened = screen(
      ctx.recipientLists.gate(plan.businessId, plan.category),
      input.recipients,
      input.parameters,
    );
    const { recipients, parameters } = screened ?? input;
    const stopped = screened?.stopped ?? null;
    if (recipients.length === 0) return { credits: 0, stopped };
    const prices = await hotPrices(tx, ctx, plan.businessId, plan.createdAt);
    const priced = price(prepared, input.request, recipients, parameters, prices);
    await tx.messages.insert([{ planId: input.planId, from: input.from, recipients, ...priced.rows }]);
    return { credits: priced.credits, stopped };
  }),
  priority: 1,
  rows: (input) => input.recipients.length,
};

/** Steps after those: a chunk of its invalid recipients, indexes from `from` on, behind the last message. */
export const stageInvalid: Verb<{ planId: number; from: number; invalid: readonly string[] }, null> = {
  ...single(async (tx, ctx, { planId, from, invalid }) => {
    must((await tx.plans.byId(planId))?.state === 'staged', { code: 'planNotFound' });
    await tx.messages.insertInvalid([{ planId, from, texts: invalid }], ctx.now());
    return null;
  }),
  priority: 1,
  rows: (input) => input.invalid.length,
};

/** And a chunk of those that lists stop, behind them. */
export const stageStopped: Verb<{ planId: number; from: number; stopped: Stopped }, null> = {
  ...single(async (tx, ctx, { planId, from, stopped }) => {
    const plan = await tx.plans.byId(planId);
    must(plan?.state === 'staged', { code: 'planNotFound' });
    await tx.messages.insertStopped(
      stoppedMessages(new EventBatch(), plan.businessId, planId, from, stopped),
      ctx.now(),
    );
    return null;
  }),
  priority: 1,
  rows: ({ stopped }) => countStopped(stopped),
};

/**
 * A step before the last: counts some of the recipients, so that the last does not take long.
 * @returns when; `uncount` takes it back
 */
export const countStaged = single(
  async (
    tx,
    ctx,
    { planId, recipients }: { planId: number; recipients: readonly number[] },
  ): Promise<{ counted: Counted; at: number }> => {
    const plan = await tx.plans.byId(planId);
    must(plan?.state === 'staged', { code: 'planNotFound' });
    const counted = { businessId: plan.businessId, category: plan.category, recipients };
    await countAll(tx, ctx, counted);
    return { counted, at: ctx.now() };
  },
);

/** Last step: counts frequency, reserves the credits and makes the plan visible. */
export const acceptStaged = single(
  async (
    tx,
    ctx,
    input: {
      request: PlanRequest;
      planId: number;
      total: number;
      /** Messages that were staged. */
      accepted: number;
      /** Recipients that were not counted yet. */
      uncounted: readonly number[];
      /** How many invalid recipients were staged. */
      invalid: number;
      /** The stopped ones, as they were staged. */
      stopped?: readonly { from: number; to: number; list: RecipientList }[];
      credits: number;
      idempotency: AcceptPlan['idempotency'];
    },
  ): Promise<AcceptedPlan> => {
    const { request, planId, total, accepted, uncounted, invalid } = input;
    const runs = input.stopped ?? [];
    const stopped = runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const earlier = await replayed<AcceptedPlan>(tx, request.businessId, input.idempotency);
    if (earlier !== null) {
      await tx.plans.deleteStaged(planId);
      return earlier;
    }
    checkRequest(ctx, request, accepted + stopped);
    const { plan } = await staged(tx, ctx, request, planId);
    const business = await tx.businesses.byId(request.businessId);
    must(business !== null, { code: 'businessNotFound' });
    const startsNow = request.startAt === null;
    const counted = { businessId: business.id, category: plan.category, recipients: uncounted };
    await countAndAfford(tx, ctx, startsNow ? counted : null, input.credits, business.available);
    if (startsNow) await tx.plans.change(planId, { countedAt: ctx.now() });
    const after = await tx.businesses.moveCredits(business.id, -input.credits, input.credits);
    await tx.ledger.add([reserveEntry(ctx, business.id, planId, input.credits, after)]);
    await tellLowBalance(tx, ctx, business, business.available, after.available);
    const { state, sendable } = beginning(request.startAt, accepted);
    await tx.plans.accept(planId, { state, total, accepted, invalid, stopped, sendable });
    const events = new EventBatch();
    if (invalid > 0) {
      events.messages(business.id, { planId, from: accepted, to: accepted + invalid - 1 }, { state: 'invalid' });
    }
    events.plan(business.id, planId, state, true);
    for (const { from, to, list } of runs) {
      events.messages(business.id, { planId, from, to }, { state: 'failed', error: STOPPED_BY[list] });
    }
    if (accepted === 0) await endEmpty(tx, events, [{ id: planId, businessId: business.id }], ctx.now());
    await events.write(tx, ctx);
    const answer = { planId, uuid: plan.uuid, total, accepted };
    await remember(tx, ctx, request.businessId, input.idempotency, answer);
    // Its id is older than those of plans accepted while it was written.
    if (accepted === 0) return answer;
    if (state === 'running') ctx.notify({ kind: 'plansReopened', plans: [{ planId, category: plan.category }] });
    else ctx.notify({ kind: 'plansToRun' });
    return answer;
  },
);

/** Removes what a large request that was refused has left behind. */
export const dropStaged = single(
  async (tx, _ctx, input: { planId: number }): Promise<{ dropped: boolean }> => ({
    dropped: await tx.plans.deleteStaged(input.planId),
  }),
);

/** Plans that are being written, or that a dead process has not finished. */
export const stagedPlans = (reader: Reader, _input: Record<string, never>): Promise<number[]> => reader.plans.staged();

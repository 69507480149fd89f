import { endOfMissed, missedBy, type Plan, type PlanVerb, type StartRules, stateAfter } from '../domain/plan.ts';
import { beganQuiet } from '../domain/quiet-hours.ts';
import { must } from '../domain/refusals.ts';
import type { Reader, Tx } from '../store/store.ts';
import { lostAdmission } from './admission.ts';
import { addEvent, EventBatch } from './event.ts';
import { hotBusiness } from './hot-rows.ts';
import { beginSweep, sweepOnce } from './sweep.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** Which plan, and who asks. */
export interface PlanRef {
  actor: ActorRef;
  planId: number;
}

/** Stops a plan for the time being: nothing more of it is claimed. What a carrier has in hand goes out. */
export const pausePlan = single(async (tx, ctx, { actor, planId }: PlanRef): Promise<Plan> => {
  await move(tx, ctx, actor, planId, 'pause');
  ctx.notify({ kind: 'plansStopped', planIds: [planId] });
  return (await tx.plans.byId(planId))!;
});

/** Lets a paused plan go on, or wait for its time again; where that has passed meanwhile, it starts now. */
export const resumePlan = single(async (tx, ctx, { actor, planId }: PlanRef): Promise<Plan> => {
  const plan = await move(tx, ctx, actor, planId, 'resume');
  if (plan.state === 'pending') {
    const startAt = Math.max(plan.startAt!, ctx.now());
    await tx.plans.change(planId, { startAt, expiresAt: startAt + ctx.settings.validityMs[plan.category] });
  } else if (plan.testChannelId !== null) {
    await tx.retries.add([{ planId, index: 0, category: plan.category, dueAt: ctx.now() }]);
    ctx.notify({ kind: 'workWaiting' });
  } else ctx.notify({ kind: 'plansReopened', plans: [{ planId, category: plan.category }] });
  ctx.notify({ kind: 'plansToRun' });
  return (await tx.plans.byId(planId))!;
});

export const cancelPlan = single((tx, ctx, input: PlanRef): Promise<Plan> => cancel(tx, ctx, input));

/**
 * Ends a plan: what was not claimed is never sent, and its credits are released. Nothing is claimed from now on; a plan
 * of many messages is swept in steps afterwards.
 */
export async function cancel(tx: Tx, ctx: Ctx, { actor, planId }: PlanRef): Promise<Plan> {
  await move(tx, ctx, actor, planId, 'cancel');
  await beginSweep(tx, ctx, { planId, end: { state: 'cancelled', error: '' }, next: 0 });
  await sweepOnce(tx, ctx, planId);
  ctx.notify({ kind: 'plansStopped', planIds: [planId] });
  return (await tx.plans.byId(planId))!;
}

/** Changes the plan's state as the verb says. Returns the plan as it is then. */
async function move(tx: Tx, ctx: Ctx, actor: ActorRef, planId: number, verb: PlanVerb): Promise<Plan> {
  const plan = await tx.plans.byId(planId);
  must(plan !== null && plan.state !== 'staged' && (actor.admin || plan.businessId === actor.businessId), {
    code: 'planNotFound',
  });
  const state = stateAfter(verb, plan);
  must(state !== null, { code: 'planStateWrong', state: plan.state });
  await tx.plans.change(planId, { state });
  await addEvent(tx, ctx, plan.businessId, { kind: 'plan.state', plans: [planId], state });
  return { ...plan, state };
}

/** When the next pending plan is to start; null when none waits. */
export const nextStart = (reader: Reader, _input: Record<string, never>): Promise<number | null> =>
  reader.plans.nextStart();

/** Starts plans whose time has come, or ends those that may not start any more. */
export const startPlans = single(
  async (tx, ctx, input: { limit: number }): Promise<{ started: number; missed: number }> => {
    const now = ctx.now();
    const due = await tx.plans.due(now, input.limit);
    const events = new EventBatch();
    let missed = 0;
    for (const plan of due) {
      const { id: planId, businessId } = plan;
      const reason =
        missedBy({ category: plan.category, startAt: plan.startAt! }, now, await rulesFor(tx, ctx, businessId)) ??
        (await lostAdmission(tx, ctx, plan));
      if (reason === null) {
        const expiresAt = now + ctx.settings.validityMs[plan.category];
        await tx.plans.change(planId, { state: 'running', startedAt: now, expiresAt });
        await beginSweep(tx, ctx, { planId, end: null, next: 0 });
        events.plan(businessId, planId, 'running');
        continue;
      }
      missed++;
      await tx.plans.change(planId, { state: 'cancelled' });
      await beginSweep(tx, ctx, { planId, end: endOfMissed(reason), next: 0 });
      await addEvent(tx, ctx, businessId, { kind: 'plan.missed', planId, reason });
      events.plan(businessId, planId, 'cancelled');
    }
    await events.write(tx, ctx);
    return { started: due.length - missed, missed };
  },
);

/** Where quiet hours begin for a plan as a whole, the clock of its business says. */
async function rulesFor(tx: Tx, ctx: Ctx, businessId: number): Promise<StartRules> {
  const { maxLateMs, quiet } = ctx.settings;
  const zone = (await hotBusiness(tx, ctx, businessId))?.timeZone ?? 'UTC';
  return {
    maxLateMs,
    quietSince: (_category, since, now) => quiet !== null && beganQuiet(quiet.hours, zone, since, now),
  };
}

import type { Category } from '../domain/category.ts';
import type { OpenPlan, PlanPlace, Range, Reader } from '../store/store.ts';
import { SettleBatch } from './settle-batch.ts';
import { endUnclaimed } from './sweep.ts';
import { single, type Verb } from './verb.ts';

/** What is said of a message whose time was over before a carrier took it. */
export const NOT_SENT_IN_TIME = 'its validity ended before it could be sent';

/** Running and paused plans of a lane that have expired by `until`, after a place, in the order in which they did. */
export const expiredPlans = (
  reader: Reader,
  input: { category: Category; after: PlanPlace | null; until: number; limit: number },
): Promise<OpenPlan[]> => reader.plans.expired(input.category, input.after, input.until, input.limit);

/**
 * Ends messages that still wait in plans that have expired, and gives their credits back. What is being sent goes on.
 * The caller bounds the ranges.
 */
export const expireUnsent: Verb<{ ranges: readonly Range[] }, { plans: number }> = {
  ...single(async (tx, ctx, input) => {
    const batch = new SettleBatch(tx, ctx);
    const planIds: number[] = [];
    for (const range of input.ranges) {
      const plan = await tx.plans.byId(range.planId);
      if (plan === null || plan.expiresAt > ctx.now() || !['running', 'paused'].includes(plan.state)) continue;
      await endUnclaimed(tx, ctx, batch, { state: 'expired_unsent', error: NOT_SENT_IN_TIME }, range);
      planIds.push(range.planId);
    }
    await batch.write();
    if (planIds.length > 0) ctx.notify({ kind: 'plansStopped', planIds });
    return { plans: planIds.length };
  }),
  rows: ({ ranges }) => ranges.reduce((rows, { from, to }) => rows + to - from + 1, 0),
};

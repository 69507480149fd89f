import { messageId } from '../domain/message.ts';
import { uncertainPolicy } from '../domain/outcome.ts';
import type { MessageRow, Touched, Tx } from '../store/store.ts';
import { inPartsOf, lostSight } from './in-parts.ts';
import type { Claimant } from './ownership.ts';
import { toRanges } from './ranges.ts';
import { SettleBatch } from './settle-batch.ts';
import { endOf, waitAgain } from './unaccepted.ts';
import { type Ctx, single } from './verb.ts';

/** What had left when a process ended: nothing is known of its answers. Null: it cannot be told what had left. */
export type LeftBehind = readonly { planId: number; index: number; userReference?: number }[] | null;

/** What was being dispatched, and what is decided about it. */
export interface RecoverDispatching {
  left: LeftBehind;
  /** Only what goes over this channel; null: over any. */
  channelId: number | null;
  /** Who takes over. When all is settled it may claim; one that is not the owner any more changes nothing. */
  claimant?: Claimant;
  /** Messages at most, about; the rest with the next call. */
  limit: number;
}

const NO_ANSWER = 'the server stopped before the carrier answered';

/**
 * After a start, or when a channel has come from another process: nothing is in flight any more. What the flight log says
 * was answered has been recorded before. What may have left becomes uncertain; the others that were being dispatched simply
 * wait again, and where the queues are gone as well, what stood in one to be sent again is due at once.
 */
export const recoverDispatching = single(
  async (
    tx,
    ctx,
    input: RecoverDispatching,
  ): Promise<{ uncertain: number; waiting: number; more: boolean; owner: boolean }> => {
    const { claimant, channelId } = input;
    const counts = { uncertain: 0, waiting: 0, more: false, owner: true };
    if (claimant !== undefined) {
      const lease = await tx.leases.byName(claimant.lease);
      if (lease?.epoch !== claimant.epoch) return { ...counts, owner: false };
    }
    const left = input.left && new Map(input.left.map((each) => [messageId(each.planId, each.index), each]));
    const batch = new SettleBatch(tx, ctx);
    if (channelId === null) await tx.retries.recall(ctx.now());
    for (const { planId, from, to } of await tx.messages.dispatching(channelId)) {
      const room = input.limit - counts.uncertain - counts.waiting;
      counts.more = to - from >= room;
      const range = { planId, from, to: Math.min(to, from + room - 1) };
      if (room > 0) {
        const rows = await tx.messages.ofPlan(planId, range.from - 1, range.to - range.from + 1);
        const lost = left === null ? rows : rows.filter(({ index }) => left.has(messageId(planId, index)));
        const unsent = left === null ? [] : rows.filter(({ index }) => !left.has(messageId(planId, index)));
        await waitTogether(tx, ctx, batch, unsent);
        await loseSight(tx, ctx, batch, lost, (index) => left?.get(messageId(planId, index))?.userReference ?? null);
        counts.uncertain += lost.length;
        counts.waiting += unsent.length;
      }
      if (counts.more) break;
    }
    await batch.write();
    if (claimant !== undefined && !counts.more) await tx.leases.settle(claimant.lease, claimant.epoch);
    return counts;
  },
);

/** Messages of one plan that may have left. */
async function loseSight(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  rows: readonly MessageRow[],
  userReferenceOf: (index: number) => number | null,
): Promise<void> {
  if (rows.length === 0) return;
  const at = ctx.now();
  const ranges = toRanges(rows);
  const plan = (await tx.plans.byId(rows[0]!.planId))!;
  for (const range of ranges) {
    for (const { planId, index } of await inPartsOf(tx, range)) await lostSight(tx, planId, index);
  }
  const change = { ranges, from: ['dispatching'], to: 'uncertain', charge: 'none', at, error: NO_ANSWER } as const;
  batch.changed(await tx.messages.move(change), 'uncertain', NO_ANSWER);
  await tx.uncertain.add(
    rows.map(({ planId, index, channelId, recipient, repeats }) => {
      const repeatAfterMs = plan.state === 'cancelled' ? null : ctx.settings.repeatAfterMs[plan.category];
      const policy = uncertainPolicy(repeatAfterMs, repeats, null);
      const waitMs = policy.decision === 'repeat' ? policy.afterMs : ctx.settings.unknownAfterMs;
      return {
        planId,
        index,
        channelId: channelId!,
        recipient,
        userReference: userReferenceOf(index),
        since: at,
        decision: policy.decision,
        decideAt: at + waitMs,
      };
    }),
  );
  ctx.notify({ kind: 'workWaiting' });
}

/** Messages of one plan of which nothing has left: they wait as if they had not been opened. */
async function waitTogether(tx: Tx, ctx: Ctx, batch: SettleBatch, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { planId } = rows[0]!;
  const plan = (await tx.plans.byId(planId))!;
  if (endOf(plan, ctx.now()) !== null) {
    for (const { index } of rows) await waitAgain(tx, ctx, batch, planId, index);
    return;
  }
  const ranges = toRanges(rows);
  await tx.messages.unopen(ranges);
  const dueAt = ctx.now();
  await tx.retries.add(rows.map(({ index }) => ({ planId, index, category: plan.category, dueAt })));
  for (const { from, to } of ranges) {
    for (const { businessId, index, reserved, state } of await tx.messages.ofPlan(planId, from - 1, to - from + 1)) {
      const touched: Touched = { planId, businessId, from: index, to: index, count: 1, reserved };
      batch.changed([touched], state);
    }
  }
}

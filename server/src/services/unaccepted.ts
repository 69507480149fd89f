import { CHARGE_OF_OUTCOME } from '../domain/ledger.ts';
import type { MessageState } from '../domain/message.ts';
import { retryDelayMs, uncertainPolicy } from '../domain/outcome.ts';
import type { Plan } from '../domain/plan.ts';
import type { MessageRow, Tx } from '../store/store.ts';
import { endInParts, type UnsentEnd } from './in-parts.ts';
import { toRanges } from './ranges.ts';
import type { SettleBatch } from './settle-batch.ts';
import { waitForReport } from './sweep.ts';
import { NOT_SENT_IN_TIME } from './validity.ts';
import type { Ctx } from './verb.ts';

// What becomes of one message that a carrier did not accept.

/** How a message of this plan ends that would be sent again now; null when it may be. */
export function endOf({ state, expiresAt }: Plan, at: number): 'cancelled' | 'expired_unsent' | null {
  if (state === 'cancelled') return 'cancelled';
  return expiresAt <= at ? 'expired_unsent' : null;
}

/** Ends a message that would be sent again, unless what it sent before may have arrived. */
async function endUnsent(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  message: MessageRow,
  to: 'cancelled' | 'expired_unsent',
  error = to === 'cancelled' ? undefined : NOT_SENT_IN_TIME,
): Promise<void> {
  const { planId, index, repeats } = message;
  const from: readonly MessageState[] = ['accepted', 'queued', 'dispatching'];
  if (repeats > 0) {
    await waitForReport(tx, ctx, batch, planId, index, from);
    return;
  }
  await endUnaccepted(tx, batch, [message], { from, to, at: ctx.now(), error });
}

/** Ends messages that are not sent again, each named once; of what carriers have of them, they are paid. */
export async function endUnaccepted(
  tx: Tx,
  batch: SettleBatch,
  messages: readonly { planId: number; index: number }[],
  change: { from: readonly MessageState[]; to: UnsentEnd; at: number; error?: string | undefined },
): Promise<void> {
  const { to, error } = change;
  const whole = (await tx.inParts.any())
    ? await endThoseInParts(tx, batch, messages, { ...change, error: error ?? '' })
    : messages;
  if (whole.length === 0) return;
  const ranges = toRanges(whole);
  batch.add(await tx.messages.move({ ...change, ranges, charge: CHARGE_OF_OUTCOME[to] }), to, error);
}

/** Ends those that carriers have in part; returns the others. */
async function endThoseInParts<M extends { planId: number; index: number }>(
  tx: Tx,
  batch: SettleBatch,
  messages: readonly M[],
  change: Parameters<typeof endInParts>[3],
): Promise<M[]> {
  const whole: M[] = [];
  for (const message of messages) {
    const row = await tx.inParts.byMessage(message.planId, message.index);
    if (!(await endInParts(tx, batch, row, change))) whole.push(message);
  }
  return whole;
}

/**
 * A message the carrier wants to be asked for again: it is, until its plan ends.
 * @param rests whether the carrier is left alone for a while, the longer the more often it was asked
 */
export async function tryLater(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  { planId, index, error }: { planId: number; index: number; error: string },
  rests = true,
): Promise<void> {
  const at = ctx.now();
  const row = await tx.messages.byIndex(planId, index);
  if (row?.state !== 'dispatching') return;
  const plan = (await tx.plans.byId(planId))!;
  const end = endOf(plan, at);
  if (end !== null) {
    await endUnsent(tx, ctx, batch, row, end, end === 'expired_unsent' ? error : undefined);
    return;
  }
  const ranges = [{ planId, from: index, to: index }];
  const moved = await tx.messages.move({ ranges, from: ['dispatching'], to: 'queued', charge: 'none', at, error });
  batch.changed(moved, 'queued', error);
  const dueAt = rests ? at + retryDelayMs(row.attempts) : at;
  await tx.retries.add([{ planId, index, category: plan.category, dueAt }]);
  ctx.notify({ kind: 'workWaiting' });
}

/** A message that was opened and of which nothing left: it waits as if it had not been opened. */
export async function waitAgain(tx: Tx, ctx: Ctx, batch: SettleBatch, planId: number, index: number): Promise<void> {
  const before = await tx.messages.byIndex(planId, index);
  if (before?.state !== 'dispatching') return;
  await tx.messages.unopen([{ planId, from: index, to: index }]);
  const plan = (await tx.plans.byId(planId))!;
  const end = endOf(plan, ctx.now());
  if (end !== null) {
    await endUnsent(tx, ctx, batch, before, end);
    return;
  }
  await tx.retries.add([{ planId, index, category: plan.category, dueAt: ctx.now() }]);
  const { businessId, reserved, state } = (await tx.messages.byIndex(planId, index))!;
  batch.changed([{ planId, businessId, from: index, to: index, count: 1, reserved }], state);
}

/** A message whose bytes left and whose answer will not come any more. */
export async function becomeUncertain(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  message: {
    planId: number;
    index: number;
    channelId: number;
    recipient: number;
    userReference: number | null;
    error: string;
    linkLost: boolean;
  },
): Promise<void> {
  const { planId, index, channelId, recipient, userReference, error, linkLost } = message;
  const at = ctx.now();
  const ranges = [{ planId, from: index, to: index }];
  const moved = await tx.messages.move({ ranges, from: ['dispatching'], to: 'uncertain', charge: 'none', at, error });
  if (moved.length === 0) return;
  batch.changed(moved, 'uncertain', error);
  const row = (await tx.messages.byIndex(planId, index))!;
  const plan = (await tx.plans.byId(planId))!;
  const repeatAfterMs = plan.state === 'cancelled' ? null : ctx.settings.repeatAfterMs[plan.category];
  const policy = uncertainPolicy(repeatAfterMs, row.repeats, linkLost ? ctx.settings.lostRepeats : null);
  const { decision } = policy;
  const decideAt = at + (policy.decision === 'repeat' ? policy.afterMs : ctx.settings.unknownAfterMs);
  await tx.uncertain.add([{ planId, index, channelId, recipient, userReference, since: at, decision, decideAt }]);
  ctx.notify({ kind: 'workWaiting' });
}

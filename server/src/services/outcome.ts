import { CHARGE_OF_OUTCOME } from '../domain/ledger.ts';
import { type MessageState, messageId } from '../domain/message.ts';
import { retryDelayMs, uncertainPolicy } from '../domain/outcome.ts';
import type { Awaiting, Touched, Tx } from '../store/store.ts';
import { type AcceptedMessages, acceptedRuns } from './packed.ts';
import { applyParked } from './receipt.ts';
import { SettleBatch } from './settle-batch.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** A message that was not accepted. */
export interface FailedMessage {
  planId: number;
  index: number;
  recipient: number;
  /** `notSent`: not one octet left; it waits again as if nothing had been tried. */
  outcome: 'later' | 'elsewhere' | 'never' | 'unknown' | 'notSent';
  error: string;
}

/** What a channel answered since it was last asked. */
export interface RecordOutcomes {
  channelId: number;
  accepted: AcceptedMessages;
  /** Whether reports were asked for. */
  receipts: boolean;
  failed: FailedMessage[];
}

/** States a message may be in when its answer comes. `uncertain`: the answer was found after a crash. */
const OPEN: readonly MessageState[] = ['dispatching', 'uncertain'];

/** Records a channel's answers: states, money, what now waits for reports, and what is tried again. */
export const recordOutcomes: Verb<RecordOutcomes, null> = {
  priority: 0,
  rows: (input) => input.failed.length + input.accepted.planIds.length / 2,
  async run(tx, ctx, inputs) {
    const batch = new SettleBatch(tx, ctx);
    for (const input of inputs) {
      await recordAccepted(tx, ctx, batch, input);
      for (const failed of input.failed) await recordFailed(tx, ctx, batch, input.channelId, failed);
    }
    await batch.write();
    return inputs.map(() => ({ value: null }));
  },
};

async function recordAccepted(tx: Tx, ctx: Ctx, batch: SettleBatch, input: RecordOutcomes): Promise<void> {
  const runs = acceptedRuns(input.accepted);
  if (runs.length === 0) return;
  const at = ctx.now();
  const moved = await tx.messages.submit(runs, OPEN, input.channelId, at);
  batch.add(moved, 'submitted');
  if (!input.receipts) return;
  const isNew = membership(moved, input.accepted.planIds.length);
  const carrierIds: string[] = [];
  for (const { planId, from, parts, recipients, ...run } of runs) {
    const rows: Awaiting[] = [];
    for (let i = 0; i < run.carrierIds.length; i++) {
      const offset = Math.floor(i / parts);
      const index = from + offset;
      // An answer that was recorded before, and is told again after a start, may have had its report.
      if (!isNew(planId, index)) continue;
      const carrierId = run.carrierIds[i]!;
      carrierIds.push(carrierId);
      const recipient = recipients[offset]!;
      rows.push({ group: input.channelId, carrierId, planId, index, recipient, parts, since: at });
    }
    await tx.awaiting.add(rows);
  }
  await applyParked(tx, ctx, batch, input.channelId, carrierIds);
}

/** Tells which messages are among those touched; `size` were meant to be. */
function membership(touched: readonly Touched[], size: number): (planId: number, index: number) => boolean {
  if (touched.reduce((sum, { count }) => sum + count, 0) === size) return () => true;
  const places = new Set<string>();
  for (const { planId, from, to } of touched) {
    for (let index = from; index <= to; index++) places.add(messageId(planId, index));
  }
  return (planId, index) => places.has(messageId(planId, index));
}

async function recordFailed(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  channelId: number,
  failed: FailedMessage,
): Promise<void> {
  const { planId, index, error } = failed;
  const ranges = [{ planId, from: index, to: index }];
  const at = ctx.now();
  if (failed.outcome === 'unknown') {
    await becomeUncertain(tx, ctx, batch, { planId, index, channelId, recipient: failed.recipient, error });
  } else if (failed.outcome === 'notSent') {
    await waitAgain(tx, batch, planId, index, at);
    ctx.notify({ kind: 'workWaiting' });
  } else if (failed.outcome === 'later') {
    const row = await tx.messages.byIndex(planId, index);
    if (row?.state !== 'dispatching') return;
    const moved = await tx.messages.move({ ranges, from: ['dispatching'], to: 'queued', charge: 'none', at, error });
    batch.changed(moved, 'queued', error);
    await tx.retries.add([{ planId, index, dueAt: at + retryDelayMs(row.attempts) }]);
    ctx.notify({ kind: 'workWaiting' });
  } else {
    // With one route, "elsewhere" has nowhere to go: no channel will take it.
    const to = failed.outcome === 'never' ? 'refused' : 'failed';
    batch.add(await tx.messages.move({ ranges, from: OPEN, to, charge: CHARGE_OF_OUTCOME[to], at, error }), to, error);
  }
}

/** A message that was opened and of which nothing left: it waits as if it had not been opened. */
async function waitAgain(tx: Tx, batch: SettleBatch, planId: number, index: number, at: number): Promise<void> {
  const before = await tx.messages.byIndex(planId, index);
  if (before?.state !== 'dispatching') return;
  await tx.messages.unopen([{ planId, from: index, to: index }]);
  await tx.retries.add([{ planId, index, dueAt: at }]);
  const { businessId, reserved, state } = (await tx.messages.byIndex(planId, index))!;
  batch.changed([{ planId, businessId, from: index, to: index, count: 1, reserved }], state);
}

/** A message whose bytes left and whose answer will not come any more. */
async function becomeUncertain(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  message: { planId: number; index: number; channelId: number; recipient: number; error: string },
): Promise<void> {
  const { planId, index, channelId, recipient, error } = message;
  const at = ctx.now();
  const ranges = [{ planId, from: index, to: index }];
  const moved = await tx.messages.move({ ranges, from: ['dispatching'], to: 'uncertain', charge: 'none', at, error });
  if (moved.length === 0) return;
  batch.changed(moved, 'uncertain', error);
  const row = (await tx.messages.byIndex(planId, index))!;
  const plan = (await tx.plans.byId(planId))!;
  const policy = uncertainPolicy(plan.category, row.repeats, ctx.settings.uncertainWaitMs);
  const decideAt = at + (policy.decision === 'repeat' ? policy.afterMs : ctx.settings.unknownAfterMs);
  await tx.uncertain.add([{ planId, index, channelId, recipient, since: at, decision: policy.decision, decideAt }]);
  ctx.notify({ kind: 'workWaiting' });
}

/** Decides on uncertain messages whose time has come without a report: one flagged repeat, or `unknown`. */
export const decideUncertain = single(
  async (tx, ctx, input: { limit: number }): Promise<{ decided: number; nextAt: number | null }> => {
    const at = ctx.now();
    const due = await tx.uncertain.due(at, input.limit);
    const batch = new SettleBatch(tx, ctx);
    for (const { planId, index, decision } of due) {
      const ranges = [{ planId, from: index, to: index }];
      if (decision === 'repeat') {
        const moved = await tx.messages.move({ ranges, from: ['uncertain'], to: 'queued', charge: 'none', at });
        if (moved.length > 0) {
          await tx.messages.countRepeat(planId, index);
          await tx.retries.add([{ planId, index, dueAt: at }]);
          batch.changed(moved, 'queued', undefined, true);
        }
      } else {
        const charge = CHARGE_OF_OUTCOME.unknown;
        batch.add(await tx.messages.move({ ranges, from: ['uncertain'], to: 'unknown', charge, at }), 'unknown');
      }
    }
    await tx.uncertain.remove(due);
    await batch.write();
    if (due.length > 0) ctx.notify({ kind: 'workWaiting' });
    return { decided: due.length, nextAt: await tx.uncertain.nextAt() };
  },
);

/**
 * After a start: nothing is in flight any more. What the flight log says was answered has been recorded before. `left`
 * are messages whose bytes may have left; null: the log cannot tell. They become uncertain; the others that were being
 * dispatched simply wait again, and what stood in a queue to be sent again is due at once.
 */
export const recoverDispatching = single(
  async (
    tx,
    ctx,
    input: { left: { planId: number; index: number }[] | null },
  ): Promise<{ uncertain: number; waiting: number }> => {
    const left = input.left === null ? null : new Set(input.left.map(({ planId, index }) => `${planId}.${index}`));
    const batch = new SettleBatch(tx, ctx);
    let uncertain = 0;
    let waiting = 0;
    await tx.retries.recall(ctx.now());
    for (const range of await tx.messages.dispatching()) {
      for (let index = range.from; index <= range.to; index++) {
        const { planId } = range;
        if (left !== null && !left.has(`${planId}.${index}`)) {
          await waitAgain(tx, batch, planId, index, ctx.now());
          waiting++;
        } else {
          const row = (await tx.messages.byIndex(planId, index))!;
          const channelId = row.channelId!;
          const error = 'the server stopped before the carrier answered';
          await becomeUncertain(tx, ctx, batch, { planId, index, channelId, recipient: row.recipient, error });
          uncertain++;
        }
      }
    }
    await batch.write();
    return { uncertain, waiting };
  },
);

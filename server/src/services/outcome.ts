import { type MessageState, messageId } from '../domain/message.ts';
import type { NotOverMe } from '../domain/route-figure.ts';
import type { Awaiting, Touched, Tx, Uncertain } from '../store/store.ts';
import { tryElsewhere } from './elsewhere.ts';
import { forgetParts } from './in-parts.ts';
import { type Claimant, Ownership } from './ownership.ts';
import { type AcceptedMessages, acceptedRuns } from './packed.ts';
import { type AnsweredInParts, recordInParts } from './part-outcome.ts';
import { applyParked } from './receipt.ts';
import { SettleBatch } from './settle-batch.ts';
import { becomeUncertain, endOf, endUnaccepted, tryLater, waitAgain } from './unaccepted.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** A message that was not accepted. */
export interface FailedMessage {
  planId: number;
  index: number;
  recipient: number;
  /** `notSent`: not one octet left; it waits again as if nothing had been tried. */
  outcome: 'later' | 'elsewhere' | 'never' | 'unknown' | 'notSent';
  error: string;
  /** Our own number for the attempt, where its outcome is unknown and it had one. */
  userReference?: number | null;
  /** Whether its outcome is unknown because the link broke. */
  linkLost?: boolean;
}

/** What a channel answered since it was last asked. */
export interface RecordOutcomes {
  channelId: number;
  accepted: AcceptedMessages;
  /** Whether reports were asked for. */
  receipts: boolean;
  failed: FailedMessage[];
  /** Long texts that the carrier has in part. */
  inParts?: AnsweredInParts[];
  /** Absent where only one process sends, and where what is told holds whoever owns the channel. */
  claimant?: Claimant | undefined;
}

/** States a message may be in when its answer comes. `uncertain`: the answer was found after a crash. */
const OPEN: readonly MessageState[] = ['dispatching', 'uncertain'];

/**
 * Records a channel's answers: states, money, what now waits for reports, and what is tried again. Returns what each
 * "not over me" meant.
 */
export const recordOutcomes: Verb<RecordOutcomes, NotOverMe[]> = {
  priority: 0,
  rows: ({ failed, accepted, inParts = [] }) => failed.length + accepted.planIds.length / 2 + inParts.length * 4,
  // Until it is committed, the flight log knows.
  patient: true,
  async run(tx, ctx, inputs) {
    const batch = new SettleBatch(tx, ctx);
    const owners = new Ownership(tx);
    const answers: { value: NotOverMe[] }[] = [];
    for (const input of inputs) {
      const passed: NotOverMe[] = [];
      answers.push({ value: passed });
      await recordAccepted(tx, ctx, batch, input);
      if (!(await owners.isOwner(input.claimant))) {
        for (const failed of input.failed) await recordOfEarlierOwner(tx, ctx, batch, failed);
        continue;
      }
      for (const failed of input.failed) {
        const meant = await recordFailed(tx, ctx, batch, input.channelId, failed);
        if (meant !== null) passed.push(meant);
      }
      await recordRefused(tx, ctx, batch, input.failed);
      for (const message of input.inParts ?? []) await recordInParts(tx, ctx, batch, input, message);
    }
    await batch.write();
    return answers;
  },
};

async function recordAccepted(tx: Tx, ctx: Ctx, batch: SettleBatch, input: RecordOutcomes): Promise<void> {
  const runs = acceptedRuns(input.accepted);
  if (runs.length === 0) return;
  const at = ctx.now();
  const moved = await tx.messages.submit(runs, OPEN, input.channelId, at);
  batch.add(moved, 'submitted');
  await forgetParts(tx, moved);
  if (!input.receipts) return;
  const isNew = membership(moved, input.accepted.planIds.length);
  const carrierIds: string[] = [];
  const rows: Awaiting[] = [];
  for (const { planId, from, parts, recipients, carrierIds: ids } of runs) {
    for (let i = 0; i < ids.length; i++) {
      const offset = Math.floor(i / parts);
      const index = from + offset;
      // An answer that was recorded before, and is told again after a start, may have had its report.
      if (!isNew(planId, index)) continue;
      const carrierId = ids[i]!;
      carrierIds.push(carrierId);
      const recipient = recipients[offset]!;
      const reports = parts === 1 ? 1 : new Set(ids.slice(offset * parts, (offset + 1) * parts)).size;
      rows.push({ channelId: input.channelId, carrierId, planId, index, recipient, parts: reports, since: at });
    }
  }
  await tx.awaiting.add(rows);
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

/**
 * What an owner tells whose channel another has taken meanwhile: its successor has decided on the attempt, and may be sending
 * the message. Where that is uncertain still, and was not sent again, it counts that nothing of it has left.
 */
async function recordOfEarlierOwner(tx: Tx, ctx: Ctx, batch: SettleBatch, failed: FailedMessage): Promise<void> {
  const { planId, index, outcome } = failed;
  if (outcome !== 'notSent' && outcome !== 'later') return;
  const row = await tx.messages.byIndex(planId, index);
  if (row?.state !== 'uncertain' || row.repeats > 0 || (await tx.inParts.byMessage(planId, index)) !== null) return;
  const plan = (await tx.plans.byId(planId))!;
  const at = ctx.now();
  if (endOf(plan, at) !== null) return;
  const ranges = [{ planId, from: index, to: index }];
  batch.changed(await tx.messages.move({ ranges, from: ['uncertain'], to: 'queued', charge: 'none', at }), 'queued');
  await tx.uncertain.remove([{ planId, index }]);
  await tx.retries.add([{ planId, index, category: plan.category, dueAt: at }]);
  ctx.notify({ kind: 'workWaiting' });
}

async function recordFailed(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  channelId: number,
  failed: FailedMessage,
): Promise<NotOverMe | null> {
  const { planId, index, error, outcome } = failed;
  if (outcome === 'elsewhere') return tryElsewhere(tx, ctx, batch, failed, OPEN);
  if (outcome === 'unknown') {
    const { recipient, userReference = null, linkLost = false } = failed;
    await becomeUncertain(tx, ctx, batch, { planId, index, channelId, recipient, userReference, error, linkLost });
  } else if (outcome === 'notSent') {
    await waitAgain(tx, ctx, batch, planId, index);
    ctx.notify({ kind: 'workWaiting' });
  } else if (outcome === 'later') {
    await tryLater(tx, ctx, batch, failed);
  }
  return null;
}

/** Ends what a carrier will never take: together, since of numbers that do not exist there may be as many as of others. */
async function recordRefused(tx: Tx, ctx: Ctx, batch: SettleBatch, failed: readonly FailedMessage[]): Promise<void> {
  const byError = new Map<string, Map<string, FailedMessage>>();
  for (const message of failed) {
    if (message.outcome !== 'never') continue;
    const { planId, index, error } = message;
    const same = byError.get(error) ?? new Map<string, FailedMessage>();
    byError.set(error, same.set(messageId(planId, index), message));
  }
  for (const [error, refused] of byError) {
    await endUnaccepted(tx, batch, [...refused.values()], { from: OPEN, to: 'refused', at: ctx.now(), error });
  }
}

/** Decides on uncertain messages whose time has come without a report: a flagged repeat, or `unknown`. */
export const decideUncertain = single(
  async (tx, ctx, input: { limit: number }): Promise<{ decided: number; nextAt: number | null }> => {
    const at = ctx.now();
    const due = await tx.uncertain.due(at, input.limit);
    const batch = new SettleBatch(tx, ctx);
    const late: Uncertain[] = [];
    for (const row of due) {
      const { planId, index, decision } = row;
      const ranges = [{ planId, from: index, to: index }];
      const plan = (await tx.plans.byId(planId))!;
      if (decision === 'repeat' && endOf(plan, at) !== null) {
        late.push({ ...row, decision: 'giveUp', decideAt: row.since + ctx.settings.unknownAfterMs });
      } else if (decision === 'repeat') {
        const moved = await tx.messages.move({ ranges, from: ['uncertain'], to: 'queued', charge: 'none', at });
        if (moved.length > 0) {
          await tx.messages.countRepeat(planId, index);
          await tx.retries.add([{ planId, index, category: plan.category, dueAt: at }]);
          batch.changed(moved, 'queued', undefined, true);
        }
      } else {
        await endUnaccepted(tx, batch, [row], { from: ['uncertain'], to: 'unknown', at });
      }
    }
    await tx.uncertain.remove(due);
    await tx.uncertain.add(late);
    await batch.write();
    if (due.length > 0) ctx.notify({ kind: 'workWaiting' });
    return { decided: due.length, nextAt: await tx.uncertain.nextAt() };
  },
);

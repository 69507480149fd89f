import type { MessageState } from '../domain/message.ts';
import { learn, type PartState, type PartsAnswer, verdictOf } from '../domain/parts.ts';
import type { Awaiting, InPartsRow, MessageRow, Tx } from '../store/store.ts';
import { endInParts, nothingKnown } from './in-parts.ts';
import { applyParked } from './receipt.ts';
import { refundUndelivered } from './refund.ts';
import type { SettleBatch } from './settle-batch.ts';
import { becomeUncertain, endOf, tryLater } from './unaccepted.ts';
import { NOT_SENT_IN_TIME } from './validity.ts';
import type { Ctx } from './verb.ts';

/** A long message with what the carrier answered part by part. */
export interface AnsweredInParts extends PartsAnswer {
  planId: number;
  index: number;
  recipient: number;
}

/** States in which an answer that came late still tells something. */
const OPEN: readonly MessageState[] = ['queued', 'dispatching', 'uncertain'];
const SUBMITTED: readonly MessageState[] = ['submitted'];

/**
 * Records the answer about a long message of which a carrier has some parts: they wait for their reports, and the
 * message goes on with the others. What was recorded before, and is told again after a start, changes nothing.
 */
export async function recordInParts(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  channel: { channelId: number; receipts: boolean },
  answered: AnsweredInParts,
): Promise<void> {
  const { planId, index, round, reference } = answered;
  const message = await tx.messages.byIndex(planId, index);
  const before = await tx.inParts.byMessage(planId, index);
  if (message === null || !isNews(message, before, answered)) return;
  const known = before?.parts ?? nothingKnown(answered.parts.length);
  const row: InPartsRow = {
    planId,
    index,
    channelId: channel.channelId,
    reference,
    round: round === null ? (before?.round ?? 0) : round + 1,
    parts: learn(known, answered.parts),
    reported: before?.reported ?? null,
  };
  await tx.inParts.put(row);
  await goOn(tx, ctx, batch, row, message, answered);
  if (channel.receipts) await awaitReports(tx, ctx, batch, channel.channelId, message, known, row.parts);
}

function isNews({ state }: MessageRow, before: InPartsRow | null, { round, parts }: AnsweredInParts): boolean {
  if (before !== null && before.parts.length !== parts.length) return false;
  return round === null
    ? before !== null && OPEN.includes(state)
    : state === 'dispatching' && round === (before?.round ?? 0);
}

/** What follows for the message from what is known of its parts now. */
async function goOn(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  row: InPartsRow,
  message: MessageRow,
  { round, userReference, parts: answers }: AnsweredInParts,
): Promise<void> {
  const { planId, index, channelId } = row;
  const at = ctx.now();
  const verdict = verdictOf(row.parts, answers);
  if (verdict.kind === 'accepted') {
    await submitWhole(tx, ctx, batch, row);
  } else if (round === null) {
    await goOnLate(tx, ctx, batch, row, message);
  } else if (verdict.kind === 'end') {
    const { state, error } = verdict;
    await endInParts(tx, batch, row, { from: ['dispatching'], to: state, at, error });
  } else if (verdict.kind === 'uncertain') {
    const { recipient } = message;
    const { error, linkLost } = verdict;
    await becomeUncertain(tx, ctx, batch, { planId, index, channelId, recipient, userReference, error, linkLost });
  } else {
    await tryLater(tx, ctx, batch, { planId, index, error: verdict.error }, verdict.later);
  }
}

/** An answer came after its time: once nothing of an uncertain message is unknown any more, what is missing is sent. */
async function goOnLate(tx: Tx, ctx: Ctx, batch: SettleBatch, row: InPartsRow, { state }: MessageRow): Promise<void> {
  if (state !== 'uncertain' || row.parts.some(({ kind }) => kind === 'unknown')) return;
  const { planId, index } = row;
  const at = ctx.now();
  await tx.uncertain.remove([{ planId, index }]);
  const plan = (await tx.plans.byId(planId))!;
  const end = endOf(plan, at);
  if (end !== null) {
    const error = end === 'expired_unsent' ? NOT_SENT_IN_TIME : '';
    await endInParts(tx, batch, row, { from: ['uncertain'], to: end, at, error });
    return;
  }
  const ranges = [{ planId, from: index, to: index }];
  batch.changed(await tx.messages.move({ ranges, from: ['uncertain'], to: 'queued', charge: 'none', at }), 'queued');
  await tx.retries.add([{ planId, index, category: plan.category, dueAt: at }]);
  ctx.notify({ kind: 'workWaiting' });
}

/** Every part is accepted. */
export async function submitWhole(tx: Tx, ctx: Ctx, batch: SettleBatch, row: InPartsRow): Promise<void> {
  const { planId, index, parts, channelId, reported } = row;
  const carrierIds = parts.map((part) => (part.kind === 'accepted' ? part.carrierId : ''));
  const run = { planId, from: index, to: index, parts: parts.length, carrierIds };
  batch.add(await tx.messages.submit([run], OPEN, channelId, ctx.now()), 'submitted');
  await tx.inParts.remove(planId, index);
  await tx.uncertain.remove([{ planId, index }]);
  await tx.retries.remove([{ planId, index }]);
  if (reported === null) return;
  const ranges = [{ planId, from: index, to: index }];
  const { state, error } = reported;
  const moved = await tx.messages.move({ ranges, from: SUBMITTED, to: state, charge: 'none', at: ctx.now(), error });
  batch.changed(moved, state, error);
  await refundUndelivered(tx, ctx, batch, moved, state);
}

/** The parts that were accepted just now wait for their reports; one that shares its id with another is told by that. */
async function awaitReports(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  channelId: number,
  { planId, index, recipient }: MessageRow,
  before: readonly PartState[],
  now: readonly PartState[],
): Promise<void> {
  const seen = new Set(before.flatMap((part) => (part.kind === 'accepted' ? [part.carrierId] : [])));
  const since = ctx.now();
  const rows: Awaiting[] = [];
  let delivered = false;
  for (const [i, part] of now.entries()) {
    if (part.kind !== 'accepted' || before[i]!.kind === 'accepted') continue;
    const { carrierId } = part;
    if (seen.has(carrierId)) {
      delivered = (await tx.messages.countDeliveredParts([{ planId, index, parts: now.length }]))[0]!;
    } else rows.push({ channelId, carrierId, planId, index, recipient, parts: now.length, since });
    seen.add(carrierId);
  }
  await tx.awaiting.add(rows);
  if (delivered) {
    const ranges = [{ planId, from: index, to: index }];
    const change = { ranges, from: SUBMITTED, to: 'delivered', charge: 'none', at: since } as const;
    batch.changed(await tx.messages.move(change), 'delivered');
  }
  await applyParked(
    tx,
    ctx,
    batch,
    channelId,
    rows.map(({ carrierId }) => carrierId),
  );
}

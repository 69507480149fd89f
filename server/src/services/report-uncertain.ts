import { writtenBy } from '../domain/carrier-id.ts';
import type { PartAnswer } from '../domain/parts.ts';
import type { Report, Tx, Uncertain } from '../store/store.ts';
import { recordInParts } from './part-outcome.ts';
import { receiptGroup } from './receipt-group.ts';
import type { SettleBatch } from './settle-batch.ts';
import type { Ctx } from './verb.ts';

/** A day: how far back a report with an unknown id may speak of an attempt whose answer never came. */
const UNCERTAIN_MATCH_MS = 24 * 3_600_000;

/**
 * The one uncertain attempt that a report with an unknown id speaks of: by our own number where the carrier gives it back;
 * otherwise the only one to its recipient, once whatever else was under way when the report came has its answer, or
 * is uncertain itself. Null when there is no such attempt, or more than one.
 * @param parked reports that wait to be decided on, this one among them
 */
export async function uncertainOf(
  tx: Tx,
  ctx: Ctx,
  report: Report,
  parked: readonly Report[] = [report],
): Promise<Uncertain | null> {
  if (report.recipient === null) return null;
  const { channelIds, answeredWithinMs } = await receiptGroup(tx, ctx, report.channelId);
  const now = ctx.now();
  const all = await tx.uncertain.candidates(channelIds, report.recipient, now - UNCERTAIN_MATCH_MS);
  if (report.userReference !== null) {
    const named: Uncertain[] = [];
    for (const row of all) if (await isNamed(tx, row, report.userReference)) named.push(row);
    if (named.length === 1) return (await isNews(tx, ctx, named[0]!, report)) ? named[0]! : null;
  }
  if (all.length !== 1 || now - report.at < answeredWithinMs) return null;
  const [only] = all;
  const message = await tx.messages.byIndex(only!.planId, only!.index);
  // What was sent after the report came cannot be what it speaks of.
  if (message === null || message.dispatchedAt === null || message.dispatchedAt > report.at) return null;
  if (!(await isEnough(tx, ctx, only!, message.repeats, parked))) return null;
  return (await isNews(tx, ctx, only!, report)) ? only! : null;
}

/**
 * Whether reports that do not say which part they speak of tell all there is to know of a message: as many of them as it
 * has parts in doubt. With fewer, a part would be taken for another that the carrier refused; and of what was sent twice
 * there may be two.
 */
async function isEnough(
  tx: Tx,
  ctx: Ctx,
  { planId, index, channelId, recipient }: Uncertain,
  repeats: number,
  parked: readonly Report[],
): Promise<boolean> {
  const row = await tx.inParts.byMessage(planId, index);
  if (row === null || (await receiptGroup(tx, ctx, channelId)).oneForAll) return true;
  const unknown = row.parts.filter(({ kind }) => kind === 'unknown').length;
  const ids = new Set<string>();
  for (const report of parked) if (report.recipient === recipient) ids.add(await answeredId(tx, ctx, report));
  for (const part of row.parts) if (part.kind === 'accepted') ids.delete(part.carrierId);
  return repeats === 0 && ids.size >= unknown;
}

/** Whether a report does not speak of a part that is accepted already: carriers repeat reports. */
async function isNews(tx: Tx, ctx: Ctx, { planId, index }: Uncertain, report: Report): Promise<boolean> {
  const row = await tx.inParts.byMessage(planId, index);
  if (row === null) return true;
  const carrierId = await answeredId(tx, ctx, report);
  return !row.parts.some((part) => part.kind === 'accepted' && part.carrierId === carrierId);
}

/** A report's id as the answer would have written it: so it is looked for. */
async function answeredId(tx: Tx, ctx: Ctx, { channelId, carrierId }: Report): Promise<string> {
  const { form } = await receiptGroup(tx, ctx, channelId);
  return form === null ? carrierId : writtenBy(carrierId, form)[0]!;
}

/** Whether an attempt, or one of its parts, carried this number. */
async function isNamed(tx: Tx, { planId, index, userReference }: Uncertain, number: number): Promise<boolean> {
  if (userReference === null) return false;
  const parts = (await tx.inParts.byMessage(planId, index))?.parts.length ?? 1;
  return ((number - userReference) & 0xffff) < parts;
}

/**
 * Takes a report for the answer that never came: the part is accepted under the report's id, and waits for its report. Where
 * one report stands for all parts, so are all whose answer never came.
 */
export async function takeForAnswer(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  { planId, index, channelId, recipient, userReference }: Uncertain,
  report: Report,
): Promise<void> {
  const { oneForAll } = await receiptGroup(tx, ctx, channelId);
  const carrierId = await answeredId(tx, ctx, report);
  const row = await tx.inParts.byMessage(planId, index);
  if (row !== null) {
    const { userReference: given } = report;
    const named = userReference === null || given === null ? -1 : (given - userReference) & 0xffff;
    const unknown = row.parts.flatMap(({ kind }, part) => (kind === 'unknown' ? [part] : []));
    // Which of the unknown parts it is makes no difference.
    const part = unknown.includes(named) ? named : unknown[0];
    const taken = oneForAll ? unknown : [part];
    const parts = row.parts.map(
      (_, i): PartAnswer => (taken.includes(i) ? { kind: 'accepted', carrierId } : { kind: 'notSent' }),
    );
    const answer = { planId, index, recipient, reference: row.reference, round: null, userReference: null, parts };
    await recordInParts(tx, ctx, batch, { channelId, receipts: true }, answer);
    return;
  }
  const run = { planId, from: index, to: index, parts: 1, carrierIds: [carrierId] };
  const moved = await tx.messages.submit([run], ['uncertain'], channelId, ctx.now());
  if (moved.length === 0) return;
  batch.add(moved, 'submitted');
  await tx.awaiting.add([{ channelId, carrierId, planId, index, recipient, parts: 1, since: ctx.now() }]);
  await tx.uncertain.remove([{ planId, index }]);
}

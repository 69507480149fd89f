import { type IdForm, type IdFormat, otherBases, plainId, writtenBy } from '../domain/carrier-id.ts';
import type { MessageState, ReportedState } from '../domain/message.ts';
import type { Awaiting, Parked, Range, Report, ReportBatch, Tx } from '../store/store.ts';
import { keepReport } from './in-parts.ts';
import { toRanges } from './ranges.ts';
import { receiptGroup } from './receipt-group.ts';
import { refundUndelivered } from './refund.ts';
import { findAwaiting } from './report-match.ts';
import { takeForAnswer, uncertainOf } from './report-uncertain.ts';
import { SettleBatch } from './settle-batch.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** Delivery reports, in the order they came. */
export interface RecordReceipts {
  reports: Report[];
  /** The same and others as carriers wrote them; null: they are not kept. */
  batch: ReportBatch | null;
}

/** Reports that came early wait this long for what they speak of. */
const PARKED_MS = 600_000;
/** Parked reports of a channel that are looked at again once it is known how their ids are written. */
const PARKED_AGAIN = 20_000;
/** Reports that spoke of nothing are kept up to this number. */
const MAX_ORPHANS = 100_000;

/** States a report may change. A late one still replaces `unreported`. */
const REPORTABLE: readonly MessageState[] = ['submitted', 'unreported'];

/** What became of the reports. */
export interface ReceiptCounts {
  matched: number;
  /** Came before what they speak of, or speak of nothing we know: kept for a while. */
  parked: number;
}

/** Records carriers' reports. Early ones are kept until what they speak of is known; repeated ones change nothing. */
export const recordReceipts: Verb<RecordReceipts, ReceiptCounts> = {
  priority: 0,
  rows: (input) => input.reports.length,
  async run(tx, ctx, inputs) {
    const batch = new SettleBatch(tx, ctx);
    const answers = [];
    for (const input of inputs) {
      answers.push({ value: await match(tx, ctx, batch, input.reports) });
      if (input.batch !== null) await tx.reportLog.add(input.batch);
    }
    await batch.write();
    return answers;
  },
};

/** Looks again at reports that came before the answers for these carrier ids. */
export async function applyParked(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  channelId: number,
  carrierIds: readonly string[],
): Promise<void> {
  if (!(await tx.parked.any())) return;
  const { channelIds, form, format } = await receiptGroup(tx, ctx, channelId);
  const keys = format === 'same' ? carrierIds : [...new Set(carrierIds.flatMap((id) => keysOf(id, form, format)))];
  const reports: Report[] = [];
  for (const from of channelIds) reports.push(...(await tx.parked.take(from, keys)));
  if (reports.length > 0) await match(tx, ctx, batch, reports);
}

/** What a report on this id may have been parked under. */
function keysOf(id: string, form: IdForm | null, format: IdFormat): string[] {
  if (form !== null) return [id, plainId(id)];
  return [id, plainId(id), ...otherBases(id, format)];
}

/**
 * Looks at parked reports that may speak of an attempt whose answer never came, and decides on those of which it is
 * known by now.
 */
export const settleParked = single(async (tx, ctx, input: { limit: number }): Promise<{ settled: number }> => {
  if ((await tx.uncertain.nextAt()) === null) return { settled: 0 };
  const batch = new SettleBatch(tx, ctx);
  let settled = 0;
  const parked = await tx.parked.ofUncertain(ctx.now(), input.limit);
  for (const report of parked) {
    const attempt = await uncertainOf(tx, ctx, report, parked);
    if (attempt === null) continue;
    await tx.parked.remove([report.id]);
    await takeForAnswer(tx, ctx, batch, attempt, report);
    await match(tx, ctx, batch, [report], false);
    settled++;
  }
  await batch.write();
  return { settled };
});

/** Makes orphans of reports for which nothing came in time; repeated ones are forgotten. */
export const orphanReports = single(
  async (tx, ctx, input: { limit: number }): Promise<{ taken: number; orphaned: number }> => {
    const late = await tx.parked.takeBefore(ctx.now() - PARKED_MS, input.limit);
    const orphans = late.filter(({ repeated }) => !repeated);
    await tx.orphans.add(orphans);
    await tx.orphans.trim(MAX_ORPHANS, ctx.now() - ctx.settings.reportsKeptMs);
    return { taken: late.length, orphaned: orphans.length };
  },
);

/** Ages what waits for each other: messages without a report become `unreported`, and both are forgotten in the end. */
export const ageReceipts = single(
  async (
    tx,
    ctx,
    input: {
      awaitingBefore: number;
      forgottenBefore: number;
      after: Range | null;
      limit: number;
    },
  ): Promise<{ dropped: number; unreported: number; next: Range | null }> => {
    const dropped = await tx.awaiting.dropBefore(input.forgottenBefore);
    const rows = await tx.awaiting.waitingSinceBefore(input.awaitingBefore, input.after, input.limit);
    const batch = new SettleBatch(tx, ctx);
    const ranges = rows.map(({ planId, index }) => ({ planId, from: index, to: index }));
    const moved = await tx.messages.move({
      ranges,
      from: ['submitted'],
      to: 'unreported',
      charge: 'none',
      at: ctx.now(),
    });
    batch.changed(moved, 'unreported');
    await batch.write();
    return { dropped, unreported: moved.length, next: rows.length < input.limit ? null : ranges.at(-1)! };
  },
);

/** @param mayAnswer whether a report may be taken for an answer that never came */
async function match(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  reports: readonly Report[],
  mayAnswer = true,
): Promise<ReceiptCounts> {
  const { parts, learned } = await findAwaiting(tx, ctx, reports);
  const oneForAll = await standForAll(tx, ctx, parts);
  const whole = await countDelivered(tx, reports, parts, oneForAll);
  const settled: Awaiting[] = [];
  const byState = new Map<
    string,
    { state: ReportedState; error: string; messages: { planId: number; index: number }[] }
  >();
  const parked: Parked[] = [];
  const answers: Report[] = [];
  for (const [i, report] of reports.entries()) {
    const row = parts[i]!;
    if (row === null) {
      const attempt = !mayAnswer || report.userReference === null ? null : await uncertainOf(tx, ctx, report);
      if (attempt === null) parked.push(await parkedOf(tx, ctx, report));
      else {
        await takeForAnswer(tx, ctx, batch, attempt, report);
        answers.push(report);
      }
      continue;
    }
    settled.push(row);
    ctx.hot.recentReports.add(report.carrierId, row.recipient);
    const delivered = report.state === 'delivered';
    const error = delivered ? '' : report.error;
    if (row.parts > 1) {
      const decides = !delivered || oneForAll.has(row.channelId);
      if (!decides && !whole.has(row)) continue;
      if (decides && (await keepReport(tx, row, { state: report.state, error }))) continue;
    }
    const key = `${report.state} ${error}`;
    const group = byState.get(key);
    if (group === undefined) byState.set(key, { state: report.state, error, messages: [row] });
    else group.messages.push(row);
  }
  await tx.awaiting.remove(settled);
  for (const { state, error, messages } of byState.values()) {
    const moved = await tx.messages.move({
      ranges: toRanges(messages),
      from: REPORTABLE,
      to: state,
      charge: 'none',
      at: ctx.now(),
      error,
    });
    batch.changed(moved, state, error);
    await refundUndelivered(tx, ctx, batch, moved, state);
  }
  await tx.parked.add(parked);
  let matched = settled.length;
  if (answers.length > 0) matched += (await match(tx, ctx, batch, answers, false)).matched;
  // What was parked before it was known how its ids are written may be found now.
  for (const { channelId, form } of learned) {
    if (form === null || form.base === 'exact') continue;
    const again = await tx.parked.takeOfChannel(channelId, PARKED_AGAIN);
    if (again.length > 0) await match(tx, ctx, batch, again);
  }
  return { matched, parked: parked.length };
}

/** The channels of long messages on which one report stands for all parts. */
async function standForAll(tx: Tx, ctx: Ctx, parts: readonly (Awaiting | null)[]): Promise<Set<number>> {
  const channelIds = new Set(parts.flatMap((row) => (row !== null && row.parts > 1 ? [row.channelId] : [])));
  for (const channelId of channelIds) {
    if (!(await receiptGroup(tx, ctx, channelId)).oneForAll) channelIds.delete(channelId);
  }
  return channelIds;
}

/** Counts delivered parts of long messages; returns those with which all parts of their message are. */
async function countDelivered(
  tx: Tx,
  reports: readonly Report[],
  parts: readonly (Awaiting | null)[],
  oneForAll: ReadonlySet<number>,
): Promise<Set<Awaiting>> {
  const delivered: Awaiting[] = [];
  for (const [i, row] of parts.entries()) {
    if (row === null || row.parts === 1 || oneForAll.has(row.channelId)) continue;
    if (reports[i]!.state === 'delivered') delivered.push(row);
  }
  if (delivered.length === 0) return new Set();
  const whole = await tx.messages.countDeliveredParts(delivered);
  return new Set(delivered.filter((_, i) => whole[i]));
}

async function parkedOf(tx: Tx, ctx: Ctx, report: Report): Promise<Parked> {
  const { carrierId, recipient } = report;
  const { form } = await receiptGroup(tx, ctx, report.channelId);
  const key = form?.base === 'exact' ? carrierId : plainId(form === null ? carrierId : writtenBy(carrierId, form)[0]!);
  return { ...report, key, repeated: ctx.hot.recentReports.has(carrierId, recipient) };
}

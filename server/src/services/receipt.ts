import type { MessageState, ReportedState } from '../domain/message.ts';
import type { Awaiting, Range, Report, Tx } from '../store/store.ts';
import { SettleBatch } from './settle-batch.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** Delivery reports of one channel, in the order they came. */
export interface RecordReceipts {
  reports: Report[];
}

/** A day: how far back a report with an unknown id may speak of an attempt whose answer never came. */
const UNCERTAIN_MATCH_MS = 24 * 3_600_000;

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
    for (const input of inputs) answers.push({ value: await match(tx, ctx, batch, input.reports) });
    await batch.write();
    return answers;
  },
};

/** Looks again at reports that came before the answers for these carrier ids. */
export async function applyParked(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  group: number,
  carrierIds: readonly string[],
): Promise<void> {
  if (!(await tx.parked.any())) return;
  const reports = await tx.parked.take(group, carrierIds);
  if (reports.length > 0) await match(tx, ctx, batch, reports);
}

/** Ages what waits for each other: messages without a report become `unreported`, and both are forgotten in the end. */
export const ageReceipts = single(
  async (
    tx,
    ctx,
    input: {
      parkedBefore: number;
      awaitingBefore: number;
      forgottenBefore: number;
      after: Range | null;
      limit: number;
    },
  ): Promise<{ dropped: number; unreported: number; next: Range | null }> => {
    const dropped =
      (await tx.parked.dropBefore(input.parkedBefore)) + (await tx.awaiting.dropBefore(input.forgottenBefore));
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

async function match(tx: Tx, ctx: Ctx, batch: SettleBatch, reports: readonly Report[]): Promise<ReceiptCounts> {
  const found = await findAwaiting(tx, reports);
  const settled: Awaiting[] = [];
  const byState = new Map<
    string,
    { state: ReportedState; error: string; messages: { planId: number; index: number }[] }
  >();
  const parked: Report[] = [];
  for (const report of reports) {
    const row = takeNewest(found, report);
    if (row === null) {
      if (!(await resolveUncertain(tx, ctx, batch, report))) parked.push(report);
      continue;
    }
    settled.push(row);
    const delivered = report.state === 'delivered';
    if (row.parts > 1 && delivered && !(await tx.messages.countDeliveredPart(row.planId, row.index))) continue;
    const error = delivered ? '' : report.error;
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
  }
  await tx.parked.add(parked);
  return { matched: settled.length, parked: parked.length };
}

/** Open parts by carrier id and group, newest first. */
async function findAwaiting(tx: Tx, reports: readonly Report[]): Promise<Map<string, Awaiting[]>> {
  const byGroup = new Map<number, { ids: string[]; recipients: (number | null)[] }>();
  for (const { group, carrierId, recipient } of reports) {
    let wanted = byGroup.get(group);
    if (wanted === undefined) {
      wanted = { ids: [], recipients: [] };
      byGroup.set(group, wanted);
    }
    wanted.ids.push(carrierId);
    wanted.recipients.push(recipient);
  }
  const found = new Map<string, Awaiting[]>();
  for (const [group, { ids, recipients }] of byGroup) {
    for (const row of await tx.awaiting.find(group, ids, recipients)) {
      const key = `${group} ${row.carrierId}`;
      const rows = found.get(key);
      if (rows === undefined) found.set(key, [row]);
      else rows.push(row);
    }
  }
  return found;
}

/** Carrier ids are not unique: the newest open part whose recipient fits is meant. */
function takeNewest(found: Map<string, Awaiting[]>, report: Report): Awaiting | null {
  const rows = found.get(`${report.group} ${report.carrierId}`);
  if (rows === undefined) return null;
  const at = rows.findIndex((row) => report.recipient === null || row.recipient === report.recipient);
  return at < 0 ? null : rows.splice(at, 1)[0]!;
}

/**
 * A report whose id nobody knows can be the answer to an attempt whose answer was lost, but only when channel and
 * destination leave exactly one candidate.
 */
async function resolveUncertain(tx: Tx, ctx: Ctx, batch: SettleBatch, report: Report): Promise<boolean> {
  if (report.recipient === null) return false;
  const since = ctx.now() - UNCERTAIN_MATCH_MS;
  const candidates = await tx.uncertain.candidates(report.group, report.recipient, since);
  if (candidates.length !== 1) return false;
  const { planId, index } = candidates[0]!;
  const ranges = [{ planId, from: index, to: index }];
  const at = ctx.now();
  const moved = await tx.messages.move({ ranges, from: ['uncertain'], to: 'submitted', charge: 'settle', at });
  if (moved.length === 0) return false;
  batch.add(moved, 'submitted');
  const error = report.state === 'delivered' ? '' : report.error;
  batch.changed(
    await tx.messages.move({ ranges, from: ['submitted'], to: report.state, charge: 'none', at, error }),
    report.state,
    error,
  );
  await tx.uncertain.remove([{ planId, index }]);
  return true;
}

/** Runs of neighbouring indexes, so that messages reported in order are changed by one statement. */
function toRanges(messages: { planId: number; index: number }[]): Range[] {
  const ranges: Range[] = [];
  for (const { planId, index } of messages) {
    const last = ranges.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
    else ranges.push({ planId, from: index, to: index });
  }
  return ranges;
}

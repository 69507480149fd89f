import type { CHARGE_OF_OUTCOME } from '../domain/ledger.ts';
import type { MessageState, ReportedState } from '../domain/message.ts';
import { type Begun, inPart, MISSING, type PartState, paidCredits, paidParts } from '../domain/parts.ts';
import type { InPartsRow, OpenedMessages, Range, Tx } from '../store/store.ts';
import type { SettleBatch } from './settle-batch.ts';

/** How a message ends that no carrier, or not the whole of which a carrier, has taken. */
export type UnsentEnd = Exclude<keyof typeof CHARGE_OF_OUTCOME, 'submitted'>;

/**
 * Ends a message that a carrier has or may have in part: these parts are paid, the others are given back.
 * Returns false when it is no such message, or in none of the `from` states.
 */
export async function endInParts(
  tx: Tx,
  batch: SettleBatch,
  row: InPartsRow | null,
  change: { from: readonly MessageState[]; to: UnsentEnd; at: number; error: string },
): Promise<boolean> {
  if (row === null || paidParts(row.parts) === 0) return false;
  const { planId, index, parts } = row;
  const reserved = (await tx.messages.byIndex(planId, index))?.reserved ?? 0;
  const settled = paidCredits(parts, reserved);
  const error = inPart(parts, change.error);
  const carrierIds = parts.flatMap((part) => (part.kind === 'accepted' ? [part.carrierId] : []));
  const touched = await tx.messages.endInParts({ ...change, planId, index, settled, error, carrierIds });
  if (touched === null) return false;
  batch.addInParts(touched, change.to, settled, error);
  await tx.inParts.remove(planId, index);
  return true;
}

/** What carriers have of messages that were just claimed, by their places; absent when they have nothing of any. */
export async function begunAmong(tx: Tx, opened: OpenedMessages): Promise<Map<number, Begun> | undefined> {
  if (!(await tx.inParts.any())) return undefined;
  const begun = new Map<number, Begun>();
  for (let i = 0; i < opened.planIds.length; i++) {
    const row = await tx.inParts.byMessage(opened.planIds[i]!, opened.indexes[i]!);
    if (row === null) continue;
    const carrierIds = row.parts.map((part) => (part.kind === 'accepted' ? part.carrierId : null));
    begun.set(i, { reference: row.reference, round: row.round, carrierIds });
  }
  return begun.size === 0 ? undefined : begun;
}

/** Where a message that was sent in whole or in part, and of which nothing is known any more, stands: all may have arrived. */
export async function lostSight(tx: Tx, planId: number, index: number): Promise<void> {
  const row = await tx.inParts.byMessage(planId, index);
  if (row === null) return;
  const parts = row.parts.map((part): PartState => (part.kind === 'missing' ? { kind: 'unknown' } : part));
  await tx.inParts.put({ ...row, round: row.round + 1, parts });
}

/** Keeps the first report that decides on a long message, while its parts are not all accepted; false when they are. */
export async function keepReport(
  tx: Tx,
  { planId, index }: { planId: number; index: number },
  reported: { state: ReportedState; error: string },
): Promise<boolean> {
  const row = await tx.inParts.byMessage(planId, index);
  if (row === null) return false;
  if (row.reported === null) await tx.inParts.put({ ...row, reported });
  return true;
}

/** Of a range, the messages that carriers have or may have in part. */
export async function inPartsOf(tx: Tx, range: Range): Promise<InPartsRow[]> {
  return (await tx.inParts.any()) ? tx.inParts.ofRange(range) : [];
}

/** Keeps nothing more of the parts of messages that a carrier has taken whole. */
export async function forgetParts(tx: Tx, taken: readonly Range[]): Promise<void> {
  if (!(await tx.inParts.any())) return;
  for (const range of taken) {
    for (const { planId, index } of await tx.inParts.ofRange(range)) await tx.inParts.remove(planId, index);
  }
}

/** What is known of a message before its first answer. */
export const nothingKnown = (total: number): PartState[] => Array.from({ length: total }, () => MISSING);

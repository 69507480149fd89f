import { messageStateOfCode } from '../../domain/message.ts';
import type { MessageRow } from '../store.ts';
import type { Cell } from './database.ts';

export const MESSAGE_COLUMNS = `m.plan_id, m.idx, p.business_id, m.recipient, m.state, m.segments, m.reserved, m.settled, m.released,
  m.refunded, m.attempts, m.repeats, m.channel_id, m.error, p.created_at, m.dispatched_at, m.submitted_at, m.final_at`;

/** Times and channels that a row does not have yet stand as 0 and -1. */
export const timeOrNull = (at: number): number | null => (at === 0 ? null : at);
export const channelOrNull = (channelId: number): number | null => (channelId < 0 ? null : channelId);

/** A row of {@link MESSAGE_COLUMNS}. */
export function toMessage(row: readonly Cell[]): MessageRow {
  const [planId, index, businessId, recipient, state, segments, reserved, settled, released] = row as number[];
  const [refunded, attempts, repeats, channelId, error, acceptedAt, dispatchedAt, submittedAt, finalAt] = row.slice(9);
  return {
    planId: planId!,
    index: index!,
    businessId: businessId!,
    recipient: recipient!,
    state: messageStateOfCode(state!),
    segments: segments!,
    reserved: reserved!,
    settled: settled!,
    released: released!,
    refunded: refunded as number,
    attempts: attempts as number,
    repeats: repeats as number,
    channelId: channelOrNull(channelId as number),
    error: (error as string | null) ?? '',
    acceptedAt: acceptedAt as number,
    dispatchedAt: timeOrNull(dispatchedAt as number),
    submittedAt: timeOrNull(submittedAt as number),
    finalAt: timeOrNull(finalAt as number),
  };
}

import { messageStateOfCode } from '../../domain/message.ts';
import type { MessageRow } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** What {@link toMessage} reads of a message `m` and its plan `p`. */
export const MESSAGE_COLUMNS = `m.plan_id, m.idx, p.business_id, m.recipient, m.state, m.segments, m.reserved, m.settled, m.released,
  m.refunded, m.attempts, m.repeats, m.channel_id, m.error, p.created_at, m.dispatched_at, m.submitted_at, m.final_at`;

export function toMessage(row: Row): MessageRow {
  return {
    planId: row.plan_id as number,
    index: row.idx as number,
    businessId: row.business_id as number,
    recipient: row.recipient as number,
    state: messageStateOfCode(row.state as number),
    segments: row.segments as number,
    reserved: row.reserved as number,
    settled: row.settled as number,
    released: row.released as number,
    refunded: row.refunded as number,
    attempts: row.attempts as number,
    repeats: row.repeats as number,
    channelId: row.channel_id as number | null,
    error: (row.error as string | null) ?? '',
    acceptedAt: row.created_at as number,
    dispatchedAt: row.dispatched_at as number | null,
    submittedAt: row.submitted_at as number | null,
    finalAt: row.final_at as number | null,
  };
}

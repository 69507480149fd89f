import { messageCode, messageStateOfCode } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageReader, MessageRow, Range } from '../store.ts';
import type { Database } from './database.ts';
import { OPEN } from './plans.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

const COLUMNS = `m.plan_id, m.idx, p.business_id, m.recipient, m.state, m.segments, m.reserved, m.settled, m.released,
  m.attempts, m.repeats, m.channel_id, m.error, p.created_at, m.dispatched_at, m.submitted_at, m.final_at`;

export function messageReader(db: Database): MessageReader {
  return {
    async byIndex(planId, index) {
      const row = db.get(
        `SELECT ${COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id WHERE m.plan_id = ? AND m.idx = ?`,
        planId,
        index,
      );
      return row === undefined ? null : toMessage(row);
    },
    async list(filter) {
      const conditions = ['p.state <> 0'];
      const values: number[] = [];
      const where = (condition: string, ...more: number[]) => {
        conditions.push(condition);
        values.push(...more);
      };
      if (filter.businessId !== null) where('p.business_id = ?', filter.businessId);
      if (filter.planId !== null) where('p.id = ?', filter.planId);
      if (filter.state !== null) where('m.state = ?', messageCode(filter.state));
      if (filter.recipient !== null) where('m.recipient = ?', filter.recipient);
      if (filter.before !== null) {
        const { planId, index } = filter.before;
        where('p.id <= ? AND (p.id < ? OR m.idx < ?)', planId, planId, index);
      }
      return db
        .all(
          // CROSS JOIN fixes the order of the loops: plans from the newest, then their messages, nothing sorted.
          `SELECT ${COLUMNS} FROM plan p CROSS JOIN message m ON m.plan_id = p.id WHERE ${conditions.join(' AND ')}
           ORDER BY p.id DESC, m.idx DESC LIMIT ?`,
          ...values,
          filter.limit,
        )
        .map(toMessage);
    },
    async ofPlan(planId, after, limit) {
      return db
        .all(
          `SELECT ${COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id
           WHERE m.plan_id = ? AND m.idx > ? ORDER BY m.idx LIMIT ?`,
          planId,
          after,
          limit,
        )
        .map(toMessage);
    },
    async attempts(planId, index) {
      return db
        .all('SELECT * FROM attempt WHERE plan_id = ? AND idx = ? ORDER BY number', planId, index)
        .map((row) => ({
          number: row.number as number,
          channelId: row.channel_id as number,
          openedAt: row.opened_at as number,
          repeat: row.repeat === 1,
        }));
    },
    async waiting(planId, from, limit) {
      const rows = db.all(
        'SELECT plan_id, idx FROM message WHERE plan_id = ? AND idx >= ? AND state = 0 ORDER BY idx LIMIT ?',
        planId,
        from,
        limit,
      );
      return toRanges(rows);
    },
    async dispatching() {
      return toRanges(
        db.all(
          `SELECT m.plan_id, m.idx FROM plan p CROSS JOIN message m ON m.plan_id = p.id
           WHERE p.${OPEN} AND p.state <> 0 AND m.state = ? ORDER BY m.plan_id, m.idx`,
          messageCode('dispatching'),
        ),
      );
    },
    async acceptedSince(since, visit) {
      const rows = db.lists(
        `SELECT p.business_id, m.recipient, p.created_at FROM plan p CROSS JOIN message m ON m.plan_id = p.id
         WHERE p.id >= ? AND p.state <> 0`,
        idAt(since),
      );
      for (const [businessId, recipient, at] of rows) visit(businessId as number, recipient as number, at as number);
    },
  };
}

function toMessage(row: Row): MessageRow {
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

/** Runs of neighbouring indexes among rows ordered by plan and index. */
export function toRanges(rows: readonly Row[]): Range[] {
  const ranges: Range[] = [];
  for (const row of rows) {
    const planId = row.plan_id as number;
    const index = row.idx as number;
    const last = ranges.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
    else ranges.push({ planId, from: index, to: index });
  }
  return ranges;
}

import { categoryOfCode } from '../../domain/category.ts';
import { messageCode, type ReportedState } from '../../domain/message.ts';
import type {
  IdempotencyTable,
  ParkedTable,
  Report,
  RetryReader,
  RetryWriter,
  Uncertain,
  UncertainReader,
  UncertainWriter,
} from '../store.ts';
import { bit, type Database } from './database.ts';
import { WAITING } from './message-writer.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function retryTable(db: Database): RetryReader & RetryWriter {
  return {
    async nextAt() {
      return db.get('SELECT min(due_at) AS at FROM retry')!.at as number | null;
    },
    async lease(at, leaseUntil, limit) {
      // A message may have been claimed through another task: its retry has nothing to do any more.
      db.run(
        `DELETE FROM retry WHERE due_at <= ? AND NOT EXISTS (
           SELECT 1 FROM message m WHERE m.plan_id = retry.plan_id AND m.idx = retry.idx AND m.${WAITING})`,
        at,
      );
      const due = db.all(
        `SELECT r.plan_id, r.idx, r.due_at, p.category FROM retry r CROSS JOIN plan p ON p.id = r.plan_id
         WHERE r.due_at <= ? AND p.state = 2 ORDER BY r.due_at LIMIT ?`,
        at,
        limit,
      );
      return due.map((row) => {
        const planId = row.plan_id as number;
        const index = row.idx as number;
        db.run('UPDATE retry SET due_at = ? WHERE plan_id = ? AND idx = ?', leaseUntil, planId, index);
        return { planId, index, dueAt: row.due_at as number, category: categoryOfCode(row.category as number) };
      });
    },
    async add(retries) {
      for (const { planId, index, dueAt } of retries) {
        db.run('INSERT OR REPLACE INTO retry (plan_id, idx, due_at) VALUES (?, ?, ?)', planId, index, dueAt);
      }
    },
    async recall(at) {
      db.run('UPDATE retry SET due_at = ?1 WHERE due_at > ?1', at);
    },
    async remove(retries) {
      for (const { planId, index } of retries) db.run('DELETE FROM retry WHERE plan_id = ? AND idx = ?', planId, index);
    },
  };
}

export function uncertainTable(db: Database): UncertainReader & UncertainWriter {
  return {
    async due(at, limit) {
      return db
        .all('SELECT * FROM uncertain WHERE decide_at <= ? ORDER BY decide_at LIMIT ?', at, limit)
        .map(toUncertain);
    },
    async nextAt() {
      return db.get('SELECT min(decide_at) AS at FROM uncertain')!.at as number | null;
    },
    async candidates(channelId, recipient, since) {
      return db
        .all(
          `SELECT u.* FROM uncertain u CROSS JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
           WHERE u.recipient = ? AND u.channel_id = ? AND u.since >= ? AND m.state = ? LIMIT 2`,
          recipient,
          channelId,
          since,
          messageCode('uncertain'),
        )
        .map(toUncertain);
    },
    async add(rows) {
      for (const row of rows) {
        db.run(
          `INSERT OR REPLACE INTO uncertain (plan_id, idx, channel_id, recipient, since, repeats, decide_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          row.planId,
          row.index,
          row.channelId,
          row.recipient,
          row.since,
          bit(row.decision === 'repeat'),
          row.decideAt,
        );
      }
    },
    async remove(rows) {
      for (const { planId, index } of rows)
        db.run('DELETE FROM uncertain WHERE plan_id = ? AND idx = ?', planId, index);
    },
  };
}

function toUncertain(row: Row): Uncertain {
  return {
    planId: row.plan_id as number,
    index: row.idx as number,
    channelId: row.channel_id as number,
    recipient: row.recipient as number,
    since: row.since as number,
    decision: row.repeats === 1 ? 'repeat' : 'giveUp',
    decideAt: row.decide_at as number,
  };
}

export function parkedTable(db: Database): ParkedTable {
  return {
    async add(reports) {
      for (const report of reports) {
        db.run(
          'INSERT INTO parked_receipt (receipt_group, carrier_id, recipient, state, error, at) VALUES (?, ?, ?, ?, ?, ?)',
          report.group,
          report.carrierId,
          report.recipient,
          report.state,
          report.error,
          report.at,
        );
      }
    },
    async take(group, carrierIds) {
      const taken: Report[] = [];
      for (const carrierId of carrierIds) {
        for (const row of db.all(
          'DELETE FROM parked_receipt WHERE receipt_group = ? AND carrier_id = ? RETURNING *',
          group,
          carrierId,
        )) {
          taken.push({
            group,
            carrierId,
            recipient: row.recipient as number | null,
            state: row.state as ReportedState,
            error: row.error as string,
            at: row.at as number,
          });
        }
      }
      return taken;
    },
    async any() {
      return db.get('SELECT 1 FROM parked_receipt LIMIT 1') !== undefined;
    },
    async dropBefore(before) {
      return db.changes('DELETE FROM parked_receipt WHERE at < ?', before);
    },
  };
}

export function idempotencyTable(db: Database): IdempotencyTable {
  return {
    async find(businessId, route, key) {
      const row = db.get(
        'SELECT body_hash, answer, at FROM idempotency WHERE business_id = ? AND route = ? AND key = ?',
        businessId,
        route,
        key,
      );
      if (row === undefined) return null;
      return {
        businessId,
        route,
        key,
        bodyHash: row.body_hash as string,
        answer: row.answer as string,
        at: row.at as number,
      };
    },
    async add(row) {
      db.run(
        'INSERT INTO idempotency (business_id, route, key, body_hash, answer, at) VALUES (?, ?, ?, ?, ?, ?)',
        row.businessId,
        row.route,
        row.key,
        row.bodyHash,
        row.answer,
        row.at,
      );
    },
    async dropBefore(before) {
      return db.changes('DELETE FROM idempotency WHERE at < ?', before);
    },
  };
}

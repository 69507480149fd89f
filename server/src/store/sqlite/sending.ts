import { categoryCode } from '../../domain/category.ts';
import { messageCode } from '../../domain/message.ts';
import type {
  IdempotencyTable,
  LeasedRetry,
  RetryReader,
  RetryWriter,
  Uncertain,
  UncertainReader,
  UncertainWriter,
} from '../store.ts';
import { bit, type Database } from './database.ts';
import { WAITING } from './waiting.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** Retries that one lease goes through, however many of them are dropped. */
const MAX_LOOKED_AT = 10_000;

/** Uncertain messages to one number that are looked at; our own number for an attempt may choose among them. */
const MAX_CANDIDATES = 100;

/** A message may have been claimed through another task, or its plan stands still: its retry has nothing to do then. */
const DUE_RETRIES = `SELECT r.plan_id, r.idx, r.due_at, p.business_id, p.test_channel_id, m.recipient, m.segments, m.attempts,
    p.state = 2 AND m.${WAITING} AS ready,
    (SELECT json_group_array(DISTINCT a.channel_id) FROM attempt a
      WHERE a.plan_id = r.plan_id AND a.idx = r.idx AND a.refused = 1) AS refused_by
  FROM retry r CROSS JOIN plan p ON p.id = r.plan_id CROSS JOIN message m ON m.plan_id = r.plan_id AND m.idx = r.idx
  WHERE r.category = ? AND r.due_at <= ? ORDER BY r.due_at LIMIT ?`;

export function retryTable(db: Database): RetryReader & RetryWriter {
  return {
    async nextAt(category) {
      const row = db.get('SELECT min(due_at) AS at FROM retry WHERE category = ?', categoryCode(category))!;
      return row.at as number | null;
    },
    async lease(category, at, leaseUntil, limit) {
      const leased: LeasedRetry[] = [];
      for (let looked = 0; leased.length < limit && looked < MAX_LOOKED_AT; ) {
        const due = db.all(DUE_RETRIES, categoryCode(category), at, limit - leased.length);
        if (due.length === 0) break;
        looked += due.length;
        for (const row of due) {
          const planId = row.plan_id as number;
          const index = row.idx as number;
          if (row.ready !== 1) {
            db.run('DELETE FROM retry WHERE plan_id = ? AND idx = ?', planId, index);
            continue;
          }
          db.run('UPDATE retry SET due_at = ? WHERE plan_id = ? AND idx = ?', leaseUntil, planId, index);
          leased.push({
            planId,
            index,
            category,
            dueAt: row.due_at as number,
            businessId: row.business_id as number,
            recipient: row.recipient as number,
            segments: row.segments as number,
            attempts: row.attempts as number,
            refusedBy: JSON.parse(row.refused_by as string) as number[],
            testChannelId: row.test_channel_id as number | null,
          });
        }
      }
      return leased;
    },
    async add(retries) {
      for (const { planId, index, category, dueAt } of retries) {
        db.run(
          'INSERT OR REPLACE INTO retry (plan_id, idx, category, due_at) VALUES (?, ?, ?, ?)',
          planId,
          index,
          categoryCode(category),
          dueAt,
        );
      }
    },
    async release(retries, at) {
      for (const { planId, index } of retries) {
        db.run('UPDATE retry SET due_at = min(due_at, ?) WHERE plan_id = ? AND idx = ?', at, planId, index);
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
    async candidates(channelIds, recipient, since) {
      return db
        .all(
          `SELECT u.* FROM uncertain u CROSS JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
           WHERE u.recipient = ? AND u.channel_id IN (SELECT value FROM json_each(?)) AND u.since >= ? AND m.state = ?
           LIMIT ${MAX_CANDIDATES}`,
          recipient,
          JSON.stringify(channelIds),
          since,
          messageCode('uncertain'),
        )
        .map(toUncertain);
    },
    async add(rows) {
      for (const row of rows) {
        db.run(
          `INSERT OR REPLACE INTO uncertain (plan_id, idx, channel_id, recipient, user_reference, since, repeats, decide_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          row.planId,
          row.index,
          row.channelId,
          row.recipient,
          row.userReference,
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

export function toUncertain(row: Row): Uncertain {
  return {
    planId: row.plan_id as number,
    index: row.idx as number,
    channelId: row.channel_id as number,
    recipient: row.recipient as number,
    userReference: row.user_reference as number | null,
    since: row.since as number,
    decision: row.repeats === 1 ? 'repeat' : 'giveUp',
    decideAt: row.decide_at as number,
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

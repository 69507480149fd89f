import { categoryCode } from '../../domain/category.ts';
import { messageCode } from '../../domain/message.ts';
import type { LeasedRetry, RetryReader, RetryWriter, Uncertain, UncertainReader, UncertainWriter } from '../store.ts';
import { WAITING } from './claims.ts';
import type { Database, Row } from './database.ts';
import { amongRows, inPieces } from './places.ts';
import { bit } from './sql.ts';

const MAX_ROWS = 500;

/** Retries that one lease goes through, however many of them are dropped. */
const MAX_LOOKED_AT = 10_000;

/** Uncertain messages to one number that are looked at; our own number for an attempt may choose among them. */
const MAX_CANDIDATES = 100;

/** A message may have been claimed through another task, or its plan stands still: its retry has nothing to do then. */
const DUE_RETRIES = `SELECT STRAIGHT_JOIN r.plan_id, r.idx, r.due_at, p.business_id, m.recipient, m.segments,
    p.state = 2 AND ${WAITING} AS ready, p.test_channel_id, m.attempts
  FROM retry r FORCE INDEX (retry_due) JOIN plan p ON p.id = r.plan_id
    JOIN message m ON m.plan_id = r.plan_id AND m.idx = r.idx
  WHERE r.category = ? AND r.due_at <= ? ORDER BY r.due_at, r.plan_id, r.idx LIMIT ?`;

type Place = Pick<LeasedRetry, 'planId' | 'index'>;

/** Places as rows, for `(plan_id, idx) IN (?)`. */
const placesOf = (rows: readonly Place[]) => rows.map(({ planId, index }) => [planId, index]);

export function retryTable(db: Database): RetryReader & RetryWriter {
  const remove = async (rows: readonly Place[]) => {
    for (const piece of inPieces(placesOf(rows), MAX_ROWS)) {
      await db.run('DELETE FROM retry WHERE (plan_id, idx) IN (?)', amongRows(piece));
    }
  };
  return {
    async nextAt(category) {
      const [row] = await db.lists('SELECT min(due_at) FROM retry WHERE category = ?', categoryCode(category));
      return row![0] as number | null;
    },
    async lease(category, at, leaseUntil, limit) {
      const leased: LeasedRetry[] = [];
      for (let looked = 0; leased.length < limit && looked < MAX_LOOKED_AT; ) {
        const due = (await db.lists(DUE_RETRIES, categoryCode(category), at, limit - leased.length)) as number[][];
        if (due.length === 0) break;
        looked += due.length;
        const ready: LeasedRetry[] = [];
        const idle: Place[] = [];
        for (const [planId, index, dueAt, businessId, recipient, segments, isReady, tested, attempts] of due as [
          number,
          number,
          ...number[],
        ][]) {
          if (isReady !== 1) {
            idle.push({ planId, index });
            continue;
          }
          ready.push({
            planId,
            index,
            category,
            dueAt: dueAt!,
            businessId: businessId!,
            recipient: recipient!,
            segments: segments!,
            attempts: attempts!,
            refusedBy: [],
            testChannelId: tested ?? null,
          });
        }
        await remove(idle);
        if (ready.length > 0) {
          await db.run(
            'UPDATE retry SET due_at = ? WHERE (plan_id, idx) IN (?)',
            leaseUntil,
            amongRows(placesOf(ready)),
          );
          await tellRefusals(db, ready);
        }
        leased.push(...ready);
      }
      return leased;
    },
    async add(retries) {
      const rows = retries.map(({ planId, index, category, dueAt }) => [planId, index, categoryCode(category), dueAt]);
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run(
          `INSERT INTO retry (plan_id, idx, category, due_at) VALUES ?
           ON DUPLICATE KEY UPDATE category = VALUES(category), due_at = VALUES(due_at)`,
          piece,
        );
      }
    },
    async release(retries, at) {
      for (const piece of inPieces(placesOf(retries), MAX_ROWS)) {
        await db.run(
          'UPDATE retry SET due_at = ? WHERE (plan_id, idx) IN (?) AND due_at > ?',
          at,
          amongRows(piece),
          at,
        );
      }
    },
    async recall(at) {
      await db.run('UPDATE retry SET due_at = ? WHERE due_at > ?', at, at);
    },
    remove,
  };
}

/** Which channels' carriers wanted each to be sent over another. */
async function tellRefusals(db: Database, retries: readonly LeasedRetry[]): Promise<void> {
  const byPlace = new Map(retries.map((retry) => [`${retry.planId} ${retry.index}`, retry]));
  const rows = (await db.lists(
    `SELECT DISTINCT plan_id, idx, channel_id FROM attempt WHERE (plan_id, idx) IN (?) AND refused = 1
     ORDER BY plan_id, idx, channel_id`,
    amongRows(placesOf(retries)),
  )) as number[][];
  for (const [planId, index, channelId] of rows) byPlace.get(`${planId} ${index}`)!.refusedBy.push(channelId!);
}

export function uncertainTable(db: Database): UncertainReader & UncertainWriter {
  return {
    async due(at, limit) {
      const rows = await db.all('SELECT * FROM uncertain WHERE decide_at <= ? ORDER BY decide_at LIMIT ?', at, limit);
      return rows.map(toUncertain);
    },
    async nextAt() {
      return (await db.lists('SELECT min(decide_at) FROM uncertain'))[0]![0] as number | null;
    },
    async candidates(channelIds, recipient, since) {
      const rows = await db.all(
        `SELECT STRAIGHT_JOIN u.* FROM uncertain u JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
         WHERE u.recipient = ? AND u.channel_id IN (?) AND u.since >= ? AND m.state = ${messageCode('uncertain')}
         LIMIT ${MAX_CANDIDATES}`,
        recipient,
        channelIds,
        since,
      );
      return rows.map(toUncertain);
    },
    async add(rows) {
      const values = rows.map(({ planId, index, channelId, recipient, userReference, since, decision, decideAt }) => [
        planId,
        index,
        channelId,
        recipient,
        userReference,
        since,
        bit(decision === 'repeat'),
        decideAt,
      ]);
      for (const piece of inPieces(values, MAX_ROWS)) {
        await db.run(
          `INSERT INTO uncertain (plan_id, idx, channel_id, recipient, user_reference, since, repeats, decide_at) VALUES ?
           ON DUPLICATE KEY UPDATE channel_id = VALUES(channel_id), recipient = VALUES(recipient),
             user_reference = VALUES(user_reference), since = VALUES(since), repeats = VALUES(repeats),
             decide_at = VALUES(decide_at)`,
          piece,
        );
      }
    },
    async remove(rows) {
      for (const piece of inPieces(placesOf(rows), MAX_ROWS)) {
        await db.run('DELETE FROM uncertain WHERE (plan_id, idx) IN (?)', amongRows(piece));
      }
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

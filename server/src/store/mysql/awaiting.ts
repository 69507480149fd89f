import { idAt } from '../../lib/ids.ts';
import type { Awaiting, AwaitingTable } from '../store.ts';
import type { Cell, Database } from './database.ts';
import { inPieces } from './places.ts';

const MAX_ROWS = 2_000;

/** No part waits since before its plan was made; clocks of several processes differ. */
const SLACK_MS = 86_400_000;

/**
 * Lists of ids and of keys as tables `r`: a list of 2,000 rows of four columns in an IN takes MariaDB seconds to plan. Compared
 * with a column of a binary collation, a text is compared as that says, so the key is used.
 */
const TEXT = 'VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci';
const IDS = `JSON_TABLE(?, '$[*]' COLUMNS (id ${TEXT} PATH '$')) r`;
const KEYS = `JSON_TABLE(?, '$[*]' COLUMNS (channel INT PATH '$[0]', id ${TEXT} PATH '$[1]', p BIGINT PATH '$[2]',
  i INT UNSIGNED PATH '$[3]')) r`;

const COLUMNS = 'channel_id, carrier_id, plan_id, idx, recipient, parts, since';

/** Parts that wait for a report: a plain table, small enough to stay in memory since nearly all reports come within seconds. */
export function awaitingTable(db: Database): AwaitingTable {
  return {
    async add(rows) {
      const values = rows.map(({ channelId, carrierId, planId, index, recipient, parts, since }) => [
        channelId,
        carrierId,
        planId,
        index,
        recipient,
        parts,
        since,
      ]);
      for (const piece of inPieces(values, MAX_ROWS)) {
        await db.run(
          `INSERT INTO awaiting (${COLUMNS}) VALUES ?
           ON DUPLICATE KEY UPDATE recipient = VALUES(recipient), parts = VALUES(parts), since = VALUES(since)`,
          piece,
        );
      }
    },
    async find(channelId, carrierIds) {
      const found: Awaiting[] = [];
      for (const piece of inPieces([...new Set(carrierIds)], MAX_ROWS)) {
        const rows = await db.lists(
          `SELECT ${COLUMNS} FROM ${IDS} STRAIGHT_JOIN awaiting a ON a.channel_id = ? AND a.carrier_id = r.id`,
          JSON.stringify(piece),
          channelId,
        );
        for (const row of rows) found.push(toAwaiting(row));
      }
      return found.sort((a, b) => b.since - a.since);
    },
    async remove(rows) {
      const keys = rows.map(({ channelId, carrierId, planId, index }) => [channelId, carrierId, planId, index]);
      for (const piece of inPieces(keys, MAX_ROWS)) {
        await db.run(
          `DELETE a FROM ${KEYS} STRAIGHT_JOIN awaiting a
           ON a.channel_id = r.channel AND a.carrier_id = r.id AND a.plan_id = r.p AND a.idx = r.i`,
          JSON.stringify(piece),
        );
      }
    },
    async waitingSinceBefore(since, after, limit) {
      // In the order of the index, which holds all that is asked for: old plans, whose parts are old, stand first.
      const rows = await db.lists(
        `SELECT ${COLUMNS} FROM awaiting FORCE INDEX (awaiting_place)
         WHERE plan_id >= ? AND plan_id < ? AND (plan_id > ? OR idx > ?) AND since < ? ORDER BY plan_id, idx LIMIT ?`,
        after?.planId ?? 0,
        idAt(since + SLACK_MS),
        after?.planId ?? -1,
        after?.to ?? 0,
        since,
        limit,
      );
      return rows.map(toAwaiting);
    },
    async dropBefore(since) {
      return db.changes('DELETE FROM awaiting WHERE plan_id < ? AND since < ?', idAt(since + SLACK_MS), since);
    },
  };
}

function toAwaiting(row: readonly Cell[]): Awaiting {
  const [channelId, carrierId, planId, index, recipient, parts, since] = row as [number, string, ...number[]];
  return {
    channelId,
    carrierId,
    planId: planId!,
    index: index!,
    recipient: recipient!,
    parts: parts!,
    since: since!,
  };
}

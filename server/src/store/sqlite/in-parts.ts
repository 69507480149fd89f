import type { PartState } from '../../domain/parts.ts';
import type { InPartsRow, InPartsTable } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function inPartsTable(db: Database): InPartsTable {
  return {
    async any() {
      return db.first('SELECT 1 FROM in_parts LIMIT 1') !== undefined;
    },
    async byMessage(planId, index) {
      const row = db.get('SELECT * FROM in_parts WHERE plan_id = ? AND idx = ?', planId, index);
      return row === undefined ? null : toRow(row);
    },
    async ofRange({ planId, from, to }) {
      return db
        .all('SELECT * FROM in_parts WHERE plan_id = ? AND idx BETWEEN ? AND ? ORDER BY idx', planId, from, to)
        .map(toRow);
    },
    async put({ planId, index, channelId, reference, round, parts, reported }) {
      db.run(
        `INSERT OR REPLACE INTO in_parts (plan_id, idx, channel_id, reference, round, parts, reported)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        planId,
        index,
        channelId,
        reference,
        round,
        JSON.stringify(parts),
        reported === null ? null : JSON.stringify(reported),
      );
    },
    async remove(planId, index) {
      db.run('DELETE FROM in_parts WHERE plan_id = ? AND idx = ?', planId, index);
    },
  };
}

function toRow(row: Row): InPartsRow {
  return {
    planId: row.plan_id as number,
    index: row.idx as number,
    channelId: row.channel_id as number,
    reference: row.reference as number,
    round: row.round as number,
    parts: JSON.parse(row.parts as string) as PartState[],
    reported: row.reported === null ? null : (JSON.parse(row.reported as string) as InPartsRow['reported']),
  };
}

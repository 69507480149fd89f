import type { PartState } from '../../domain/parts.ts';
import type { InPartsRow, InPartsTable } from '../store.ts';
import type { Database, Row } from './database.ts';
import type { Turn } from './turn.ts';

export function inPartsTable(db: Database, turn: Pick<Turn, 'mayHold' | 'fill'>): InPartsTable {
  return {
    async any() {
      return turn.mayHold('in_parts') && (await db.lists('SELECT 1 FROM in_parts LIMIT 1')).length > 0;
    },
    async byMessage(planId, index) {
      const row = await db.get('SELECT * FROM in_parts WHERE plan_id = ? AND idx = ?', planId, index);
      return row === undefined ? null : toRow(row);
    },
    async ofRange({ planId, from, to }) {
      const rows = await db.all(
        'SELECT * FROM in_parts WHERE plan_id = ? AND idx BETWEEN ? AND ? ORDER BY idx',
        planId,
        from,
        to,
      );
      return rows.map(toRow);
    },
    async put({ planId, index, channelId, reference, round, parts, reported }) {
      turn.fill('in_parts');
      await db.run(
        `INSERT INTO in_parts (plan_id, idx, channel_id, reference, round, parts, reported) VALUES ?
         ON DUPLICATE KEY UPDATE channel_id = VALUES(channel_id), reference = VALUES(reference), round = VALUES(round),
           parts = VALUES(parts), reported = VALUES(reported)`,
        [
          [
            planId,
            index,
            channelId,
            reference,
            round,
            JSON.stringify(parts),
            reported === null ? null : JSON.stringify(reported),
          ],
        ],
      );
    },
    async remove(planId, index) {
      await db.run('DELETE FROM in_parts WHERE plan_id = ? AND idx = ?', planId, index);
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

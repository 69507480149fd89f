import { messageCode, messageStateOfCode } from '../../domain/message.ts';
import type { Sweep, SweepReader, SweepWriter } from '../store.ts';
import type { Database } from './database.ts';

export function sweepTable(db: Database): SweepReader & SweepWriter {
  return {
    async byPlan(planId) {
      const row = await db.get('SELECT * FROM sweep WHERE plan_id = ?', planId);
      if (row === undefined) return null;
      const end =
        row.end_state === null
          ? null
          : { state: messageStateOfCode(row.end_state as number), error: row.error as string };
      return { planId, end: end as Sweep['end'], next: row.next_index as number };
    },
    async open(limit) {
      const rows = await db.all(
        `SELECT s.plan_id FROM sweep s STRAIGHT_JOIN plan p ON p.id = s.plan_id
         WHERE p.state = if(s.end_state IS NULL, 2, 5) ORDER BY s.end_state IS NOT NULL, s.next_index LIMIT ?`,
        limit,
      );
      return rows.map((row) => row.plan_id as number);
    },
    async put({ planId, end, next }) {
      await db.run(
        'REPLACE INTO sweep (plan_id, end_state, error, next_index) VALUES (?, ?, ?, ?)',
        planId,
        end === null ? null : messageCode(end.state),
        end?.error ?? '',
        next,
      );
    },
    async remove(planId) {
      await db.run('DELETE FROM sweep WHERE plan_id = ?', planId);
    },
  };
}

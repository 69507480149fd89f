import { messageCode, messageStateOfCode } from '../../domain/message.ts';
import type { Sweep, SweepReader, SweepWriter } from '../store.ts';
import type { Database } from './database.ts';

export function sweepTable(db: Database): SweepReader & SweepWriter {
  return {
    async byPlan(planId) {
      const row = db.get('SELECT * FROM sweep WHERE plan_id = ?', planId);
      if (row === undefined) return null;
      const end =
        row.end_state === null
          ? null
          : { state: messageStateOfCode(row.end_state as number), error: row.error as string };
      return { planId, end: end as Sweep['end'], next: row.next as number };
    },
    async open(limit) {
      return db
        .all(
          `SELECT s.plan_id FROM sweep s CROSS JOIN plan p ON p.id = s.plan_id
           WHERE p.state = iif(s.end_state IS NULL, 2, 5) ORDER BY s.end_state IS NOT NULL, s.next LIMIT ?`,
          limit,
        )
        .map((row) => row.plan_id as number);
    },
    async put({ planId, end, next }) {
      db.run(
        'INSERT OR REPLACE INTO sweep (plan_id, end_state, error, next) VALUES (?, ?, ?, ?)',
        planId,
        end === null ? null : messageCode(end.state),
        end?.error ?? '',
        next,
      );
    },
    async remove(planId) {
      db.run('DELETE FROM sweep WHERE plan_id = ?', planId);
    },
  };
}

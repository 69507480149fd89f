import { timeOfId } from '../../lib/ids.ts';
import type { RetentionTable } from '../store.ts';
import type { Database } from './database.ts';
import { CUT, type CutTable, type Day, daysOf, type Partitions } from './partitions.ts';

/** What belongs to plans and is not cut into days. */
const BESIDE = ['in_parts', 'retry', 'uncertain', 'draft', 'draft_rejected', 'sweep', 'plan_place'];

export function retentionTable(db: Database, partitions: Partitions): RetentionTable {
  return {
    async makeRoom(at) {
      partitions.check();
      for (const table of Object.keys(CUT) as CutTable[]) await partitions.cut(db, table, at);
    },
    async forgetPlans(before) {
      partitions.check();
      for (const day of await daysOf(db, 'message')) {
        if (day.to > before) break;
        if (await isHeld(db, day)) continue;
        for (const table of BESIDE) {
          await db.run(`DELETE FROM ${table} WHERE plan_id >= ? AND plan_id < ?`, day.from, day.to);
        }
        // The last run stays, since the next begins behind it.
        const [last] = await db.lists('SELECT max(id) FROM number_run');
        await db.run('DELETE FROM number_run WHERE to_plan < ? AND id < ?', day.to, (last![0] as number | null) ?? 0);
        for (const table of ['plan', 'attempt', 'sorted_number', 'message_unusual', 'message'] as const) {
          for (const same of await daysOf(db, table)) if (same.to === day.to) partitions.drop(table, same);
        }
        return 1;
      }
      return dropDay(db, partitions, 'submission', timeOfId(before));
    },
    async forgetEvents(before) {
      partitions.check();
      return dropDay(db, partitions, 'event', before);
    },
  };
}

/** Whether something can still happen to a plan of the day. */
async function isHeld(db: Database, { from, to }: Day): Promise<boolean> {
  const [held] = await db.lists(
    `SELECT 1 FROM plan_place WHERE list BETWEEN 1 AND 5 AND plan_id >= ? AND plan_id < ?
     UNION ALL SELECT 1 FROM draft WHERE expires_at IS NOT NULL AND plan_id >= ? AND plan_id < ? LIMIT 1`,
    from,
    to,
    from,
    to,
  );
  return held !== undefined;
}

/** Drops the oldest day of a table that ends at `before` or earlier; 1, or 0 where there is none. */
async function dropDay(db: Database, partitions: Partitions, table: CutTable, before: number): Promise<number> {
  const [oldest] = await daysOf(db, table);
  if (oldest === undefined || oldest.to > before) return 0;
  partitions.drop(table, oldest);
  return 1;
}

import { planCode } from '../../domain/plan.ts';
import type { RetentionTable } from '../store.ts';
import type { Database } from './database.ts';

/** Plans one step looks at, at most. */
const PLANS = 500;
const STAGED = planCode('staged');

/** Plans nothing more happens to; those that stand as being written are half forgotten. */
const ENDED = `(state = ${planCode('done')} OR state = ${planCode('cancelled')} AND done_at IS NOT NULL OR state = ${STAGED})`;

/** What belongs to a plan beside its messages. */
const BESIDE = ['attempt', 'submission', 'in_parts', 'retry', 'uncertain', 'draft', 'draft_rejected', 'sweep'];

export function retentionTable(db: Database): RetentionTable {
  return {
    async makeRoom() {},
    async forgetPlans(before, limit) {
      let forgotten = 0;
      const plans = db.all(`SELECT id FROM plan WHERE id < ? AND ${ENDED} ORDER BY id LIMIT ${PLANS}`, before);
      for (const { id } of plans) {
        if (forgotten >= limit) return forgotten;
        forgotten += forgetPlan(db, id as number, limit - forgotten);
      }
      return forgotten > 0 ? forgotten : forgetNumbers(db, before, limit);
    },
    async forgetEvents(before, limit) {
      return db.changes(
        'DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < ? ORDER BY id LIMIT ?)',
        before,
        limit,
      );
    },
  };
}

/** Forgets a plan, or so many messages of it: nobody sees it any more from then on. */
function forgetPlan(db: Database, id: number, limit: number): number {
  const messages = db.changes(
    `DELETE FROM message WHERE plan_id = ?1 AND idx IN
       (SELECT idx FROM message WHERE plan_id = ?1 ORDER BY idx DESC LIMIT ?2)`,
    id,
    limit,
  );
  if (messages === limit) {
    db.run('UPDATE plan SET state = ? WHERE id = ?', STAGED, id);
    return messages;
  }
  for (const table of BESIDE) db.run(`DELETE FROM ${table} WHERE plan_id = ?`, id);
  db.run('DELETE FROM plan WHERE id = ?', id);
  return messages + 1;
}

/** Forgets the numbers of runs of which no message is left; the last run stays, since the next begins behind it. */
function forgetNumbers(db: Database, before: number, limit: number): number {
  const oldest =
    (db.first('SELECT plan_id FROM message ORDER BY plan_id LIMIT 1')?.[0] as number | undefined) ?? before;
  const run = db.first(
    `SELECT id FROM number_run WHERE to_plan < ? AND id < (SELECT max(id) FROM number_run) ORDER BY id LIMIT 1`,
    Math.min(before, oldest),
  );
  if (run === undefined) return 0;
  const numbers = db.changes(
    `DELETE FROM sorted_number WHERE (run_id, recipient, plan_id, idx) IN
       (SELECT run_id, recipient, plan_id, idx FROM sorted_number WHERE run_id = ? LIMIT ?)`,
    run[0]!,
    limit,
  );
  if (numbers === limit) return numbers;
  db.run('DELETE FROM number_run WHERE id = ?', run[0]!);
  return numbers + 1;
}

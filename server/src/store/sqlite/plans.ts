import { categoryCode, categoryOfCode } from '../../domain/category.ts';
import { messageStateOfCode } from '../../domain/message.ts';
import { DIALECTS, type Plan, planCode, planStateOfCode } from '../../domain/plan.ts';
import type { PlanReader, PlanWriter } from '../store.ts';
import type { Database } from './database.ts';
import type { PlanOwners } from './plan-owners.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** As the index `plan_open` says it: SQLite uses a partial index only where its condition stands in the query. */
export const OPEN = 'state IN (0, 1, 2, 3)';

export function planTable(db: Database, owners: PlanOwners): PlanReader & PlanWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM plan WHERE id = ?', id);
      return row === undefined ? null : toPlan(row);
    },
    async list({ businessId, state, before, limit }) {
      const conditions = ['id < ?', 'state <> 0'];
      const values = [before ?? Number.MAX_SAFE_INTEGER];
      if (businessId !== null) {
        conditions.push('business_id = ?');
        values.push(businessId);
      }
      if (state !== null) {
        conditions.push('state = ?');
        values.push(planCode(state));
      }
      return db
        .all(`SELECT * FROM plan WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`, ...values, limit)
        .map(toPlan);
    },
    async running(category, after, limit) {
      return db
        .all(
          `SELECT id, business_id, total FROM plan
           WHERE category = ? AND id > ? AND ${OPEN} AND state = 2 ORDER BY id LIMIT ?`,
          categoryCode(category),
          after,
          limit,
        )
        .map((row) => ({ id: row.id as number, businessId: row.business_id as number, total: row.total as number }));
    },
    async anyOpenNaming(named) {
      const [column, id] =
        'templateId' in named ? ['template_id', named.templateId] : ['signature_id', named.signatureId];
      return db.get(`SELECT 1 FROM plan WHERE ${OPEN} AND state <> 0 AND ${column} = ? LIMIT 1`, id) !== undefined;
    },
    async counts(id) {
      const counts: Awaited<ReturnType<PlanReader['counts']>> = {};
      for (const row of db.all('SELECT state, count(*) AS count FROM message WHERE plan_id = ? GROUP BY state', id)) {
        counts[messageStateOfCode(row.state as number)] = row.count as number;
      }
      return counts;
    },
    async insert(plans) {
      for (const plan of plans) {
        owners.remember(plan.id, plan.businessId);
        db.run(
          `INSERT INTO plan (id, uuid, business_id, dialect, name, category, template_id, signature_id, content_id, state,
             total, accepted, left, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          plan.id,
          plan.uuid,
          plan.businessId,
          DIALECTS.indexOf(plan.dialect),
          plan.name,
          categoryCode(plan.category),
          plan.templateId,
          plan.signatureId,
          plan.contentId,
          planCode(plan.state),
          plan.total,
          plan.accepted,
          plan.left,
          plan.createdAt,
        );
      }
    },
    async setState(id, state, at) {
      const done = state === 'done' || state === 'cancelled' ? at : null;
      db.run('UPDATE plan SET state = ?, done_at = ? WHERE id = ?', planCode(state), done, id);
    },
    async answered(counts, at) {
      const done: number[] = [];
      for (const { planId, count } of counts) {
        const row = db.first('SELECT left, state FROM plan WHERE id = ?', planId);
        if (row === undefined) continue;
        const left = (row[0] as number) - count;
        if (left <= 0 && row[1] === planCode('running')) {
          db.run('UPDATE plan SET left = 0, state = ?, done_at = ? WHERE id = ?', planCode('done'), at, planId);
          done.push(planId);
        } else db.run('UPDATE plan SET left = ? WHERE id = ?', left, planId);
      }
      return done;
    },
    async deleteStaged(id) {
      const staged = `SELECT id FROM plan WHERE ${OPEN} AND state = 0 ${id === null ? '' : 'AND id = ?'}`;
      const values = id === null ? [] : [id];
      db.run(`DELETE FROM message WHERE plan_id IN (${staged})`, ...values);
      return db.changes(`DELETE FROM plan WHERE id IN (${staged})`, ...values);
    },
  };
}

function toPlan(row: Row): Plan {
  return {
    id: row.id as number,
    uuid: row.uuid as string | null,
    businessId: row.business_id as number,
    dialect: DIALECTS[row.dialect as number]!,
    name: row.name as string,
    category: categoryOfCode(row.category as number),
    templateId: row.template_id as number,
    signatureId: row.signature_id as number | null,
    contentId: row.content_id as number,
    state: planStateOfCode(row.state as number),
    total: row.total as number,
    accepted: row.accepted as number,
    left: row.left as number,
    createdAt: row.created_at as number,
    doneAt: row.done_at as number | null,
  };
}

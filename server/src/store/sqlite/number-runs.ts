import type { NumberRunReader, NumberRunWriter } from '../store.ts';
import type { Database } from './database.ts';
import { OPEN } from './plans.ts';

export function numberRunTable(db: Database): NumberRunReader & NumberRunWriter {
  return {
    async next(size) {
      const [id, after] = db.first(
        'SELECT coalesce(max(id), 0), coalesce(max(to_plan), 0) FROM number_run',
      ) as number[];
      const last = db.first(
        'SELECT plan_id FROM message WHERE plan_id > ? ORDER BY plan_id, idx LIMIT 1 OFFSET ?',
        after!,
        size - 1,
      );
      if (last === undefined) return null;
      const to = last[0] as number;
      // Messages are still being added to what is staged.
      const staged = db.first(`SELECT 1 FROM plan WHERE ${OPEN} AND state = 0 AND id <= ? LIMIT 1`, to);
      return staged === undefined ? { id: id! + 1, after: after!, to } : null;
    },
    async sort({ after, to }, behind, size) {
      const from = [behind?.planId ?? after + 1, behind?.index ?? -1] as const;
      const [end, more] = db.lists(
        `SELECT plan_id, idx FROM message WHERE (plan_id, idx) > (?, ?) AND plan_id <= ?
         ORDER BY plan_id, idx LIMIT 2 OFFSET ?`,
        ...from,
        to,
        size - 1,
      ) as Iterable<[number, number]>;
      const recipients: number[] = [];
      const planIds: number[] = [];
      const indexes: number[] = [];
      for (const [recipient, planId, index] of db.lists(
        `SELECT recipient, plan_id, idx FROM message
         WHERE (plan_id, idx) > (?, ?) AND (plan_id, idx) <= (?, ?) AND recipient > 0
         ORDER BY recipient, plan_id, idx`,
        ...from,
        ...(end ?? [to, Number.MAX_SAFE_INTEGER]),
      )) {
        recipients.push(recipient as number);
        planIds.push(planId as number);
        indexes.push(index as number);
      }
      const numbers = {
        recipients: Float64Array.from(recipients),
        planIds: Float64Array.from(planIds),
        indexes: Uint32Array.from(indexes),
      };
      return { numbers, end: more === undefined ? null : { planId: end![0], index: end![1] } };
    },
    async add(pieceId, { recipients, planIds, indexes }) {
      for (let i = 0; i < recipients.length; i++) {
        db.run(
          'INSERT OR IGNORE INTO sorted_number (run_id, recipient, plan_id, idx) VALUES (?, ?, ?, ?)',
          pieceId,
          recipients[i]!,
          planIds[i]!,
          indexes[i]!,
        );
      }
    },
    async seal({ id, after, to }, pieces) {
      for (let piece = id; piece < id + pieces; piece++) {
        db.run('INSERT INTO number_run (id, after_plan, to_plan) VALUES (?, ?, ?)', piece, after, to);
      }
    },
  };
}

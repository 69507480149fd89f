import type { NumberRunReader, NumberRunWriter } from '../store.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';

const MAX_ROWS = 5_000;

export function numberRunTable(db: Database): NumberRunReader & NumberRunWriter {
  return {
    async next(size) {
      const [run] = (await db.lists('SELECT id, to_plan FROM number_run ORDER BY id DESC LIMIT 1')) as number[][];
      const [id, after] = run ?? [0, 0];
      const [last] = await db.lists(
        'SELECT plan_id FROM message WHERE plan_id > ? ORDER BY plan_id, idx LIMIT 1 OFFSET ?',
        after!,
        size - 1,
      );
      if (last === undefined) return null;
      const to = last[0] as number;
      // Messages are still being added to what is staged.
      const [staged] = await db.lists(
        `SELECT STRAIGHT_JOIN 1 FROM plan_place o JOIN plan p ON p.id = o.plan_id
         WHERE o.list IN (1, 2, 3) AND o.plan_id <= ? AND p.state = 0 LIMIT 1`,
        to,
      );
      return staged === undefined ? { id: id! + 1, after: after!, to } : null;
    },
    async sort({ after, to }, behind, size) {
      const rows: [recipient: number, planId: number, index: number][] = [];
      // The server would sort on disk; a piece fits into memory. One more tells whether there is a next one.
      await db.each(
        `SELECT recipient, plan_id, idx FROM message
         WHERE plan_id >= ? AND plan_id <= ? AND (plan_id > ? OR idx > ?) ORDER BY plan_id, idx LIMIT ?`,
        [behind?.planId ?? after + 1, to, behind?.planId ?? after, behind?.index ?? -1, size + 1],
        (row) => rows.push(row as unknown as [number, number, number]),
      );
      const [, planId, index] = rows.length > size ? rows[size - 1]! : [];
      const numbers = rows.slice(0, size).filter(([recipient]) => recipient > 0);
      numbers.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
      return {
        numbers: {
          recipients: Float64Array.from(numbers, ([recipient]) => recipient),
          planIds: Float64Array.from(numbers, ([, planId]) => planId),
          indexes: Uint32Array.from(numbers, ([, , index]) => index),
        },
        end: planId === undefined ? null : { planId, index: index! },
      };
    },
    async add(pieceId, { recipients, planIds, indexes }) {
      const rows = Array.from(recipients, (recipient, i) => [pieceId, recipient, planIds[i]!, indexes[i]!]);
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run(
          `INSERT INTO sorted_number (run_id, recipient, plan_id, idx) VALUES ? ON DUPLICATE KEY UPDATE idx = VALUES(idx)`,
          piece,
        );
      }
    },
    async seal({ id, after, to }, pieces) {
      const rows = Array.from({ length: pieces }, (_, piece) => [id + piece, after, to]);
      await db.run('INSERT INTO number_run (id, after_plan, to_plan) VALUES ?', rows);
    },
  };
}

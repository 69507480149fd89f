import type { MessageMoney, MoneyOfPlan } from './store.ts';

/** Columns plan, reserved, settled, released, refunded. */
export const toMoney = ([planId, reserved, settled, released, refunded]: readonly number[]): MoneyOfPlan => ({
  planId: planId!,
  reserved: reserved!,
  settled: settled!,
  released: released!,
  refunded: refunded!,
});

/** A place among messages, which stand in the order of plans and indexes. */
interface Place {
  planId: number;
  index: number;
}

/** Columns of {@link toMoney}, the last refund, the last index and how many there were, of a piece of messages. */
const moneyOf = (where: string): string =>
  `SELECT plan_id, sum(reserved), sum(settled), sum(released), sum(refunded),
     max(CASE WHEN refunded > 0 THEN coalesce(final_at, 0) ELSE 0 END), max(idx), count(*)
   FROM (SELECT plan_id, idx, reserved, settled, released, refunded, final_at FROM message WHERE ${where}
     ORDER BY plan_id, idx LIMIT ?) m
   GROUP BY plan_id ORDER BY plan_id`;

/** The rest of a plan, and the plans after it: two questions, since no database finds both at once by its index. */
const REST = moneyOf('plan_id = ? AND idx > ?');
const AFTER = moneyOf('plan_id > ? AND plan_id <= ?');

/** {@link MessageReader.money}; `ask` puts a question to the database. */
export async function moneyBehind(
  ask: (sql: string, ...values: number[]) => Promise<readonly number[][]>,
  after: Place,
  last: number,
  limit: number,
): Promise<{ plans: MessageMoney[]; next: Place | null }> {
  const rows = [...(await ask(REST, after.planId, after.index, limit))];
  const room = limit - looked(rows);
  if (room > 0) rows.push(...(await ask(AFTER, after.planId, last, room)));
  const end = rows.at(-1);
  return {
    plans: rows.map((row) => ({ ...toMoney(row), refundedAt: row[5]! })),
    next: end === undefined || looked(rows) < limit ? null : { planId: end[0]!, index: end[6]! },
  };
}

const looked = (rows: readonly number[][]): number => rows.reduce((sum, row) => sum + row[7]!, 0);

import { type MessageState, messageCode, USUAL } from '../../domain/message.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';
import type { Value } from './sql.ts';

const MAX_ROWS = 2_000;

/** Messages that are in a state from now on, of a business. */
export interface Ended {
  planId: number;
  businessId: number;
  from: number;
  to: number;
}

/** Lets messages be found by a state that few are in. */
export async function noteUnusual(db: Database, state: MessageState, runs: readonly Ended[]): Promise<void> {
  if (USUAL.includes(state)) return;
  const rows: Value[][] = [];
  for (const { planId, businessId, from, to } of runs) {
    for (let index = from; index <= to; index++) rows.push([messageCode(state), planId, index, businessId]);
  }
  await addUnusual(db, rows);
}

/** The same for rows: state, plan, index, business. */
export async function addUnusual(db: Database, rows: readonly Value[][]): Promise<void> {
  for (const piece of inPieces(rows, MAX_ROWS)) {
    // One that was in this state before stands there already.
    await db.run(
      `INSERT INTO message_unusual (state, plan_id, idx, business_id) VALUES ?
       ON DUPLICATE KEY UPDATE business_id = VALUES(business_id)`,
      piece,
    );
  }
}

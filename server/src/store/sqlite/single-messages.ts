import { type MessageState, messageCode } from '../../domain/message.ts';
import type { NewMessages, SubmittedRun, Touched } from '../store.ts';
import type { Database } from './database.ts';
import type { PlanOwners } from './plan-owners.ts';
import { placesOf, RowsStatement } from './rows-statement.ts';

// Messages that are alone in their plans come many at a time, in requests of one number each.

const INSERT_SINGLES = new RowsStatement(
  2,
  (rows) => `INSERT INTO message
    (segments, reserved, state, attempts, channel_id, dispatched_at, idx, plan_id, recipient)
    SELECT ${placesOf(6)}, 0, * FROM (VALUES ${rows})`,
);

/** Whether both are one message alone, and alike but for plan and recipient. */
export function areAlikeSingles(a: NewMessages, b: NewMessages): boolean {
  return (
    isSingle(a) &&
    isSingle(b) &&
    a.segments === b.segments &&
    a.reserved === b.reserved &&
    a.claim?.channelId === b.claim?.channelId &&
    a.claim?.at === b.claim?.at
  );
}

const isSingle = ({ from, recipients, segments, reserved, parameters }: NewMessages): boolean =>
  from === 0 &&
  recipients.length === 1 &&
  typeof segments === 'number' &&
  typeof reserved === 'number' &&
  (parameters === null || parameters[0] === null);

/** Inserts messages that are {@link areAlikeSingles}. */
export function insertSingles(db: Database, messages: readonly NewMessages[]): void {
  const { segments, reserved, claim } = messages[0]!;
  const alike = [
    segments as number,
    reserved as number,
    messageCode(claim === undefined ? 'accepted' : 'dispatching'),
    claim === undefined ? 0 : 1,
    claim?.channelId ?? null,
    claim?.at ?? null,
  ];
  INSERT_SINGLES.run(db, alike, messages, ({ planId, recipients }, values) => values.push(planId, recipients[0]!));
}

interface Statements {
  touch: RowsStatement;
  submit: string;
}

const guards = new WeakMap<readonly MessageState[], Statements>();

function guarded(from: readonly MessageState[]): Statements {
  let statements = guards.get(from);
  if (statements === undefined) {
    const states = `state IN (${from.map(messageCode).join(', ')})`;
    statements = {
      touch: new RowsStatement(
        1,
        (ids) => `SELECT json_group_array(plan_id), json_group_array(reserved) FROM message
          WHERE plan_id IN (${ids}) AND idx = 0 AND ${states}`,
      ),
      submit: `UPDATE message SET state = ${messageCode('submitted')}, error = NULL, settled = reserved,
        submitted_at = ?, carrier_ids = ? WHERE plan_id = ? AND idx = 0 AND ${states}`,
    };
    guards.set(from, statements);
  }
  return statements;
}

/** Those that are the first message of a plan alone, no plan twice, and the others. */
export function singlesAmong(runs: readonly SubmittedRun[]): { singles: SubmittedRun[]; others: SubmittedRun[] } {
  const singles = new Map<number, SubmittedRun>();
  const others: SubmittedRun[] = [];
  for (const run of runs) {
    if (run.from === 0 && run.to === 0 && !singles.has(run.planId)) singles.set(run.planId, run);
    else others.push(run);
  }
  return { singles: [...singles.values()], others };
}

/** Marks first messages of different plans as submitted, as far as they are in one of the states. */
export function submitSingles(
  db: Database,
  owners: PlanOwners,
  singles: readonly SubmittedRun[],
  from: readonly MessageState[],
  at: number,
): Touched[] {
  const { touch, submit } = guarded(from);
  const touched: Touched[] = [];
  const found = touch.first(
    db,
    singles.map(({ planId }) => planId),
  ) as [plans: string, credits: string][];
  for (const [plans, credits] of found) {
    const planIds = JSON.parse(plans) as number[];
    const reserved = JSON.parse(credits) as number[];
    for (let i = 0; i < planIds.length; i++) {
      const planId = planIds[i]!;
      touched.push({ planId, businessId: owners.of(planId), from: 0, to: 0, count: 1, reserved: reserved[i]! });
    }
  }
  // One each: an UPDATE of many rows from a list looks for every one of them twice.
  for (const { planId, carrierIds } of singles) db.run(submit, at, carrierIds.join(' '), planId);
  return touched;
}

import { type MessageState, messageCode } from '../../domain/message.ts';
import type { NewMessages, SubmittedRun, Touched } from '../store.ts';
import type { Database } from './database.ts';
import type { PlanOwners } from './plan-owners.ts';

// Messages that are alone in their plans come many at a time, in requests of one number each: a list of them is one
// statement, which takes half the time of one statement each.

/** From this many rows on, one statement over a JSON list is cheaper than one statement a row. */
export const LIST_FROM = 4;

/** Rows in their order, those together that stand together and are alike. */
export function alikeRuns<T>(rows: readonly T[], areAlike: (a: T, b: T) => boolean): T[][] {
  const runs: T[][] = [];
  let last: T[] | undefined;
  for (const row of rows) {
    if (last !== undefined && areAlike(last[0]!, row)) last.push(row);
    else {
      last = [row];
      runs.push(last);
    }
  }
  return runs;
}

const INSERT_SINGLES = `INSERT INTO message
   (plan_id, idx, recipient, segments, reserved, state, attempts, channel_id, dispatched_at)
   SELECT key, 0, value, ?1, ?2, ?3, ?4, ?5, ?6 FROM json_each(?7)`;

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
  let recipients = '';
  for (const { planId, recipients: only } of messages) recipients += `,"${planId}":${only[0]}`;
  db.run(
    INSERT_SINGLES,
    segments as number,
    reserved as number,
    messageCode(claim === undefined ? 'accepted' : 'dispatching'),
    claim === undefined ? 0 : 1,
    claim?.channelId ?? null,
    claim?.at ?? null,
    `{${recipients.slice(1)}}`,
  );
}

interface Statements {
  touch: string;
  submit: string;
}

const guards = new WeakMap<readonly MessageState[], Statements>();

function guarded(from: readonly MessageState[]): Statements {
  let statements = guards.get(from);
  if (statements === undefined) {
    const states = `m.state IN (${from.map(messageCode).join(', ')})`;
    statements = {
      touch: `SELECT json_group_array(m.plan_id), json_group_array(m.reserved)
         FROM json_each(?) s CROSS JOIN message m ON m.plan_id = s.value AND m.idx = 0 AND ${states}`,
      submit: `UPDATE message AS m SET state = ${messageCode('submitted')}, error = NULL, settled = reserved,
           submitted_at = ?1, carrier_ids = s.value
         FROM json_each(?2) s WHERE m.plan_id = CAST(s.key AS INTEGER) AND m.idx = 0 AND ${states}`,
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
  const [plans, credits] = db.first(touch, JSON.stringify(singles.map(({ planId }) => planId))) as [string, string];
  const planIds = JSON.parse(plans) as number[];
  if (planIds.length === 0) return [];
  const reserved = JSON.parse(credits) as number[];
  let ids = '';
  for (const { planId, carrierIds } of singles) ids += `,"${planId}":${JSON.stringify(carrierIds.join(' '))}`;
  db.run(submit, at, `{${ids.slice(1)}}`);
  return planIds.map((planId, i) => ({
    planId,
    businessId: owners.of(planId),
    from: 0,
    to: 0,
    count: 1,
    reserved: reserved[i]!,
  }));
}

import { FINAL, type MessageState, messageCode } from '../../domain/message.ts';
import type { MessageWriter, NewMessages, OpenedMessages, Range, Touched } from '../store.ts';
import type { Database } from './database.ts';
import { toRanges } from './message-reader.ts';
import type { PlanOwners } from './plan-owners.ts';

/** From this many rows on, one statement over a JSON list is cheaper than one statement a row. */
const LIST_FROM = 4;

/** Messages that may be claimed for sending. */
export const WAITING = `state IN (${messageCode('accepted')}, ${messageCode('queued')})`;
const DISPATCHING = messageCode('dispatching');

export function messageWriter(db: Database, owners: PlanOwners): MessageWriter {
  return {
    async insert(messages) {
      for (const group of messages) insertGroup(db, group);
    },
    async open(ranges, channelId, at) {
      const rows = new OpenedRows(owners);
      for (const range of ranges) openRange(db, range, channelId, at, rows);
      return rows.columns();
    },
    async unopen(ranges) {
      for (const { planId, from, to } of ranges) {
        db.run(
          `UPDATE message SET state = iif(attempts > 1, ?1, ?2), attempts = attempts - 1,
             channel_id = iif(attempts > 1, channel_id, NULL), dispatched_at = iif(attempts > 1, dispatched_at, NULL),
             repeating = coalesce((SELECT a.repeat FROM attempt a
               WHERE a.plan_id = message.plan_id AND a.idx = message.idx AND a.number = message.attempts), 0)
           WHERE plan_id = ?3 AND idx BETWEEN ?4 AND ?5 AND state = ?6`,
          messageCode('queued'),
          messageCode('accepted'),
          planId,
          from,
          to,
          DISPATCHING,
        );
        db.run(
          `DELETE FROM attempt WHERE plan_id = ? AND idx BETWEEN ? AND ? AND number >
             (SELECT attempts FROM message m WHERE m.plan_id = attempt.plan_id AND m.idx = attempt.idx)`,
          planId,
          from,
          to,
        );
      }
    },
    async move({ ranges, from, to, charge, at, error }) {
      const touched: Touched[] = [];
      const update = moveStatement(to, charge, from);
      for (const range of ranges) {
        const values = [messageCode(to), error ?? null, at, range.planId, range.from, range.to] as const;
        const found = touch(db, owners, range, from);
        if (found.length === 0) continue;
        db.run(update, ...values);
        touched.push(...found);
      }
      return touched;
    },
    async submit(runs, from, channelId, at) {
      const touched: Touched[] = [];
      const { submitOne, submitRange } = guarded(from);
      for (const run of runs) {
        const found = touch(db, owners, run, from);
        if (found.length === 0) continue;
        touched.push(...found);
        const carrierIds = run.carrierIds.join(' ');
        if (run.from === run.to) {
          db.run(submitOne, at, carrierIds, run.planId, run.from);
          continue;
        }
        db.run(submitRange, at, run.planId, run.from, run.to);
        db.run(
          `INSERT INTO submission (plan_id, from_idx, to_idx, parts, channel_id, carrier_ids, at)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          run.planId,
          run.from,
          run.to,
          run.parts,
          channelId,
          carrierIds,
          at,
        );
      }
      return touched;
    },
    async countDeliveredPart(planId, index) {
      const row = db.get(
        `UPDATE message SET delivered_parts = delivered_parts + 1 WHERE plan_id = ? AND idx = ?
         RETURNING delivered_parts >= segments AS all_delivered`,
        planId,
        index,
      );
      return row?.all_delivered === 1;
    },
    async countRepeat(planId, index) {
      db.run('UPDATE message SET repeats = repeats + 1, repeating = 1 WHERE plan_id = ? AND idx = ?', planId, index);
    },
  };
}

function insertGroup(db: Database, group: NewMessages): void {
  const { planId, from, recipients, segments, reserved, parameters } = group;
  if (
    recipients.length >= LIST_FROM &&
    parameters === null &&
    typeof segments === 'number' &&
    typeof reserved === 'number'
  ) {
    db.run(
      `INSERT INTO message (plan_id, idx, recipient, state, segments, reserved)
       SELECT ?1, ?2 + key, value, 0, ?3, ?4 FROM json_each(?5)`,
      planId,
      from,
      segments,
      reserved,
      JSON.stringify(recipients),
    );
    return;
  }
  for (let i = 0; i < recipients.length; i++) {
    db.run(
      'INSERT INTO message (plan_id, idx, recipient, state, segments, reserved, parameters) VALUES (?, ?, ?, 0, ?, ?, ?)',
      planId,
      from + i,
      recipients[i]!,
      typeof segments === 'number' ? segments : segments[i]!,
      typeof reserved === 'number' ? reserved : reserved[i]!,
      parameters?.[i] ?? null,
    );
  }
}

/** Gathers what was opened, column by column. */
class OpenedRows {
  readonly #owners: PlanOwners;
  readonly #planIds: number[] = [];
  readonly #indexes: number[] = [];
  readonly #recipients: number[] = [];
  readonly #contentIds: number[] = [];
  readonly #parameters: (string | null)[] = [];
  #anyParameters = false;

  constructor(owners: PlanOwners) {
    this.#owners = owners;
  }

  add(planId: number, index: number, recipient: number, contentId: number, parameters: string | null): void {
    this.#planIds.push(planId);
    this.#indexes.push(index);
    this.#recipients.push(recipient);
    this.#contentIds.push(contentId);
    this.#parameters.push(parameters);
    if (parameters !== null) this.#anyParameters = true;
  }

  columns(): OpenedMessages {
    return {
      planIds: Float64Array.from(this.#planIds),
      businessIds: Float64Array.from(this.#planIds, (planId) => this.#owners.of(planId)),
      indexes: Uint32Array.from(this.#indexes),
      recipients: Float64Array.from(this.#recipients),
      contentIds: Float64Array.from(this.#contentIds),
      parameters: this.#anyParameters ? this.#parameters : null,
    };
  }
}

// Statements that run for every message are texts made once: their hash, by which the prepared statement is found, is
// then computed once.

const OPEN_RANGE = `UPDATE message SET state = ${DISPATCHING}, channel_id = ?1, attempts = attempts + 1,
   dispatched_at = coalesce(dispatched_at, ?2) WHERE plan_id = ?3 AND idx BETWEEN ?4 AND ?5 AND ${WAITING}`;

const READ_WAITING = `SELECT p.content_id, m.recipient, m.parameters, m.attempts + 1
   FROM plan p CROSS JOIN message m ON m.plan_id = p.id
   WHERE p.id = ? AND p.state = 2 AND m.idx = ? AND m.${WAITING}`;

const READ_WAITING_RANGE = `SELECT json_group_array(idx) AS indexes, json_group_array(recipient) AS recipients,
     CASE WHEN count(parameters) > 0 THEN json_group_array(parameters) END AS parameters,
     max(attempts) + 1 AS attempts, count(*) AS count
   FROM message WHERE plan_id = ? AND idx BETWEEN ? AND ? AND ${WAITING}`;

function openRange(db: Database, range: Range, channelId: number, at: number, rows: OpenedRows): void {
  const { planId, from, to } = range;
  let attempts = 0;
  if (from === to) {
    const row = db.first(READ_WAITING, planId, from) as
      | [contentId: number, recipient: number, parameters: string | null, attempts: number]
      | undefined;
    if (row === undefined) return;
    attempts = row[3];
    rows.add(planId, from, row[1], row[0], row[2]);
  } else {
    const plan = db.first('SELECT content_id FROM plan WHERE id = ? AND state = 2', planId);
    if (plan === undefined) return;
    const contentId = plan[0] as number;
    const row = db.get(READ_WAITING_RANGE, planId, from, to)!;
    if (row.count === 0) return;
    attempts = row.attempts as number;
    const indexes = JSON.parse(row.indexes as string) as number[];
    const recipients = JSON.parse(row.recipients as string) as number[];
    const parameters = row.parameters === null ? null : (JSON.parse(row.parameters as string) as (string | null)[]);
    for (let i = 0; i < indexes.length; i++) {
      rows.add(planId, indexes[i]!, recipients[i]!, contentId, parameters === null ? null : parameters[i]!);
    }
  }
  db.run(OPEN_RANGE, channelId, at, planId, from, to);
  if (attempts > 1) keepAttempts(db, range, channelId, at);
}

/** Second and later attempts get rows of their own, which tell repeats from plain retries. */
function keepAttempts(db: Database, { planId, from, to }: Range, channelId: number, at: number): void {
  db.run(
    `INSERT INTO attempt (plan_id, idx, number, channel_id, opened_at, repeat)
     SELECT plan_id, idx, attempts, ?, ?, repeating FROM message
     WHERE plan_id = ? AND idx BETWEEN ? AND ? AND state = ? AND attempts > 1 ON CONFLICT DO NOTHING`,
    channelId,
    at,
    planId,
    from,
    to,
    DISPATCHING,
  );
  db.run(
    'UPDATE message SET repeating = 0 WHERE plan_id = ? AND idx BETWEEN ? AND ? AND state = ?',
    planId,
    from,
    to,
    DISPATCHING,
  );
}

function alone(owners: PlanOwners, { planId, from }: Range, reserved: number): Touched {
  return { planId, businessId: owners.of(planId), from, to: from, count: 1, reserved };
}

/** What of the range is in one of the states: one entry per unbroken run. */
function touch(db: Database, owners: PlanOwners, range: Range, states: readonly MessageState[]): Touched[] {
  const { planId, from, to } = range;
  const { touchOne, touchRange, listTouched } = guarded(states);
  if (from === to) {
    // UPDATE … RETURNING would do it in one statement, and takes twice as long as these two.
    const row = db.first(touchOne, planId, from);
    return row === undefined ? [] : [alone(owners, range, row[0] as number)];
  }
  const row = db.get(touchRange, planId, from, to)!;
  const count = row.count as number;
  if (count === 0) return [];
  const first = row.first as number;
  const last = row.last as number;
  if (last - first + 1 === count) {
    return [{ planId, businessId: owners.of(planId), from: first, to: last, count, reserved: row.reserved as number }];
  }
  return toRanges(db.all(listTouched, planId, from, to)).flatMap((run) => touch(db, owners, run, states));
}

/** Statements of one guard, that is of one list of states a change starts from. */
interface GuardedStatements {
  touchOne: string;
  touchRange: string;
  listTouched: string;
  submitOne: string;
  submitRange: string;
  /** By new state and charge. */
  move: Map<string, string>;
}

const guards = new WeakMap<readonly MessageState[], GuardedStatements>();

function guarded(from: readonly MessageState[]): GuardedStatements {
  let statements = guards.get(from);
  if (statements === undefined) {
    const states = `state IN (${from.map(messageCode).join(', ')})`;
    const range = `plan_id = ? AND idx BETWEEN ? AND ? AND ${states}`;
    const submitted = `UPDATE message SET state = ${messageCode('submitted')}, error = NULL, settled = reserved, submitted_at = ?1`;
    statements = {
      touchOne: `SELECT reserved FROM message WHERE plan_id = ? AND idx = ? AND ${states}`,
      touchRange: `SELECT count(*) AS count, min(idx) AS first, max(idx) AS last, sum(reserved) AS reserved
         FROM message WHERE ${range}`,
      listTouched: `SELECT plan_id, idx FROM message WHERE ${range} ORDER BY idx`,
      submitOne: `${submitted}, carrier_ids = ?2 WHERE plan_id = ?3 AND idx = ?4`,
      submitRange: `${submitted} WHERE plan_id = ?2 AND idx BETWEEN ?3 AND ?4 AND ${states}`,
      move: new Map(),
    };
    guards.set(from, statements);
  }
  return statements;
}

function moveStatement(to: MessageState, charge: 'settle' | 'release' | 'none', from: readonly MessageState[]): string {
  const { move } = guarded(from);
  const key = `${to} ${charge}`;
  let statement = move.get(key);
  if (statement === undefined) {
    const sets = ['state = ?1', 'error = ?2'];
    if (charge === 'settle') sets.push('settled = reserved');
    if (charge === 'release') sets.push('released = reserved');
    if (to === 'submitted') sets.push('submitted_at = ?3');
    else if (FINAL.includes(to)) sets.push('final_at = ?3');
    const states = `state IN (${from.map(messageCode).join(', ')})`;
    statement = `UPDATE message SET ${sets.join(', ')} WHERE plan_id = ?4 AND idx BETWEEN ?5 AND ?6 AND ${states}`;
    move.set(key, statement);
  }
  return statement;
}

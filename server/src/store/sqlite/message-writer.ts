import { FINAL, type MessageState, messageCode, NOT_DELIVERED } from '../../domain/message.ts';
import { INVALID_RECIPIENT_MAX_LENGTH } from '../../domain/plan.ts';
import type { MessageWriter, NewMessages, OpenedMessages, Range, Touched } from '../store.ts';
import type { Database } from './database.ts';
import { toRanges } from './message-reader.ts';
import type { PlanOwners } from './plan-owners.ts';
import { alikeRuns, placesOf } from './rows-statement.ts';
import { areAlikeSingles, insertSingles, singlesAmong, submitSingles } from './single-messages.ts';
import { unspoken, WAITING } from './waiting.ts';

const ACCEPTED = messageCode('accepted');
const DISPATCHING = messageCode('dispatching');
const INVALID = messageCode('invalid');
const FAILED = messageCode('failed');

const REFUNDABLE = `plan_id = ? AND idx BETWEEN ? AND ? AND refunded = 0
  AND state IN (${NOT_DELIVERED.map(messageCode).join(', ')})`;

const INSERT_ONE = `INSERT INTO message
   (plan_id, idx, recipient, segments, reserved, parameters, state, attempts, channel_id, dispatched_at)
   VALUES (${placesOf(10)})`;
/** Recipients of one plan from which on one statement over a JSON list is cheaper than one statement each. */
const LIST_FROM = 4;
const INSERT_LIST = `INSERT INTO message
   (plan_id, idx, recipient, segments, reserved, state, attempts, channel_id, dispatched_at)
   SELECT ?1, ?2 + key, value, ?3, ?4, ?5, ?6, ?7, ?8 FROM json_each(?9)`;

export function messageWriter(db: Database, owners: PlanOwners): MessageWriter {
  return {
    async refuse(planId, index) {
      db.run(
        `INSERT INTO attempt (plan_id, idx, number, channel_id, opened_at, repeat, refused)
         SELECT plan_id, idx, attempts, channel_id, dispatched_at, 0, 1 FROM message
         WHERE plan_id = ? AND idx = ? AND channel_id IS NOT NULL
         ON CONFLICT (plan_id, idx, number) DO UPDATE SET refused = 1`,
        planId,
        index,
      );
      const sql = 'SELECT DISTINCT channel_id FROM attempt WHERE plan_id = ? AND idx = ? AND refused = 1 ORDER BY 1';
      return db.all(sql, planId, index).map((row) => row.channel_id as number);
    },
    async insert(messages) {
      for (const alike of alikeRuns(messages, areAlikeSingles)) {
        if (alike.length > 1) insertSingles(db, alike);
        else insertGroup(db, alike[0]!);
      }
    },
    async remove(planId, limit) {
      return db.changes(
        `DELETE FROM message WHERE plan_id = ?1 AND idx IN
           (SELECT idx FROM message WHERE plan_id = ?1 ORDER BY idx DESC LIMIT ?2)`,
        planId,
        limit,
      );
    },
    async insertInvalid(invalid, at) {
      for (const { planId, from, texts } of invalid) {
        db.run(
          `INSERT INTO message (plan_id, idx, recipient, state, segments, reserved, final_at, error)
           SELECT ?1, ?2 + key, 0, ${INVALID}, 0, 0, ?3, value FROM json_each(?4)`,
          planId,
          from,
          at,
          JSON.stringify(texts.map((text) => [...text].slice(0, INVALID_RECIPIENT_MAX_LENGTH).join(''))),
        );
      }
    },
    async insertStopped(stopped, at) {
      for (const { planId, from, recipients, error } of stopped) {
        db.run(
          `INSERT INTO message (plan_id, idx, recipient, state, segments, reserved, final_at, error)
           SELECT ?1, ?2 + key, value, ${FAILED}, 0, 0, ?3, ?4 FROM json_each(?5)`,
          planId,
          from,
          at,
          error,
          JSON.stringify(recipients),
        );
      }
    },
    async open(ranges, channelId, at, retries = []) {
      const rows = new OpenedRows(owners);
      for (const range of ranges) {
        if (range.from === range.to) openOne(db, range.planId, range.from, channelId, at, rows);
        else openRange(db, range, channelId, at, rows);
      }
      for (const { planId, index, attempts } of retries) openOne(db, planId, index, channelId, at, rows, attempts);
      return rows.columns();
    },
    async unopen(ranges) {
      for (const { planId, from, to } of ranges) {
        db.run(
          `UPDATE message SET state = iif(attempts > 1, ?1, ?2), attempts = attempts - 1,
             channel_id = iif(attempts > 1, coalesce((SELECT a.channel_id FROM attempt a
               WHERE a.plan_id = message.plan_id AND a.idx = message.idx AND a.number = message.attempts - 1), channel_id), NULL),
             dispatched_at = iif(attempts > 1, dispatched_at, NULL),
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
      const { singles, others } = singlesAmong(runs);
      const touched = submitSingles(db, owners, singles, from, at);
      const { submitOne, submitRange } = guarded(from);
      for (const run of others) {
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
    async endInParts({ planId, index, from, to, settled, at, error, carrierIds }) {
      const [found] = touch(db, owners, { planId, from: index, to: index }, from);
      if (found === undefined) return null;
      db.run(
        `UPDATE message SET state = ?1, error = ?2, final_at = ?3, settled = ?4, released = reserved - ?4, carrier_ids = ?7
         WHERE plan_id = ?5 AND idx = ?6`,
        messageCode(to),
        error,
        at,
        settled,
        planId,
        index,
        carrierIds.join(' '),
      );
      return found;
    },
    async countDeliveredParts(delivered) {
      return delivered.map(({ planId, index, parts }) => {
        const row = db.first(
          `UPDATE message SET delivered_parts = delivered_parts + 1 WHERE plan_id = ? AND idx = ?
           RETURNING delivered_parts >= ?`,
          planId,
          index,
          parts,
        );
        return row?.[0] === 1;
      });
    },
    async refund(ranges) {
      return ranges.map(({ planId, from, to }) => {
        const credits = db.get(
          `SELECT coalesce(sum(settled), 0) AS credits FROM message WHERE ${REFUNDABLE}`,
          planId,
          from,
          to,
        )!.credits as number;
        if (credits > 0) db.run(`UPDATE message SET refunded = settled WHERE ${REFUNDABLE}`, planId, from, to);
        return credits;
      });
    },
    async countRepeat(planId, index) {
      db.run('UPDATE message SET repeats = repeats + 1, repeating = 1 WHERE plan_id = ? AND idx = ?', planId, index);
    },
  };
}

function insertGroup(db: Database, group: NewMessages): void {
  const { planId, from, recipients, segments, reserved, parameters, claim } = group;
  const state = claim === undefined ? ACCEPTED : DISPATCHING;
  const attempts = claim === undefined ? 0 : 1;
  const channelId = claim?.channelId ?? null;
  const dispatchedAt = claim?.at ?? null;
  const alike = parameters === null && typeof segments === 'number' && typeof reserved === 'number';
  if (alike && recipients.length >= LIST_FROM) {
    const list = JSON.stringify(recipients);
    db.run(INSERT_LIST, planId, from, segments, reserved, state, attempts, channelId, dispatchedAt, list);
    return;
  }
  for (let i = 0; i < recipients.length; i++) {
    db.run(
      INSERT_ONE,
      planId,
      from + i,
      recipients[i]!,
      typeof segments === 'number' ? segments : segments[i]!,
      typeof reserved === 'number' ? reserved : reserved[i]!,
      parameters?.[i] ?? null,
      state,
      attempts,
      channelId,
      dispatchedAt,
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

const OPEN = `UPDATE message SET state = ${DISPATCHING}, channel_id = ?1, attempts = attempts + 1,
   dispatched_at = coalesce(dispatched_at, ?2)`;
const OPEN_ONE = `${OPEN} WHERE plan_id = ?3 AND idx = ?4`;
const OPEN_RANGE = `${OPEN} WHERE plan_id = ?3 AND idx BETWEEN ?4 AND ?5 AND ${unspoken('message')}`;

const READ_ONE = `SELECT p.content_id, m.recipient, m.parameters, m.attempts + 1
   FROM plan p CROSS JOIN message m ON m.plan_id = p.id
   WHERE p.id = ? AND p.state = 2 AND p.expires_at > ? AND m.idx = ? AND m.idx < p.sendable`;
const READ_UNSPOKEN = `${READ_ONE} AND ${unspoken('m')}`;
const READ_RETRY = `${READ_ONE} AND m.${WAITING} AND m.attempts = ?`;

const READ_SENDABLE = 'SELECT content_id, sendable FROM plan WHERE id = ? AND state = 2 AND expires_at > ?';

const READ_UNSPOKEN_RANGE = `SELECT json_group_array(idx) AS indexes, json_group_array(recipient) AS recipients,
     CASE WHEN count(parameters) > 0 THEN json_group_array(parameters) END AS parameters,
     max(attempts) + 1 AS attempts, count(*) AS count
   FROM message WHERE plan_id = ? AND idx BETWEEN ? AND ? AND ${unspoken('message')}`;

/** @param retryAfter the attempts after which a retry speaks of the message; absent: none must speak of it */
function openOne(
  db: Database,
  planId: number,
  index: number,
  channelId: number,
  at: number,
  rows: OpenedRows,
  retryAfter?: number,
): void {
  const row = (
    retryAfter === undefined
      ? db.first(READ_UNSPOKEN, planId, at, index)
      : db.first(READ_RETRY, planId, at, index, retryAfter)
  ) as [contentId: number, recipient: number, parameters: string | null, attempts: number] | undefined;
  if (row === undefined) return;
  const [contentId, recipient, parameters, attempts] = row;
  rows.add(planId, index, recipient, contentId, parameters);
  const place = { planId, from: index, to: index };
  if (attempts > 1) keepFirst(db, place, channelId);
  db.run(OPEN_ONE, channelId, at, planId, index);
  if (attempts > 1) keepAttempts(db, place, channelId, at);
}

function openRange(db: Database, range: Range, channelId: number, at: number, rows: OpenedRows): void {
  const { planId, from } = range;
  const plan = db.first(READ_SENDABLE, planId, at);
  if (plan === undefined) return;
  const [contentId, sendable] = plan as [number, number];
  const to = Math.min(range.to, sendable - 1);
  const row = db.get(READ_UNSPOKEN_RANGE, planId, from, to)!;
  if (row.count === 0) return;
  const attempts = row.attempts as number;
  const indexes = JSON.parse(row.indexes as string) as number[];
  const recipients = JSON.parse(row.recipients as string) as number[];
  const parameters = row.parameters === null ? null : (JSON.parse(row.parameters as string) as (string | null)[]);
  for (let i = 0; i < indexes.length; i++) {
    rows.add(planId, indexes[i]!, recipients[i]!, contentId, parameters === null ? null : parameters[i]!);
  }
  if (attempts > 1) keepFirst(db, { planId, from, to }, channelId);
  db.run(OPEN_RANGE, channelId, at, planId, from, to);
  if (attempts > 1) keepAttempts(db, { planId, from, to }, channelId, at);
}

/** The channel of the first attempt stands in the message only: it gets a row before another channel takes its place. */
function keepFirst(db: Database, { planId, from, to }: Range, channelId: number): void {
  db.run(
    `INSERT INTO attempt (plan_id, idx, number, channel_id, opened_at, repeat)
     SELECT plan_id, idx, 1, channel_id, dispatched_at, 0 FROM message
     WHERE plan_id = ? AND idx BETWEEN ? AND ? AND ${WAITING} AND attempts = 1 AND channel_id <> ? ON CONFLICT DO NOTHING`,
    planId,
    from,
    to,
    channelId,
  );
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

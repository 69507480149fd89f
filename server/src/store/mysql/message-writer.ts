import { FINAL, type MessageState, messageCode, messageId, NOT_DELIVERED } from '../../domain/message.ts';
import { INVALID_RECIPIENT_MAX_LENGTH } from '../../domain/plan.ts';
import type { MessageWriter, NewMessages, Range, SubmittedRun, Touched } from '../store.ts';
import { attemptTable } from './claims.ts';
import type { Database } from './database.ts';
import { changeRuns, type FoundRow, findOnce, inPieces, runsOf } from './places.ts';
import type { PlanOwners } from './plan-owners.ts';
import type { Value } from './sql.ts';
import { noteUnusual } from './unusual.ts';

/** Rows one INSERT holds, at most, and characters of values. */
const MAX_ROWS = 2_000;
const MAX_CHARACTERS = 2_000_000;

const ACCEPTED = messageCode('accepted');
const DISPATCHING = messageCode('dispatching');
const INVALID = messageCode('invalid');
const FAILED = messageCode('failed');
const NO_CHANNEL = -1;

const REFUNDABLE = `m.refunded = 0 AND m.settled > 0 AND m.state IN (${NOT_DELIVERED.map(messageCode).join(', ')})`;

const INSERT = `INSERT INTO message
  (plan_id, idx, recipient, segments, reserved, state, attempts, channel_id, dispatched_at, parameters) VALUES ?`;
const INSERT_ENDED = `INSERT INTO message (plan_id, idx, recipient, state, segments, reserved, final_at, error) VALUES ?`;

export function messageWriter(db: Database, owners: PlanOwners): MessageWriter {
  const noteNew = async (
    state: MessageState,
    runs: readonly { planId: number; from: number; count: number }[],
  ): Promise<void> => {
    await owners.load(runs.map(({ planId }) => planId));
    const ended = runs.map(({ planId, from, count }) => ({
      planId,
      businessId: owners.of(planId),
      from,
      to: from + count - 1,
    }));
    await noteUnusual(db, state, ended);
  };
  return {
    ...attemptTable(db, owners),
    async insert(messages) {
      for (const rows of insertedRows(messages)) await db.run(INSERT, rows);
    },
    async remove(planId, limit) {
      return db.changes('DELETE FROM message WHERE plan_id = ? ORDER BY idx DESC LIMIT ?', planId, limit);
    },
    async insertInvalid(invalid, at) {
      const rows = invalid.flatMap(({ planId, from, texts }) =>
        texts.map((text, i) => [planId, from + i, 0, INVALID, 0, 0, at, shortened(text)] as const),
      );
      for (const piece of inPieces(rows, MAX_ROWS)) await db.run(INSERT_ENDED, piece);
      await noteNew(
        'invalid',
        invalid.map(({ planId, from, texts }) => ({ planId, from, count: texts.length })),
      );
    },
    async insertStopped(stopped, at) {
      const rows = stopped.flatMap(({ planId, from, recipients, error }) =>
        recipients.map((recipient, i) => [planId, from + i, recipient, FAILED, 0, 0, at, error] as const),
      );
      for (const piece of inPieces(rows, MAX_ROWS)) await db.run(INSERT_ENDED, piece);
      await noteNew(
        'failed',
        stopped.map(({ planId, from, recipients }) => ({ planId, from, count: recipients.length })),
      );
    },
    async move({ ranges, from, to, charge, at, error }) {
      const guard = inStates(from);
      const touched = await touch(db, owners, ranges, guard);
      const { set, values } = setsOf(to, charge, error ?? null, at);
      await changeRuns(db, touched, set, values, guard);
      await noteUnusual(db, to, touched);
      return touched;
    },
    async submit(runs, from, channelId, at) {
      const guard = inStates(from);
      const found = await findOnce(db, runs, 'm.reserved', guard);
      const touched = await touchedOf(owners, runs, found);
      const set = `m.state = ${messageCode('submitted')}, m.error = NULL, m.settled = m.reserved, m.submitted_at = ?`;
      await changeRuns(db, touched, set, [at], guard);
      const kept = runs.filter((run, i) => found[i]!.length > 0 && run.carrierIds.length > 0);
      if (touched.length > 0) await keepIds(db, channelId, at, touched[0]!, kept.map(packedRun));
      return touched;
    },
    async endInParts({ planId, index, from, to, settled, at, error, carrierIds }) {
      const guard = inStates(from);
      const [found] = await touch(db, owners, [{ planId, from: index, to: index }], guard);
      if (found === undefined) return null;
      const set = 'm.state = ?, m.error = ?, m.final_at = ?, m.settled = ?, m.released = m.reserved - ?';
      await changeRuns(db, [found], set, [messageCode(to), error, at, settled, settled], guard);
      await noteUnusual(db, to, [found]);
      const run: PackedRun = [planId, index, carrierIds.length, ...carrierIds];
      // Under the time at which the message ended: it was never submitted.
      if (carrierIds.length > 0) await keepIds(db, NO_CHANNEL, at, found, [run]);
      return found;
    },
    countDeliveredParts: (delivered) => countDeliveredParts(db, delivered),
    async refund(ranges) {
      const found = await findOnce(db, ranges, 'm.settled', REFUNDABLE);
      const runs = ranges.flatMap(({ planId }, i) =>
        runsOf(
          planId,
          found[i]!.map(([index]) => index),
        ),
      );
      await changeRuns(db, runs, 'm.refunded = m.settled', [], REFUNDABLE);
      return found.map((rows) => rows.reduce((sum, [, settled]) => sum + (settled as number), 0));
    },
    async countRepeat(planId, index) {
      await db.run(
        'UPDATE message SET repeats = repeats + 1, repeating = 1 WHERE plan_id = ? AND idx = ?',
        planId,
        index,
      );
    },
  };
}

const inStates = (states: readonly MessageState[]): string => `m.state IN (${states.map(messageCode).join(', ')})`;

const shortened = (text: string): string => [...text].slice(0, INVALID_RECIPIENT_MAX_LENGTH).join('').toWellFormed();

/** Rows of messages of however many plans, in pieces that one statement holds. */
function* insertedRows(messages: readonly NewMessages[]): Iterable<Value[][]> {
  let rows: Value[][] = [];
  let characters = 0;
  for (const { planId, from, recipients, segments, reserved, parameters, claim } of messages) {
    const state = claim === undefined ? ACCEPTED : DISPATCHING;
    const attempts = claim === undefined ? 0 : 1;
    const channelId = claim?.channelId ?? NO_CHANNEL;
    const at = claim?.at ?? 0;
    for (let i = 0; i < recipients.length; i++) {
      const values = parameters?.[i] ?? null;
      rows.push([
        planId,
        from + i,
        recipients[i]!,
        typeof segments === 'number' ? segments : segments[i]!,
        typeof reserved === 'number' ? reserved : reserved[i]!,
        state,
        attempts,
        channelId,
        at,
        values,
      ]);
      characters += values?.length ?? 0;
      if (rows.length < MAX_ROWS && characters < MAX_CHARACTERS) continue;
      yield rows;
      rows = [];
      characters = 0;
    }
  }
  if (rows.length > 0) yield rows;
}

const MORE_PARTS = `JSON_TABLE(?, '$[*]' COLUMNS (p BIGINT PATH '$[0]', i INT UNSIGNED PATH '$[1]', c INT PATH '$[2]')) r
  STRAIGHT_JOIN message m ON m.plan_id = r.p AND m.idx = r.i`;

async function countDeliveredParts(
  db: Database,
  delivered: readonly { planId: number; index: number; parts: number }[],
): Promise<boolean[]> {
  if (delivered.length === 0) return [];
  const more = new Map<string, { planId: number; index: number; count: number }>();
  for (const { planId, index } of delivered) {
    const key = messageId(planId, index);
    const of = more.get(key);
    if (of === undefined) more.set(key, { planId, index, count: 1 });
    else of.count++;
  }
  const list = JSON.stringify([...more.values()].map(({ planId, index, count }) => [planId, index, count]));
  const rows = await db.changeAndAsk(
    `UPDATE ${MORE_PARTS} SET m.delivered_parts = m.delivered_parts + r.c;
     SELECT m.plan_id, m.idx, m.delivered_parts - r.c AS counted_before FROM ${MORE_PARTS}`,
    list,
    list,
  );
  const counted = new Map(
    rows.map((row) => [messageId(row.plan_id as number, row.idx as number), row.counted_before as number]),
  );
  return delivered.map(({ planId, index, parts }) => {
    const key = messageId(planId, index);
    const count = (counted.get(key) ?? Number.NaN) + 1;
    counted.set(key, count);
    return count >= parts;
  });
}

/** What of the ranges fulfils `guard`: one entry per unbroken run. */
async function touch(db: Database, owners: PlanOwners, ranges: readonly Range[], guard: string): Promise<Touched[]> {
  return touchedOf(owners, ranges, await findOnce(db, ranges, 'm.reserved', guard));
}

async function touchedOf(
  owners: PlanOwners,
  ranges: readonly Range[],
  found: readonly (readonly FoundRow[])[],
): Promise<Touched[]> {
  const touched: Touched[] = [];
  for (const [i, rows] of found.entries()) {
    const { planId } = ranges[i]!;
    let last: Touched | null = null;
    for (const [index, reserved] of rows as readonly (readonly [number, number])[]) {
      if (last === null || last.to !== index - 1) {
        last = { planId, businessId: 0, from: index, to: index, count: 0, reserved: 0 };
        touched.push(last);
      }
      last.to = index;
      last.count++;
      last.reserved += reserved;
    }
  }
  await owners.load(touched.map(({ planId }) => planId));
  for (const run of touched) run.businessId = owners.of(run.planId);
  return touched;
}

function setsOf(
  to: MessageState,
  charge: 'settle' | 'release' | 'none',
  error: string | null,
  at: number,
): { set: string; values: (string | number | null)[] } {
  const sets = ['m.state = ?', 'm.error = ?'];
  const values: (string | number | null)[] = [messageCode(to), error];
  if (charge === 'settle') sets.push('m.settled = m.reserved');
  if (charge === 'release') sets.push('m.released = m.reserved');
  if (to === 'submitted') sets.push('m.submitted_at = ?');
  else if (FINAL.includes(to)) sets.push('m.final_at = ?');
  if (to === 'submitted' || FINAL.includes(to)) values.push(at);
  return { set: sets.join(', '), values };
}

/** A run of messages with the carrier's ids of their parts, in order. */
export type PackedRun = [planId: number, from: number, parts: number, ...carrierIds: string[]];

const packedRun = ({ planId, from, parts, carrierIds }: SubmittedRun): PackedRun => [
  planId,
  from,
  parts,
  ...carrierIds,
];

/**
 * Keeps carriers' ids, all of a batch in one row: only support and the reading of carriers' lists look at them.
 * @param first the first message that was changed: no other batch has changed it
 */
async function keepIds(
  db: Database,
  channelId: number,
  at: number,
  first: Touched,
  runs: readonly PackedRun[],
): Promise<void> {
  if (runs.length === 0) return;
  await db.run(
    'INSERT INTO submission (at, plan_id, idx, channel_id, runs) VALUES (?, ?, ?, ?, ?)',
    at,
    first.planId,
    first.from,
    channelId,
    JSON.stringify(runs),
  );
}

import { FINAL, type MessageState, messageCode } from '../../domain/message.ts';
import type { MessageWriter, NewMessages, OpenedMessages, Range, Touched } from '../store.ts';
import type { Database } from './database.ts';
import { toRanges } from './message-reader.ts';

/** From this many rows on, one statement over a JSON list is cheaper than one statement a row. */
const LIST_FROM = 4;

const WAITING = `state IN (${messageCode('accepted')}, ${messageCode('queued')})`;
const DISPATCHING = messageCode('dispatching');

export function messageWriter(db: Database): MessageWriter {
  return {
    async insert(messages) {
      for (const group of messages) insertGroup(db, group);
    },
    async open(ranges, channelId, at) {
      const opened: OpenedMessages[] = [];
      for (const range of ranges) {
        const group = openRange(db, range, channelId, at);
        if (group !== null) opened.push(group);
      }
      return opened;
    },
    async unopen(ranges) {
      for (const { planId, from, to } of ranges) {
        db.run(
          `DELETE FROM attempt WHERE plan_id = ?1 AND idx BETWEEN ?2 AND ?3 AND number =
             (SELECT attempts FROM message m WHERE m.plan_id = attempt.plan_id AND m.idx = attempt.idx AND m.state = ?4)`,
          planId,
          from,
          to,
          DISPATCHING,
        );
        db.run(
          `UPDATE message SET state = CASE WHEN attempts > 1 THEN ?1 ELSE ?2 END, attempts = attempts - 1,
             repeating = repeats > 0
           WHERE plan_id = ?3 AND idx BETWEEN ?4 AND ?5 AND state = ?6`,
          messageCode('queued'),
          messageCode('accepted'),
          planId,
          from,
          to,
          DISPATCHING,
        );
      }
    },
    async move({ ranges, from, to, charge, at, error }) {
      const touched: Touched[] = [];
      const update = updateStatement(to, charge, from);
      for (const range of ranges) {
        const found = touch(db, range, from);
        if (found.length === 0) continue;
        db.run(update, messageCode(to), error ?? null, at, range.planId, range.from, range.to);
        touched.push(...found);
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
    async keepCarrierIds(run, channelId, at) {
      db.run(
        `INSERT INTO submission (plan_id, from_idx, to_idx, parts, channel_id, carrier_ids, at) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        run.planId,
        run.from,
        run.to,
        run.parts,
        channelId,
        run.carrierIds.join(' '),
        at,
      );
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

function openRange(db: Database, range: Range, channelId: number, at: number): OpenedMessages | null {
  const { planId, from, to } = range;
  const row = db.get(
    `SELECT p.business_id, p.content_id, json_group_array(m.idx) AS indexes, json_group_array(m.recipient) AS recipients,
       CASE WHEN count(m.parameters) > 0 THEN json_group_array(m.parameters) END AS parameters, max(m.attempts) AS attempts
     FROM plan p CROSS JOIN message m ON m.plan_id = p.id
     WHERE p.id = ? AND p.state = 2 AND m.idx BETWEEN ? AND ? AND m.${WAITING}`,
    planId,
    from,
    to,
  );
  if (row === undefined || row.business_id === null) return null;
  db.run(
    `UPDATE message SET state = ?, channel_id = ?, attempts = attempts + 1, dispatched_at = coalesce(dispatched_at, ?)
     WHERE plan_id = ? AND idx BETWEEN ? AND ? AND ${WAITING}`,
    DISPATCHING,
    channelId,
    at,
    planId,
    from,
    to,
  );
  if ((row.attempts as number) > 0) keepAttempts(db, range, channelId, at);
  return {
    planId,
    businessId: row.business_id as number,
    contentId: row.content_id as number,
    indexes: JSON.parse(row.indexes as string) as number[],
    recipients: JSON.parse(row.recipients as string) as number[],
    parameters: row.parameters === null ? null : (JSON.parse(row.parameters as string) as (string | null)[]),
  };
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

const inStates = (states: readonly MessageState[]): string => `state IN (${states.map(messageCode).join(', ')})`;

/** What of the range is in one of the states: one entry per unbroken run. */
function touch(db: Database, range: Range, states: readonly MessageState[]): Touched[] {
  const { planId, from, to } = range;
  const condition = `m.plan_id = ? AND m.idx BETWEEN ? AND ? AND m.${inStates(states)}`;
  const row = db.get(
    `SELECT p.business_id, count(*) AS count, min(m.idx) AS first, max(m.idx) AS last, sum(m.reserved) AS reserved
     FROM message m CROSS JOIN plan p ON p.id = m.plan_id WHERE ${condition}`,
    planId,
    from,
    to,
  );
  const count = (row?.count as number | undefined) ?? 0;
  if (row === undefined || count === 0) return [];
  const businessId = row.business_id as number;
  const first = row.first as number;
  const last = row.last as number;
  if (last - first + 1 === count) {
    return [{ planId, businessId, from: first, to: last, count, reserved: row.reserved as number }];
  }
  return toRanges(
    db.all(`SELECT m.plan_id, m.idx FROM message m WHERE ${condition} ORDER BY m.idx`, planId, from, to),
  ).flatMap((run) => touch(db, run, states));
}

function updateStatement(
  to: MessageState,
  charge: 'settle' | 'release' | 'none',
  from: readonly MessageState[],
): string {
  const sets = ['state = ?1', 'error = ?2'];
  if (charge === 'settle') sets.push('settled = reserved');
  if (charge === 'release') sets.push('released = reserved');
  if (to === 'submitted') sets.push('submitted_at = ?3');
  else if (FINAL.includes(to)) sets.push('final_at = ?3');
  // ?3 must stand in every statement, since it is always bound.
  else sets.push('final_at = iif(?3 IS NULL, final_at, final_at)');
  return `UPDATE message SET ${sets.join(', ')} WHERE plan_id = ?4 AND idx BETWEEN ?5 AND ?6 AND ${inStates(from)}`;
}

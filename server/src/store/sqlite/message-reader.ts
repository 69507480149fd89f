import { categoryOfCode } from '../../domain/category.ts';
import { messageCode } from '../../domain/message.ts';
import { moneyBehind } from '../money-of-plan.ts';
import type { MessageReader, Range, WaitingMessages } from '../store.ts';
import type { Database } from './database.ts';
import { countedSince } from './frequency.ts';
import { listMessages } from './message-list.ts';
import { MESSAGE_COLUMNS, toMessage } from './message-row.ts';
import { ENDING, OPEN } from './plans.ts';
import { submittedReader } from './submitted.ts';
import { unspoken, WAITING } from './waiting.ts';

const ACCEPTED = messageCode('accepted');

type Row = NonNullable<ReturnType<Database['get']>>;

// CROSS JOIN fixes the order of the loops: runs, their plans, their messages. Rows that are alike but for their numbers come as
// one: of a hundred messages that were sent together that takes half as long as a row for each.
const COUNTED = `SELECT p.business_id, p.category, p.template_id, m.channel_id, m.segments, m.reserved, m.settled, m.refunded,
    m.submitted_at, m.final_at, json_group_array(m.recipient)
  FROM json_each(?) r CROSS JOIN plan p ON p.id = r.value ->> 0
    CROSS JOIN message m ON m.plan_id = p.id AND m.idx BETWEEN r.value ->> 1 AND r.value ->> 2
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`;

export function messageReader(db: Database): MessageReader {
  return {
    async byIndex(planId, index) {
      const row = db.get(
        `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id WHERE m.plan_id = ? AND m.idx = ?`,
        planId,
        index,
      );
      return row === undefined ? null : toMessage(row);
    },
    async list(filter) {
      return listMessages(db, filter);
    },
    async ofPlan(planId, after, limit) {
      return db
        .all(
          `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id
           WHERE m.plan_id = ? AND m.idx > ? ORDER BY m.idx LIMIT ?`,
          planId,
          after,
          limit,
        )
        .map(toMessage);
    },
    money: (after, last, limit) =>
      moneyBehind(async (sql, ...values) => [...db.lists(sql, ...values)] as number[][], after, last, limit),
    async attempts(planId, index) {
      return db
        .all('SELECT * FROM attempt WHERE plan_id = ? AND idx = ? ORDER BY number', planId, index)
        .map((row) => ({
          number: row.number as number,
          channelId: row.channel_id as number,
          openedAt: row.opened_at as number,
          repeat: row.repeat === 1,
        }));
    },
    async waiting(plans, limit) {
      return waitingMessages(db, plans, limit);
    },
    async untried({ planId, from, to }) {
      const indexes: number[] = [];
      const recipients: number[] = [];
      const sql = `SELECT idx, recipient FROM message WHERE plan_id = ? AND idx BETWEEN ? AND ? AND state = ${ACCEPTED}`;
      for (const [index, recipient] of db.lists(sql, planId, from, to)) {
        indexes.push(index as number);
        recipients.push(recipient as number);
      }
      return { indexes, recipients };
    },
    async carrierIds(planId, index) {
      const own = db.first('SELECT carrier_ids FROM message WHERE plan_id = ? AND idx = ?', planId, index)?.[0];
      if (typeof own === 'string') return own.split(' ');
      const row = db.get(
        `SELECT from_idx, parts, carrier_ids FROM submission WHERE plan_id = ?1 AND from_idx <= ?2 AND to_idx >= ?2
         ORDER BY at DESC LIMIT 1`,
        planId,
        index,
      );
      if (row === undefined) return [];
      const [first, parts] = [row.from_idx as number, row.parts as number];
      return (row.carrier_ids as string).split(' ').slice((index - first) * parts, (index - first + 1) * parts);
    },
    async waitingRepeats({ planId, from, to }) {
      const sql = `SELECT idx FROM message
        WHERE plan_id = ? AND idx BETWEEN ? AND ? AND ${WAITING} AND repeats > 0`;
      return db.all(sql, planId, from, to).map((row) => row.idx as number);
    },
    async dispatching(channelId) {
      // Left to itself, SQLite looks for those that end among all that were cancelled.
      const places = [
        ['plan_open', `p.${OPEN} AND p.state <> 0`],
        ['plan_ending', `p.${ENDING}`],
      ] as const;
      return places.flatMap(([index, plans]) =>
        toRanges(
          db.all(
            `SELECT m.plan_id, m.idx FROM plan p INDEXED BY ${index} CROSS JOIN message m ON m.plan_id = p.id
             WHERE ${plans} AND m.state = ? AND (? IS NULL OR m.channel_id = ?) ORDER BY m.plan_id, m.idx`,
            messageCode('dispatching'),
            channelId,
            channelId,
          ),
        ),
      );
    },
    submitted: submittedReader(db),
    async counted(runs, visit) {
      for (const row of db.allLists(COUNTED, JSON.stringify(runs))) {
        const [businessId, category, templateId, channelId, segments, reserved, settled, refunded] = row as number[];
        visit({
          businessId: businessId!,
          category: categoryOfCode(category!),
          templateId: templateId!,
          channelId: channelId as number | null,
          segments: segments!,
          reserved: reserved!,
          settled: settled!,
          refunded: refunded!,
          submittedAt: row[8] as number | null,
          finalAt: row[9] as number | null,
          recipients: JSON.parse(row[10] as string) as number[],
        });
      }
    },
    countedSince: countedSince(db),
  };
}

/** Rows of a plan that one question looks at, at most. */
const SPAN = 20_000;

const CLAIMABLE = `SELECT m.idx, m.segments, m.recipient FROM plan p CROSS JOIN message m ON m.plan_id = p.id
  WHERE p.id = ? AND p.state = 2 AND m.idx >= ? AND m.idx < min(p.sendable, ?) AND ${unspoken('m')}
  ORDER BY m.idx LIMIT ?`;

function waitingMessages(
  db: Database,
  asked: readonly { planId: number; from: number }[],
  limit: number,
): WaitingMessages {
  const plans: WaitingMessages['plans'] = [];
  const indexes: number[] = [];
  const segments: number[] = [];
  const recipients: number[] = [];
  for (const { planId, from } of asked) {
    const before = indexes.length;
    if (before === limit) break;
    const room = limit - before;
    for (const [index, weight, recipient] of db.lists(CLAIMABLE, planId, from, from + SPAN, room)) {
      indexes.push(index as number);
      segments.push(weight as number);
      recipients.push(recipient as number);
    }
    const count = indexes.length - before;
    plans.push({ planId, count, next: count === room ? indexes.at(-1)! + 1 : from + SPAN });
  }
  return {
    plans,
    indexes: Uint32Array.from(indexes),
    segments: Uint8Array.from(segments),
    recipients: Float64Array.from(recipients),
  };
}

/** Runs of neighbouring indexes among rows ordered by plan and index. */
export function toRanges(rows: readonly Row[]): Range[] {
  const ranges: Range[] = [];
  for (const row of rows) {
    const planId = row.plan_id as number;
    const index = row.idx as number;
    const last = ranges.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
    else ranges.push({ planId, from: index, to: index });
  }
  return ranges;
}

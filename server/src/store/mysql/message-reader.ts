import { type Category, categoryOfCode } from '../../domain/category.ts';
import { messageCode } from '../../domain/message.ts';
import { moneyBehind } from '../money-of-plan.ts';
import type { MessageReader, Range, WaitingMessages } from '../store.ts';
import { carrierIdsOf, submittedReader } from './carrier-ids.ts';
import { UNSPOKEN, WAITING } from './claims.ts';
import { countedSince } from './counted-since.ts';
import type { Database } from './database.ts';
import { listMessages } from './message-list.ts';
import { channelOrNull, MESSAGE_COLUMNS, timeOrNull, toMessage } from './message-row.ts';
import { type FoundRow, findIn, inPieces } from './places.ts';

const ACCEPTED = messageCode('accepted');

/** Runs of messages one question asks for. */
const RUNS_AT_ONCE = 2_000;

export function messageReader(db: Database): MessageReader {
  return {
    async byIndex(planId, index) {
      const [row] = await db.lists(
        `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id WHERE m.plan_id = ? AND m.idx = ?`,
        planId,
        index,
      );
      return row === undefined ? null : toMessage(row);
    },
    list: (filter) => listMessages(db, filter),
    async ofPlan(planId, after, limit) {
      const rows = await db.lists(
        `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id
         WHERE m.plan_id = ? AND m.idx >= ? ORDER BY m.idx LIMIT ?`,
        planId,
        after + 1,
        limit,
      );
      return rows.map(toMessage);
    },
    money: (after, last, limit) =>
      moneyBehind(async (sql, ...values) => (await db.lists(sql, ...values)) as number[][], after, last, limit),
    async attempts(planId, index) {
      const rows = await db.lists(
        'SELECT number, channel_id, opened_at, is_repeat FROM attempt WHERE plan_id = ? AND idx = ? ORDER BY number',
        planId,
        index,
      );
      return (rows as number[][]).map(([number, channelId, openedAt, repeat]) => ({
        number: number!,
        channelId: channelId!,
        openedAt: openedAt!,
        repeat: repeat === 1,
      }));
    },
    waiting: (plans, limit) => waitingMessages(db, plans, limit),
    async untried({ planId, from, to }) {
      const rows = (await db.lists(
        `SELECT idx, recipient FROM message WHERE plan_id = ? AND idx BETWEEN ? AND ? AND state = ${ACCEPTED} ORDER BY idx`,
        planId,
        from,
        to,
      )) as number[][];
      return { indexes: rows.map(([index]) => index!), recipients: rows.map(([, recipient]) => recipient!) };
    },
    carrierIds: (planId, index) => carrierIdsOf(db, planId, index),
    async waitingRepeats({ planId, from, to }) {
      const rows = await db.lists(
        `SELECT m.idx FROM message m WHERE m.plan_id = ? AND m.idx BETWEEN ? AND ? AND ${WAITING} AND m.repeats > 0
         ORDER BY m.idx`,
        planId,
        from,
        to,
      );
      return rows.map(([index]) => index as number);
    },
    async dispatching(channelId) {
      const over = channelId === null ? '' : 'AND m.channel_id = ?';
      const rows = await db.lists(
        `SELECT STRAIGHT_JOIN m.plan_id, m.idx FROM plan_place o JOIN plan p ON p.id = o.plan_id
           JOIN message m ON m.plan_id = p.id
         WHERE o.list IN (1, 2, 3, 5) AND p.state <> 0 AND m.state = ${messageCode('dispatching')} ${over}`,
        ...(channelId === null ? [] : [channelId]),
      );
      return toRanges(rows as number[][]);
    },
    submitted: submittedReader(db),
    async counted(runs, visit) {
      for (const asked of inPieces(runs, RUNS_AT_ONCE)) {
        const ranges = asked.map(([planId, from, to]) => ({ planId, from, to }));
        const plans = await countedPlans(db, ranges);
        const found = await findIn(db, ranges, COUNTED_COLUMNS, 'true');
        for (const [i, rows] of found.entries()) {
          const plan = plans.get(ranges[i]!.planId);
          if (plan === undefined) continue;
          for (const row of rows as unknown as readonly number[][]) {
            const [, recipient, channelId, segments, reserved, settled, refunded, submittedAt, finalAt] = row;
            visit({
              businessId: plan.businessId,
              category: plan.category,
              templateId: plan.templateId,
              channelId: channelOrNull(channelId!),
              segments: segments!,
              reserved: reserved!,
              settled: settled!,
              refunded: refunded!,
              submittedAt: timeOrNull(submittedAt!),
              finalAt: timeOrNull(finalAt!),
              recipients: [recipient!],
            });
          }
        }
      }
    },
    countedSince: countedSince(db),
  };
}

const COUNTED_COLUMNS = `m.recipient, m.channel_id, m.segments, m.reserved, m.settled, m.refunded, m.submitted_at, m.final_at`;

interface CountedPlan {
  businessId: number;
  category: Category;
  templateId: number;
}

async function countedPlans(db: Database, ranges: readonly Range[]): Promise<Map<number, CountedPlan>> {
  const rows = (await db.lists('SELECT id, business_id, category, template_id FROM plan WHERE id IN (?)', [
    ...new Set(ranges.map(({ planId }) => planId)),
  ])) as number[][];
  return new Map(
    rows.map(([id, businessId, category, templateId]) => [
      id!,
      { businessId: businessId!, category: categoryOfCode(category!), templateId: templateId! },
    ]),
  );
}

/** Rows of a plan that one question looks at, at most. */
const SPAN = 20_000;
/** Messages of small plans that are asked for together. */
const TOGETHER = 2_000;

/** A piece of a plan that is looked at. */
interface Span {
  planId: number;
  from: number;
  /** Not included. */
  end: number;
}

async function waitingMessages(
  db: Database,
  asked: readonly { planId: number; from: number }[],
  limit: number,
): Promise<WaitingMessages> {
  const sendable = await sendableOf(db, asked);
  const plans: WaitingMessages['plans'] = [];
  const indexes: number[] = [];
  const segments: number[] = [];
  const recipients: number[] = [];
  for (let at = 0; at < asked.length && indexes.length < limit; ) {
    const spans: Span[] = [];
    for (let size = 0; at < asked.length; at++) {
      const { planId, from } = asked[at]!;
      const end = Math.max(from, Math.min(sendable.get(planId) ?? 0, from + SPAN));
      size += end - from;
      if (spans.length > 0 && size > TOGETHER) break;
      spans.push({ planId, from, end });
    }
    const found = await claimable(db, spans, limit - indexes.length);
    for (const [i, { planId, from }] of spans.entries()) {
      const room = limit - indexes.length;
      if (room === 0) break;
      const rows = found[i]!.slice(0, room);
      for (const [index, weight, recipient] of rows) {
        indexes.push(index);
        segments.push(weight as number);
        recipients.push(recipient as number);
      }
      plans.push({ planId, count: rows.length, next: rows.length === room ? indexes.at(-1)! + 1 : from + SPAN });
    }
  }
  return {
    plans,
    indexes: Uint32Array.from(indexes),
    segments: Uint8Array.from(segments),
    recipients: Float64Array.from(recipients),
  };
}

async function sendableOf(
  db: Database,
  asked: readonly { planId: number; from: number }[],
): Promise<Map<number, number>> {
  const rows = await db.lists(
    'SELECT id, sendable FROM plan WHERE id IN (?) AND state = 2',
    asked.map(({ planId }) => planId),
  );
  return new Map(rows as unknown as [number, number][]);
}

/** Messages of these pieces that may be claimed, piece by piece: index, segments, recipient. */
async function claimable(db: Database, spans: readonly Span[], limit: number): Promise<FoundRow[][]> {
  const [{ planId, from, end }] = spans as [Span];
  if (spans.length > 1 || end - from <= TOGETHER) {
    const ranges = spans.map((span) => ({ planId: span.planId, from: span.from, to: span.end - 1 }));
    return findIn(db, ranges, 'm.segments, m.recipient', UNSPOKEN);
  }
  const rows = await db.lists(
    `SELECT m.idx, m.segments, m.recipient FROM message m WHERE m.plan_id = ? AND m.idx >= ? AND m.idx < ? AND ${UNSPOKEN}
     ORDER BY m.idx LIMIT ?`,
    planId,
    from,
    end,
    limit,
  );
  return [rows as unknown as FoundRow[]];
}

/** Runs of neighbouring indexes among rows of plan and index. */
function toRanges(rows: number[][]): Range[] {
  rows.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  const ranges: Range[] = [];
  for (const [planId, index] of rows) {
    const last = ranges.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index! - 1) last.to = index!;
    else ranges.push({ planId: planId!, from: index!, to: index! });
  }
  return ranges;
}

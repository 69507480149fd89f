import { categoryOfCode } from '../../domain/category.ts';
import { messageStateOfCode } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageReader, SubmittedMessage } from '../store.ts';
import type { Database } from './database.ts';

/** Plans one question looks at, at most. */
const PLANS = 5_000;
const SLACK_MS = 86_400_000;

// CROSS JOIN fixes the order of the loops. A plan of which nothing was left before the time has nothing in it.
const SUBMITTED = `SELECT m.plan_id, m.idx, m.recipient, m.segments, p.category, m.state, m.submitted_at, m.carrier_ids
  FROM plan p CROSS JOIN message m ON m.plan_id = p.id
  WHERE p.id >= ?1 AND p.id < ?2 AND (p.done_at IS NULL OR p.done_at >= ?3) AND (p.id > ?1 OR m.idx > ?4)
    AND m.channel_id = ?5 AND m.submitted_at >= ?3 AND m.submitted_at < ?6
  ORDER BY p.id, m.idx LIMIT ?7`;

/** The carrier ids of messages that were accepted together. */
interface Run {
  planId: number;
  from: number;
  to: number;
  parts: number;
  carrierIds: string[];
}

export function submittedReader(db: Database): MessageReader['submitted'] {
  const runWith = (planId: number, index: number): Run | null => {
    const row = db.get(
      `SELECT from_idx, to_idx, parts, carrier_ids FROM submission
       WHERE plan_id = ? AND from_idx <= ? AND to_idx >= ? ORDER BY at DESC LIMIT 1`,
      planId,
      index,
      index,
    );
    if (row === undefined) return null;
    return {
      planId,
      from: row.from_idx as number,
      to: row.to_idx as number,
      parts: row.parts as number,
      carrierIds: (row.carrier_ids as string).split(' '),
    };
  };
  return async ({ channelId, from, to, after, limit }) => {
    // Nothing is sent before its plan is made.
    const last = idAt(to + SLACK_MS);
    const next = db.get('SELECT id FROM plan WHERE id >= ? ORDER BY id LIMIT 1 OFFSET ?', after.planId, PLANS);
    const end = Math.min((next?.id as number | undefined) ?? last, last);
    const messages: SubmittedMessage[] = [];
    let run: Run | null = null;
    for (const row of db.lists(SUBMITTED, after.planId, end, from, after.index, channelId, to, limit)) {
      const [planId, index, recipient, segments, category, state, submittedAt, own] = row as [
        ...number[],
        string | null,
      ] as [number, number, number, number, number, number, number, string | null];
      if (own === null && (run === null || run.planId !== planId || index < run.from || index > run.to)) {
        run = runWith(planId, index);
      }
      const first = run === null ? 0 : (index - run.from) * run.parts;
      messages.push({
        planId,
        index,
        recipient,
        segments,
        category: categoryOfCode(category),
        state: messageStateOfCode(state),
        submittedAt,
        carrierIds: own === null ? (run?.carrierIds.slice(first, first + run.parts) ?? []) : own.split(' '),
      });
    }
    const place = messages.length === limit ? messages.at(-1)! : null;
    if (place !== null) return { messages, next: { planId: place.planId, index: place.index } };
    return { messages, next: end === last ? null : { planId: end, index: -1 } };
  };
}

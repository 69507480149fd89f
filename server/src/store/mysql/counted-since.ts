import { categoryOfCode } from '../../domain/category.ts';
import { messageCode } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageReader } from '../store.ts';
import type { Database } from './database.ts';

/** An id is minted a little before the time its plan is written with. */
const SLACK_MS = 60_000;
const FAILED = messageCode('failed');

type Counted = [businessId: number, category: number, recipient: number, at: number];

/** @see MessageReader.countedSince */
export function countedSince(db: Database): MessageReader['countedSince'] {
  // Messages count once they may be sent, but for those that were too many for their recipient when their plan started.
  const rows = (time: string, from: string, plans: string) => `
    SELECT STRAIGHT_JOIN p.business_id, p.category, m.recipient, ${time}
    FROM ${from} JOIN message m ON m.plan_id = p.id AND m.idx < p.sendable
    WHERE ${plans} AND ${time} >= CASE p.category WHEN 1 THEN ? WHEN 2 THEN ? ELSE ? END
      AND NOT (p.start_at IS NOT NULL AND m.state = ${FAILED} AND m.attempts = 0)`;
  return async (since, visit) => {
    const times = [since.verification, since.notification, since.marketing].map((at) => at ?? Number.MAX_SAFE_INTEGER);
    const first = Math.min(...times);
    // Plans that counted later than they were made are few: they are gathered, and put between the others by their times.
    const later = (await db.lists(
      `${rows('o.at', 'plan_place o JOIN plan p ON p.id = o.plan_id', 'o.list = 6 AND o.at >= ?')} ORDER BY o.at`,
      first,
      ...times,
    )) as Counted[];
    let next = 0;
    const show = ([businessId, category, recipient, at]: Counted) =>
      visit(businessId, categoryOfCode(category), recipient, at);
    await db.each(
      `${rows('p.created_at', 'plan p', 'p.id >= ? AND p.counted_at IS NULL AND p.state <> 0')} ORDER BY p.id`,
      [idAt(first - SLACK_MS), ...times],
      (row) => {
        const counted = row as unknown as Counted;
        while (next < later.length && later[next]![3] <= counted[3]) show(later[next++]!);
        show(counted);
      },
    );
    while (next < later.length) show(later[next++]!);
  };
}

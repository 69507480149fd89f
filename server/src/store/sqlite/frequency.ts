import { type Category, categoryCode, categoryOfCode } from '../../domain/category.ts';
import { HOUR_MS } from '../../domain/frequency.ts';
import { messageCode } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { FrequencyTable, MessageReader } from '../store.ts';
import type { Database } from './database.ts';

const HOURS_A_DAY = 24;
/** An id is minted a little before the time its plan is written with. */
const SLACK_MS = 60_000;
const FAILED = messageCode('failed');

const dayOf = (hour: number): number => Math.floor(hour / HOURS_A_DAY);
const codeOf = (category: Category | null): number => (category === null ? 0 : categoryCode(category));

export function frequencyTable(db: Database): FrequencyTable {
  return {
    async count(businessId, category, recipients, from, to) {
      const days = Array.from({ length: dayOf(to) - dayOf(from) + 1 }, (_, i) => dayOf(from) + i);
      return db
        .all(
          // Days are named one by one: the table is ordered by day first, and each is a search of its own.
          `SELECT (
             SELECT coalesce(sum(f.count), 0) FROM json_each(?1) d CROSS JOIN frequency_hour f
             ON f.day = d.value AND f.business_id = ?2 AND f.category = ?3 AND f.recipient = r.value
               AND f.hour BETWEEN ?4 AND ?5
           ) AS count FROM json_each(?6) r ORDER BY r.key`,
          JSON.stringify(days),
          businessId,
          codeOf(category),
          from,
          to,
          JSON.stringify(recipients),
        )
        .map((row) => row.count as number);
    },
    async add(businessId, category, recipients, hour, by) {
      db.run(
        // WHERE true: without it SQLite would read ON CONFLICT as the condition of a join.
        `INSERT INTO frequency_hour (day, business_id, category, recipient, hour, count)
         SELECT ?1, ?2, ?3, value, ?4, ?5 FROM json_each(?6) WHERE true
         ON CONFLICT DO UPDATE SET count = count + excluded.count`,
        dayOf(hour),
        businessId,
        codeOf(category),
        hour,
        by,
        JSON.stringify(recipients),
      );
    },
    async dropBefore(hour, limit) {
      return db.changes(
        `DELETE FROM frequency_hour WHERE (day, business_id, category, recipient, hour) IN (
           SELECT day, business_id, category, recipient, hour FROM frequency_hour WHERE day < ? LIMIT ?)`,
        dayOf(hour),
        limit,
      );
    },
    async times(businessId, category, recipients, from, to) {
      const rows = db.all(
        `SELECT f.recipient, f.hour, f.times FROM json_each(?1) h CROSS JOIN json_each(?2) r CROSS JOIN frequency_time f
         ON f.hour = h.value AND f.business_id = ?3 AND f.category = ?4 AND f.recipient = r.value
         ORDER BY f.hour`,
        JSON.stringify(Array.from({ length: to - from + 1 }, (_, i) => from + i)),
        JSON.stringify([...new Set(recipients)]),
        businessId,
        codeOf(category),
      );
      const times = new Map<number, number[]>();
      for (const row of rows) {
        const known = times.get(row.recipient as number) ?? [];
        const hour = (row.hour as number) * HOUR_MS;
        for (const ms of JSON.parse(row.times as string) as number[]) known.push(hour + ms);
        times.set(row.recipient as number, known);
      }
      return recipients.map((recipient) => times.get(recipient) ?? []);
    },
    async setTimes(businessId, category, hour, recipients, times) {
      db.run(
        `INSERT INTO frequency_time (hour, business_id, category, recipient, times)
         SELECT ?1, ?2, ?3, value ->> 0, value ->> 1 FROM json_each(?4) WHERE true
         ON CONFLICT DO UPDATE SET times = excluded.times`,
        hour,
        businessId,
        codeOf(category),
        JSON.stringify(
          recipients.map((recipient, i) => [recipient, JSON.stringify(times[i]!.map((at) => at - hour * HOUR_MS))]),
        ),
      );
    },
    async dropTimesBefore(hour, limit) {
      return db.changes(
        `DELETE FROM frequency_time WHERE (hour, business_id, category, recipient) IN (
           SELECT hour, business_id, category, recipient FROM frequency_time WHERE hour < ? LIMIT ?)`,
        hour,
        limit,
      );
    },
  };
}

type Counted = [businessId: number, category: number, recipient: number, at: number];

/** @see MessageReader.countedSince */
export function countedSince(db: Database): MessageReader['countedSince'] {
  // Messages count once they may be sent, but for those that were too many for their recipient when their plan started.
  const rows = (time: string, plans: string) => `
    SELECT p.business_id, p.category, m.recipient, ${time}
    FROM plan p CROSS JOIN message m ON m.plan_id = p.id AND m.idx < p.sendable
    WHERE ${plans} AND ${time} >= CASE p.category WHEN 1 THEN ?2 WHEN 2 THEN ?3 ELSE ?4 END
      AND NOT (p.start_at IS NOT NULL AND m.state = ${FAILED} AND m.attempts = 0)`;
  return async (since, visit) => {
    const times = [since.verification, since.notification, since.marketing].map((at) => at ?? Number.MAX_SAFE_INTEGER);
    const first = Math.min(...times);
    // Most plans count when they are made, in the order of their ids; the others have an index of their own.
    const whenMade = db.lists(
      `${rows('p.created_at', 'p.id >= ?1 AND p.counted_at IS NULL AND p.state <> 0')} ORDER BY p.id`,
      idAt(first - SLACK_MS),
      ...times,
    ) as Iterable<Counted>;
    const later = db.lists(
      `${rows('p.counted_at', 'p.counted_at >= ?1')} ORDER BY p.counted_at`,
      first,
      ...times,
    ) as Iterable<Counted>;
    for (const [businessId, category, recipient, at] of merged(whenMade, later)) {
      visit(businessId, categoryOfCode(category), recipient, at);
    }
  };
}

/** Two lists in the order of time as one. */
function* merged(one: Iterable<Counted>, other: Iterable<Counted>): Iterable<Counted> {
  const others = other[Symbol.iterator]();
  let next = others.next();
  for (const row of one) {
    for (; !next.done && next.value[3] <= row[3]; next = others.next()) yield next.value;
    yield row;
  }
  for (; !next.done; next = others.next()) yield next.value;
}

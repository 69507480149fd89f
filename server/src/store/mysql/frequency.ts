import { type Category, categoryCode } from '../../domain/category.ts';
import { HOUR_MS } from '../../domain/frequency.ts';
import type { FrequencyTable } from '../store.ts';
import type { Database } from './database.ts';

const HOURS_A_DAY = 24;
/** Places of the index that one question looks at: a server plans only so many of them before it scans instead. */
const PLACES = 2_000;

const dayOf = (hour: number): number => Math.floor(hour / HOURS_A_DAY);
const codeOf = (category: Category | null): number => (category === null ? 0 : categoryCode(category));

export function frequencyTable(db: Database): FrequencyTable {
  return {
    async count(businessId, category, recipients, from, to) {
      // Days are named one by one: the table is ordered by day first, and each is a search of its own.
      const days = Array.from({ length: dayOf(to) - dayOf(from) + 1 }, (_, i) => dayOf(from) + i);
      const step = Math.max(1, Math.floor(PLACES / days.length));
      const counts = new Map<number, number>();
      for (let at = 0; at < recipients.length; at += step) {
        const rows = await db.lists(
          `SELECT recipient, sum(count) FROM frequency_hour
           WHERE day IN (?) AND business_id = ? AND category = ? AND recipient IN (?) AND hour BETWEEN ? AND ?
           GROUP BY recipient`,
          days,
          businessId,
          codeOf(category),
          recipients.slice(at, at + step),
          from,
          to,
        );
        for (const [recipient, count] of rows) counts.set(recipient as number, count as number);
      }
      return recipients.map((recipient) => counts.get(recipient) ?? 0);
    },
    async add(businessId, category, recipients, hour, by) {
      if (recipients.length === 0) return;
      const [day, code] = [dayOf(hour), codeOf(category)];
      await db.run(
        `INSERT INTO frequency_hour (day, business_id, category, recipient, hour, count) VALUES ?
         ON DUPLICATE KEY UPDATE count = count + VALUES(count)`,
        recipients.map((recipient) => [day, businessId, code, recipient, hour, by]),
      );
    },
    async times(businessId, category, recipients, from, to) {
      const times = new Map<number, number[]>();
      for (let at = 0; at < recipients.length; at += PLACES) {
        const rows = await db.lists(
          `SELECT recipient, hour, times FROM frequency_time
           WHERE hour IN (?) AND business_id = ? AND category = ? AND recipient IN (?) ORDER BY hour`,
          Array.from({ length: to - from + 1 }, (_, i) => from + i),
          businessId,
          codeOf(category),
          recipients.slice(at, at + PLACES),
        );
        for (const [recipient, hour, written] of rows as [number, number, string][]) {
          const known = times.get(recipient) ?? [];
          for (const ms of JSON.parse(written) as number[]) known.push(hour * HOUR_MS + ms);
          times.set(recipient, known);
        }
      }
      return recipients.map((recipient) => times.get(recipient) ?? []);
    },
    async setTimes(businessId, category, hour, recipients, times) {
      if (recipients.length === 0) return;
      const code = codeOf(category);
      await db.run(
        `INSERT INTO frequency_time (hour, business_id, category, recipient, times) VALUES ?
         ON DUPLICATE KEY UPDATE times = VALUES(times)`,
        recipients.map((recipient, i) => {
          const written = JSON.stringify(times[i]!.map((at) => at - hour * HOUR_MS));
          return [hour, businessId, code, recipient, written];
        }),
      );
    },
    dropTimesBefore: (hour, limit) => db.changes('DELETE FROM frequency_time WHERE hour < ? LIMIT ?', hour, limit),
    dropBefore: (hour, limit) => db.changes('DELETE FROM frequency_hour WHERE day < ? LIMIT ?', dayOf(hour), limit),
  };
}

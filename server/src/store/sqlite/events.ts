import type { Event, EventBody } from '../../domain/event.ts';
import { readEventBody, writeEventBody } from '../event-body.ts';
import type { EventFilter, EventReader, EventWriter } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** Events one search looks through, step by step, where no index finds those that fit. */
const STEPS = [1_000, 19_000] as const;
/** Kinds that come with traffic; the others stand in an index of their own. */
const FREQUENT = "('message.state', 'plan.state', 'inbound.received')";
const FREQUENT_KINDS: readonly EventBody['kind'][] = ['message.state', 'plan.state', 'inbound.received'];

export function eventTable(db: Database): EventReader & EventWriter {
  return {
    async after(after, filter, limit) {
      const { where, values } = conditionsOf(filter);
      return db
        .all(`SELECT * FROM event WHERE id > ? ${where} ORDER BY id LIMIT ?`, after, ...values, limit)
        .map(toEvent);
    },
    async page(after, filter, limit) {
      const { where, values } = conditionsOf(filter);
      const found: Event[] = [];
      let from = after;
      // Where many fit, the first few hundred hold a page.
      for (const looked of STEPS) {
        const last = lastLookedAt(db, from, filter, looked);
        const rows = db.all(
          `SELECT * FROM event WHERE id > ? AND id <= ? ${where} ORDER BY id LIMIT ?`,
          from,
          last ?? Number.MAX_SAFE_INTEGER,
          ...values,
          limit + 1 - found.length,
        );
        found.push(...rows.map(toEvent));
        if (found.length > limit) return { events: found.slice(0, limit), next: found[limit - 1]!.id };
        if (last === null) return { events: found, next: null };
        from = last;
      }
      return { events: found, next: from };
    },
    async last() {
      return (db.get('SELECT max(id) AS id FROM event')!.id as number | null) ?? 0;
    },
    async add(events) {
      for (const event of events) {
        db.run(
          'INSERT INTO event (id, business_id, at, kind, state, body) VALUES (?, ?, ?, ?, ?, ?)',
          event.id,
          event.businessId,
          event.at,
          event.body.kind,
          'state' in event.body ? event.body.state : null,
          writeEventBody(event.body),
        );
      }
    },
  };
}

function conditionsOf({ businessId, kind, states }: EventFilter): { where: string; values: (number | string)[] } {
  const conditions: string[] = [];
  const values: (number | string)[] = [];
  const isRare = kind !== null && !FREQUENT_KINDS.includes(kind);
  if (businessId !== null) {
    // The + leaves the choice to the index of rare kinds.
    conditions.push(isRare ? '+business_id = ?' : 'business_id = ?');
    values.push(businessId);
  }
  if (kind !== null) {
    conditions.push(isRare ? `kind NOT IN ${FREQUENT} AND kind = ?` : 'kind = ?');
    values.push(kind);
  }
  if (states !== null) {
    conditions.push('state IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(states));
  }
  return { where: conditions.map((condition) => `AND ${condition}`).join(' '), values };
}

/** The last event of those a search may look through; null: it may look through all there are. */
function lastLookedAt(
  db: Database,
  after: number,
  { businessId, kind, states }: EventFilter,
  looked: number,
): number | null {
  if ((kind === null && states === null) || (kind !== null && !FREQUENT_KINDS.includes(kind))) return null;
  const whose = businessId === null ? '' : 'AND business_id = ?';
  const row = db.first(
    `SELECT id FROM event WHERE id > ? ${whose} ORDER BY id LIMIT 1 OFFSET ?`,
    after,
    ...(businessId === null ? [] : [businessId]),
    looked - 1,
  );
  return (row?.[0] as number | undefined) ?? null;
}

const toEvent = (row: Row): Event => ({
  id: row.id as number,
  businessId: row.business_id as number,
  at: row.at as number,
  body: readEventBody(row.body as string),
});

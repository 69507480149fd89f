import type { Event } from '../../domain/event.ts';
import { readEventBody } from '../event-body.ts';
import type { EventFilter, EventReader, EventWriter } from '../store.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';
import type { Values } from './sql.ts';

const MAX_ROWS = 500;
/** Events one search looks through, step by step. */
const STEPS = [1_000, 14_000] as const;

export function eventTable(db: Database): EventReader & EventWriter {
  return {
    async after(after, filter, limit) {
      return between(db, after, Number.MAX_SAFE_INTEGER, filter, limit);
    },
    async page(after, filter, limit) {
      const found: Event[] = [];
      let from = after;
      // Where many fit, the first few hundred hold a page.
      for (const looked of STEPS) {
        const last = await lastLookedAt(db, from, filter, looked);
        found.push(...(await between(db, from, last ?? Number.MAX_SAFE_INTEGER, filter, limit + 1 - found.length)));
        if (found.length > limit) return { events: found.slice(0, limit), next: found[limit - 1]!.id };
        if (last === null) return { events: found, next: null };
        from = last;
      }
      return { events: found, next: from };
    },
    async last() {
      return ((await db.lists('SELECT max(event_id) FROM event_last'))[0]![0] as number | null) ?? 0;
    },
    async add(events) {
      for (const piece of inPieces(events, MAX_ROWS)) {
        const last = new Map<number, number>();
        for (const { id, businessId } of piece) last.set(businessId, Math.max(id, last.get(businessId) ?? 0));
        await db.run(
          'INSERT INTO event (id, business_id, at, kind, state, body) VALUES ?',
          piece.map(({ id, businessId, at, body }) => [
            id,
            businessId,
            at,
            body.kind,
            'state' in body ? body.state : null,
            // One by one: a process of the version before may still read it during an upgrade.
            JSON.stringify(body),
          ]),
        );
        await db.run(
          `INSERT INTO event_last (business_id, event_id) VALUES ?
           ON DUPLICATE KEY UPDATE event_id = GREATEST(event_id, VALUES(event_id))`,
          [...last],
        );
      }
    },
  };
}

/** MariaDB would go through the events of one business from the first on, whatever id they are asked for from. */
const eventsOf = (businessId: number | null): string =>
  businessId === null ? 'event' : 'event FORCE INDEX (event_of_business)';

/** Events after one, up to another. */
async function between(
  db: Database,
  after: number,
  last: number,
  { businessId, kind, states }: EventFilter,
  limit: number,
): Promise<Event[]> {
  const conditions = ['id > ? AND id <= ?'];
  const values: Values[] = [after, last];
  if (businessId !== null) {
    conditions.push('business_id = ?');
    values.push(businessId);
  }
  if (kind !== null) {
    conditions.push('kind = ?');
    values.push(kind);
  }
  if (states !== null) {
    conditions.push('state IN (?)');
    values.push(states);
  }
  const rows = await db.lists(
    `SELECT id, business_id, at, body FROM ${eventsOf(businessId)} WHERE ${conditions.join(' AND ')} ORDER BY id LIMIT ?`,
    ...values,
    limit,
  );
  return rows.map(([id, businessId, at, body]) => ({
    id: id as number,
    businessId: businessId as number,
    at: at as number,
    body: readEventBody(body as string),
  }));
}

/** The last event of those a search may look through; null: it may look through all there are. */
async function lastLookedAt(
  db: Database,
  after: number,
  { businessId, kind, states }: EventFilter,
  looked: number,
): Promise<number | null> {
  if (kind === null && states === null) return null;
  const whose = businessId === null ? '' : 'AND business_id = ?';
  const [row] = await db.lists(
    `SELECT id FROM ${eventsOf(businessId)} WHERE id > ? ${whose} ORDER BY id LIMIT 1 OFFSET ?`,
    after,
    ...(businessId === null ? [] : [businessId]),
    looked - 1,
  );
  return row === undefined ? null : (row[0] as number);
}

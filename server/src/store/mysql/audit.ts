import type { AuditActor, AuditEntry, AuditObject, AuditVia, AuditView } from '../../domain/audit.ts';
import type { AuditFilter, AuditReader, AuditWriter } from '../store.ts';
import type { Cell, Database, Row } from './database.ts';
import { bit, type Value } from './sql.ts';

export function auditTable(db: Database): AuditReader & AuditWriter {
  return {
    async list(filter, before, limit) {
      const bounds = await idsOf(db, filter.from, filter.to);
      if (bounds === null) return [];
      const wanted: [condition: string, value: Value | undefined][] = [
        ['business_id = ?', filter.businessId],
        ['by_kind = ?', filter.by?.kind],
        ['by_id = ?', filter.by?.id],
        ['action = ?', filter.action],
        ['object = ?', filter.object],
        ['object_id = ?', filter.objectId],
        ['at >= ?', filter.from],
        ['at < ?', filter.to],
        ['id >= ?', bounds.first],
        ['id <= ?', Math.min(bounds.last, (before ?? Number.MAX_SAFE_INTEGER) - 1)],
      ];
      const given = wanted.filter((each): each is [string, Value] => each[1] !== undefined);
      const where = given.map(([condition]) => condition).join(' AND ');
      const sql = `SELECT * FROM audit FORCE INDEX (${indexFor(filter)}) WHERE ${where} ORDER BY id DESC LIMIT ?`;
      return (await db.all(sql, ...given.map(([, value]) => value), limit)).map(toEntry);
    },
    async add(entry) {
      await db.run(
        `INSERT INTO audit
           (at, by_kind, by_id, by_name, staff, address, via, action, object, object_id, business_id, view_before, view_after)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        entry.at,
        entry.by.kind,
        entry.by.id,
        entry.by.name,
        bit(entry.by.staff),
        entry.address,
        entry.via,
        entry.action,
        entry.object,
        entry.objectId,
        entry.businessId,
        entry.before === null ? null : JSON.stringify(entry.before),
        entry.after === null ? null : JSON.stringify(entry.after),
      );
    },
  };
}

/** Entries are written in the order of their times, nearly: by several processes, each with a clock. */
const SLACK_MS = 60_000;

/** The first and the last id that entries of a time may have; null: there is none. */
async function idsOf(
  db: Database,
  from: number | undefined,
  to: number | undefined,
): Promise<{ first: number; last: number } | null> {
  let first = 0;
  let last = Number.MAX_SAFE_INTEGER;
  if (from !== undefined) {
    const [row] = await db.lists('SELECT id FROM audit WHERE at >= ? ORDER BY at, id LIMIT 1', from - SLACK_MS);
    if (row === undefined) return null;
    first = row[0] as number;
  }
  if (to !== undefined) {
    const [row] = await db.lists('SELECT id FROM audit WHERE at < ? ORDER BY at DESC, id DESC LIMIT 1', to + SLACK_MS);
    if (row === undefined) return null;
    last = row[0] as number;
  }
  return { first, last };
}

/** The index by which entries are gone through, newest first; MariaDB would go through all that are newer as well. */
function indexFor(filter: AuditFilter): string {
  if (filter.objectId !== undefined && filter.object !== undefined) return 'audit_of_object';
  if (filter.by?.id !== undefined) return 'audit_by';
  if (filter.action !== undefined) return 'audit_action';
  return filter.businessId !== undefined ? 'audit_of_business' : 'PRIMARY';
}

function toEntry(row: Row): AuditEntry {
  const view = (text: Cell | undefined) => (text === null ? null : (JSON.parse(text as string) as AuditView));
  return {
    id: row.id as number,
    at: row.at as number,
    by: {
      kind: row.by_kind as AuditActor['kind'],
      id: row.by_id as number | null,
      name: row.by_name as string,
      staff: row.staff === 1,
    },
    address: row.address as string,
    via: row.via as AuditVia,
    action: row.action as string,
    object: row.object as AuditObject,
    objectId: row.object_id as string,
    businessId: row.business_id as number | null,
    before: view(row.view_before),
    after: view(row.view_after),
  };
}

import type { AuditActor, AuditEntry, AuditObject, AuditVia, AuditView } from '../../domain/audit.ts';
import type { AuditReader, AuditWriter } from '../store.ts';
import { bit, type Database, type Value } from './database.ts';

export function auditTable(db: Database): AuditReader & AuditWriter {
  return {
    async list(filter, before, limit) {
      const wanted: [condition: string, value: Value | undefined][] = [
        ['business_id = ?', filter.businessId],
        ['by_kind = ?', filter.by?.kind],
        ['by_id = ?', filter.by?.id],
        ['action = ?', filter.action],
        ['object = ?', filter.object],
        ['object_id = ?', filter.objectId],
        ['at >= ?', filter.from],
        ['at < ?', filter.to],
        ['id < ?', before ?? undefined],
      ];
      const given = wanted.filter((each): each is [string, Value] => each[1] !== undefined);
      const where = given.length === 0 ? '' : `WHERE ${given.map(([condition]) => condition).join(' AND ')}`;
      return db
        .all(`SELECT * FROM audit ${where} ORDER BY id DESC LIMIT ?`, ...given.map(([, value]) => value), limit)
        .map(toEntry);
    },
    async add(entry) {
      db.run(
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

function toEntry(row: NonNullable<ReturnType<Database['get']>>): AuditEntry {
  const view = (text: Value | undefined) => (text === null ? null : (JSON.parse(text as string) as AuditView));
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

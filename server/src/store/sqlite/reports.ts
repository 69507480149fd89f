import { messageCode, type ReportedState } from '../../domain/message.ts';
import { searchBatches } from '../report-search.ts';
import type { OrphanReader, OrphanWriter, Parked, ParkedTable, ReportLogReader, ReportLogWriter } from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function parkedTable(db: Database): ParkedTable {
  return {
    async add(reports) {
      for (const { channelId, carrierId, recipient, state, error, userReference, at, key, repeated } of reports) {
        db.run(
          `INSERT INTO parked_receipt (receipt_group, carrier_id, written, recipient, state, error, user_reference, repeated, at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          channelId,
          key,
          key === carrierId ? null : carrierId,
          recipient,
          state,
          error,
          userReference,
          bit(repeated),
          at,
        );
      }
    },
    async take(channelId, keys) {
      const taken: Parked[] = [];
      for (const key of keys) {
        const rows = db.all(
          'DELETE FROM parked_receipt WHERE receipt_group = ? AND carrier_id = ? RETURNING *',
          channelId,
          key,
        );
        for (const row of rows) taken.push(toParked(row));
      }
      return taken;
    },
    async takeOfChannel(channelId, limit) {
      return takeOut(db, 'SELECT rowid AS id, * FROM parked_receipt WHERE receipt_group = ? ORDER BY rowid LIMIT ?', [
        channelId,
        limit,
      ]);
    },
    async any() {
      return db.first('SELECT 1 FROM parked_receipt LIMIT 1') !== undefined;
    },
    async ofUncertain(until, limit) {
      return db
        .all(
          `SELECT DISTINCT p.rowid AS id, p.* FROM uncertain u
             CROSS JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
             CROSS JOIN parked_receipt p ON p.recipient = u.recipient AND p.repeated = 0
           WHERE m.state = ? AND p.at <= ? LIMIT ?`,
          messageCode('uncertain'),
          until,
          limit,
        )
        .map((row) => ({ ...toParked(row), id: row.id as number }));
    },
    async remove(ids) {
      for (const id of ids) db.run('DELETE FROM parked_receipt WHERE rowid = ?', id);
    },
    async takeBefore(before, limit) {
      return takeOut(db, 'SELECT rowid AS id, * FROM parked_receipt WHERE at < ? ORDER BY at LIMIT ?', [before, limit]);
    },
  };
}

function takeOut(db: Database, select: string, values: readonly number[]): Parked[] {
  const rows = db.all(select, ...values);
  for (const row of rows) db.run('DELETE FROM parked_receipt WHERE rowid = ?', row.id as number);
  return rows.map(toParked);
}

function toParked(row: Row): Parked {
  const key = row.carrier_id as string;
  return {
    channelId: row.receipt_group as number,
    carrierId: (row.written as string | null) ?? key,
    recipient: row.recipient as number | null,
    state: row.state as ReportedState,
    error: row.error as string,
    userReference: row.user_reference as number | null,
    at: row.at as number,
    key,
    repeated: row.repeated === 1,
  };
}

export function orphanTable(db: Database): OrphanReader & OrphanWriter {
  return {
    async list(channelId, before, limit) {
      return db
        .all(
          `SELECT * FROM orphan_report WHERE id < ? AND (?2 IS NULL OR channel_id = ?2) ORDER BY id DESC LIMIT ?3`,
          before ?? Number.MAX_SAFE_INTEGER,
          channelId,
          limit,
        )
        .map((row) => ({
          id: row.id as number,
          channelId: row.channel_id as number,
          carrierId: row.carrier_id as string,
          recipient: row.recipient as number | null,
          state: row.state as ReportedState,
          error: row.error as string,
          at: row.at as number,
        }));
    },
    async count() {
      return db.first('SELECT count(*) FROM orphan_report')![0] as number;
    },
    async add(reports) {
      for (const { channelId, carrierId, recipient, state, error, at } of reports) {
        db.run(
          'INSERT INTO orphan_report (channel_id, carrier_id, recipient, state, error, at) VALUES (?, ?, ?, ?, ?, ?)',
          channelId,
          carrierId,
          recipient,
          state,
          error,
          at,
        );
      }
    },
    async trim(keep, before) {
      db.run(
        'DELETE FROM orphan_report WHERE id <= (SELECT id FROM orphan_report ORDER BY id DESC LIMIT 1 OFFSET ?)',
        keep,
      );
      db.run('DELETE FROM orphan_report WHERE at < ?', before);
    },
  };
}

export function reportLog(db: Database): ReportLogReader & ReportLogWriter {
  return {
    async find(search) {
      const ask = async (sql: string, ...values: number[]) => db.lists(sql, ...values);
      const { found, next } = await searchBatches(ask, 'report_log NOT INDEXED', search);
      const batches = found.map((id) => {
        const row = db.get('SELECT at, body FROM report_log WHERE id = ?', id)!;
        return { id, at: row.at as number, body: row.body as Uint8Array };
      });
      return { batches, next };
    },
    async add({ at, hashes, body }) {
      const octets = new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength);
      db.run('INSERT INTO report_log (at, hashes, body) VALUES (?, ?, ?)', at, octets, body);
    },
    async dropBefore(before, limit) {
      return db.changes(
        'DELETE FROM report_log WHERE id IN (SELECT id FROM report_log WHERE at < ? ORDER BY at LIMIT ?)',
        before,
        limit,
      );
    },
  };
}

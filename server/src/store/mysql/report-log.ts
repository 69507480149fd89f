import { searchBatches } from '../report-search.ts';
import type { ReportLogReader, ReportLogWriter } from '../store.ts';
import type { Database } from './database.ts';

export function reportLog(db: Database): ReportLogReader & ReportLogWriter {
  return {
    async find(search) {
      const ask = (sql: string, ...values: number[]) => db.lists(sql, ...values);
      const { found, next } = await searchBatches(ask, 'report_log FORCE INDEX (PRIMARY)', search);
      const rows = await db.lists('SELECT id, at, body FROM report_log WHERE id IN (?) ORDER BY id DESC', found);
      const batches = rows.map(([id, at, body]) => ({ id: id as number, at: at as number, body: body as Uint8Array }));
      return { batches, next };
    },
    async add({ at, hashes, body }) {
      const octets = new Uint8Array(hashes.buffer, hashes.byteOffset, hashes.byteLength);
      await db.run('INSERT INTO report_log (at, hashes, body) VALUES (?, ?, ?)', at, octets, body);
    },
    async dropBefore(before, limit) {
      return db.changes('DELETE FROM report_log WHERE at < ? ORDER BY at LIMIT ?', before, limit);
    },
  };
}

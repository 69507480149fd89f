import { BATCHES_LOOKED_AT, HashSearch } from '../report-hashes.ts';
import type { ReportLogReader, ReportLogWriter } from '../store.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';

/** Batches whose hashes are looked at together. */
const TOGETHER = 200;

export function reportLog(db: Database): ReportLogReader & ReportLogWriter {
  return {
    async find({ hashes, from, until, before, limit }) {
      const search = new HashSearch(hashes, limit);
      const ids = await idsBetween(db, from, until, before ?? Number.MAX_SAFE_INTEGER);
      for (const piece of inPieces(ids, TOGETHER)) {
        const rows = await db.lists('SELECT id, hashes FROM report_log WHERE id IN (?) ORDER BY id DESC', piece);
        for (const [id, octets] of rows) if (!search.ended) search.look(id as number, octets as Uint8Array);
        if (search.ended) break;
      }
      const rows = await db.lists('SELECT id, at, body FROM report_log WHERE id IN (?) ORDER BY id DESC', search.found);
      const batches = rows.map(([id, at, body]) => ({ id: id as number, at: at as number, body: body as Uint8Array }));
      return { batches, next: search.ended || ids.length === BATCHES_LOOKED_AT ? search.last : null };
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

/** Ids of the newest batches of a time, as many as one question looks at, falling: the index by time holds them. */
async function idsBetween(db: Database, from: number, until: number, before: number): Promise<number[]> {
  const rows = await db.lists(
    `SELECT id FROM report_log FORCE INDEX (report_log_at) WHERE at BETWEEN ? AND ? AND id < ?
     ORDER BY id DESC LIMIT ${BATCHES_LOOKED_AT}`,
    from,
    until,
    before,
  );
  return rows.map(([id]) => id as number);
}

import type { ReportLogReader, ReportLogWriter } from '../store.ts';
import type { Database } from './database.ts';

/** Batches whose hashes are looked at together. */
const TOGETHER = 500;

export function reportLog(db: Database): ReportLogReader & ReportLogWriter {
  return {
    async find({ hashes, from, until, before, limit }) {
      const ids = await idsBetween(db, from, until, before ?? Number.MAX_SAFE_INTEGER);
      const wanted = new Set(hashes);
      const found: number[] = [];
      for (let at = 0; at < ids.length && found.length < limit; at += TOGETHER) {
        const rows = await db.lists('SELECT id, hashes FROM report_log WHERE id IN (?) ORDER BY id DESC', [
          ...ids.subarray(at, at + TOGETHER),
        ]);
        for (const [id, octets] of rows) {
          if (found.length < limit && anyOf(octets as Uint8Array, wanted)) found.push(id as number);
        }
      }
      const rows = await db.lists('SELECT id, at, body FROM report_log WHERE id IN (?) ORDER BY id DESC', found);
      return rows.map(([id, at, body]) => ({ id: id as number, at: at as number, body: body as Uint8Array }));
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

/** Ids of batches of a time, falling: the index by time holds them. */
async function idsBetween(db: Database, from: number, until: number, before: number): Promise<Float64Array> {
  const ids: number[] = [];
  await db.each(
    'SELECT id FROM report_log FORCE INDEX (report_log_at) WHERE at BETWEEN ? AND ? AND id < ?',
    [from, until, before],
    ([id]) => ids.push(id as number),
  );
  return Float64Array.from(ids).sort().reverse();
}

function anyOf(octets: Uint8Array, wanted: ReadonlySet<number>): boolean {
  // A copy, since what the driver hands out need not stand where numbers of four octets may.
  const hashes = new Uint32Array(Uint8Array.from(octets).buffer);
  for (const hash of hashes) if (wanted.has(hash)) return true;
  return false;
}

import { BATCHES_LOOKED_AT, HashSearch } from '../report-hashes.ts';
import type { ReportLogReader, ReportLogWriter } from '../store.ts';
import type { Database } from './database.ts';

/** Batches whose hashes are looked at together. */
const TOGETHER = 200;

export function reportLog(db: Database): ReportLogReader & ReportLogWriter {
  return {
    async find({ hashes, from, until, before, limit }) {
      const search = new HashSearch(hashes, limit);
      const first = await firstIdFrom(db, from);
      let last = Math.min(await lastIdUntil(db, until), (before ?? Number.MAX_SAFE_INTEGER) - 1);
      let looked = 0;
      for (let more = true; more && !search.ended && looked < BATCHES_LOOKED_AT; ) {
        const rows = await db.lists(
          `SELECT id, hashes FROM report_log FORCE INDEX (PRIMARY) WHERE id BETWEEN ? AND ? AND at BETWEEN ? AND ?
           ORDER BY id DESC LIMIT ${TOGETHER}`,
          first,
          last,
          from,
          until,
        );
        for (const [id, octets] of rows) if (!search.ended) search.look(id as number, octets as Uint8Array);
        more = rows.length === TOGETHER;
        looked += rows.length;
        last = ((rows.at(-1)?.[0] as number | undefined) ?? first) - 1;
      }
      const rows = await db.lists('SELECT id, at, body FROM report_log WHERE id IN (?) ORDER BY id DESC', search.found);
      const batches = rows.map(([id, at, body]) => ({ id: id as number, at: at as number, body: body as Uint8Array }));
      return { batches, next: search.ended || looked >= BATCHES_LOOKED_AT ? search.last : null };
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

/** Batches are kept in the order of their times, nearly: by several processes, each with a clock. */
const SLACK_MS = 60_000;

/** The first id that a batch from a time on may have. */
async function firstIdFrom(db: Database, from: number): Promise<number> {
  const [row] = await db.lists('SELECT id FROM report_log WHERE at >= ? ORDER BY at, id LIMIT 1', from - SLACK_MS);
  return (row?.[0] as number | undefined) ?? Number.MAX_SAFE_INTEGER;
}

/** The last id that a batch until a time may have. */
async function lastIdUntil(db: Database, until: number): Promise<number> {
  const sql = 'SELECT id FROM report_log WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1';
  const [row] = await db.lists(sql, until + SLACK_MS);
  return (row?.[0] as number | undefined) ?? 0;
}

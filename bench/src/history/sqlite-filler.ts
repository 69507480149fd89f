import { DatabaseSync } from '@photostructure/sqlite';
import type { Filler } from './filler.ts';

/** The file of a server that has stopped. Nothing is written safely: who loses it fills it anew. */
export function sqliteFiller(path: string): Filler {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY',
  );
  const ask = (sql: string): number | null => {
    const row = db.prepare(sql).get() as object | undefined;
    return row === undefined ? null : (Object.values(row)[0] as number | null);
  };
  return {
    ignore: 'OR IGNORE',
    planLeft: 'left',
    div: (a, b) => `(${a}) / (${b})`,
    run: async (sql) => db.exec(sql),
    rows: async (sql) => (db.prepare(sql).all() as object[]).map((row) => Object.values(row)),
    ask: async (sql) => ask(sql),
    series: async (count) =>
      db.exec(`CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
        INSERT INTO n WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ${count - 1}) SELECT i FROM s`),
    begin: async () => db.exec('BEGIN'),
    commit: async () => db.exec('COMMIT'),
    finish: async () => db.exec('PRAGMA journal_mode = WAL'),
    size: async () => ask('PRAGMA page_count')! * ask('PRAGMA page_size')!,
    close: async () => db.close(),
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from './database.ts';
import { placesOf, RowsStatement } from './rows-statement.ts';

let dir: string;
let db: Database;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'signet-rows-'));
  db = Database.openWriter(join(dir, 'signet.db'));
  db.exec('CREATE TABLE thing (id INTEGER PRIMARY KEY, kind TEXT, name TEXT)');
});
afterAll(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

const INSERT = new RowsStatement(
  2,
  (rows) => `INSERT INTO thing (kind, id, name) SELECT ${placesOf(1)}, * FROM (VALUES ${rows})`,
);
const FIND = new RowsStatement(1, (ids) => `SELECT count(*), sum(id) FROM thing WHERE id IN (${ids})`);
const DELETE = new RowsStatement(1, (ids) => `DELETE FROM thing WHERE kind = ? AND id IN (${ids})`);

describe('a statement of many rows', () => {
  test.each([0, 1, 2, 63, 64, 65, 128, 200])('takes %i of them, in their order', (count) => {
    const ids = Array.from({ length: count }, (_, i) => 10 + i);
    INSERT.run(db, ['a'], ids, (id, values) => values.push(id, `name ${id}`));
    expect(db.allLists('SELECT kind, id, name FROM thing ORDER BY rowid')).toEqual(
      ids.map((id) => ['a', id, `name ${id}`]),
    );
    const found = FIND.first(db, ids);
    expect(found.reduce((sum, [many]) => sum + (many as number), 0)).toBe(count);
    expect(found.reduce((sum, [, total]) => sum + (total as number), 0)).toBe(ids.reduce((sum, id) => sum + id, 0));
    DELETE.run(db, ['b'], ids, (id, values) => values.push(id));
    expect(db.first('SELECT count(*) FROM thing')).toEqual([count]);
    DELETE.run(db, ['a'], ids, (id, values) => values.push(id));
    expect(db.first('SELECT count(*) FROM thing')).toEqual([0]);
  });
});

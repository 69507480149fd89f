import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { systemClock } from '../../lib/clock.ts';
import { mysqlAddress } from '../../lib/mysql-address.ts';
import { Database } from './database.ts';

describe.skipIf(!(await haveMysql()))('Statements that are sent with the next', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await TestDatabase.make();
    await database.run('CREATE TABLE kept (id INT PRIMARY KEY)');
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.run('DELETE FROM kept');
    db = new Database(mysqlAddress(database.url), 'write', systemClock);
    await db.connect();
    await db.begin('START TRANSACTION');
  });
  afterEach(() => db.close());

  const ids = async () =>
    ((await database.run('SELECT id FROM kept ORDER BY id')) as { id: number }[]).map(({ id }) => id);
  const add = (id: number) => db.run('INSERT INTO kept (id) VALUES (?)', id);

  test('are seen by it, and committed', async () => {
    await add(1);
    await add(2);
    expect(await db.lists('SELECT id FROM kept ORDER BY id')).toEqual([[1], [2]]);
    await add(3);
    expect(await db.changeAndAsk('DELETE FROM kept WHERE id = ?; SELECT count(*) AS n FROM kept', 1)).toEqual([
      { n: 2 },
    ]);
    await add(4);
    const seen: unknown[] = [];
    await db.each('SELECT id FROM kept ORDER BY id', [], ([id]) => seen.push(id));
    expect(seen).toEqual([2, 3, 4]);
    await add(5);
    await db.end('COMMIT');
    expect(await ids()).toEqual([2, 3, 4, 5]);
  });

  test('commit nothing where one is wrong, or finds other rows than it has to', async () => {
    await add(1);
    await add(1);
    await expect(db.end('COMMIT')).rejects.toThrow('Duplicate');
    await db.rollback();
    expect(await ids()).toEqual([]);
    await db.begin('START TRANSACTION');
    await add(1);
    await db.runOn(1, 'UPDATE kept SET id = id WHERE id = ?', 1);
    await db.runOn(1, 'UPDATE kept SET id = id WHERE id = ?', 2);
    await expect(db.end('COMMIT')).rejects.toThrow('0 rows were changed where 1');
    await db.rollback();
    expect(await ids()).toEqual([]);
  });

  test('are undone with a savepoint, sent or not, and what came before it is not', async () => {
    await add(1);
    db.mark('a');
    await add(2);
    await db.undo('a');
    db.mark('a');
    await add(3);
    expect(await db.lists('SELECT id FROM kept ORDER BY id')).toEqual([[1], [3]]);
    await add(4);
    await db.undo('a');
    db.mark('a');
    await add(5);
    await db.keep('a');
    await db.end('COMMIT');
    expect(await ids()).toEqual([1, 5]);
  });

  test('begin a transaction again whose connection was lost while nobody looked', async () => {
    await db.end('COMMIT');
    await add1Elsewhere();
    const [[id]] = await connectionId();
    await database.run(`KILL ${id}`);
    await db.beginLook('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    expect(await db.lists('SELECT id FROM kept')).toEqual([[1]]);
    await db.rollback();
    // Nothing was sent of this one.
    await db.beginLook('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    await db.rollback();
  });

  const add1Elsewhere = () => database.run('INSERT INTO kept (id) VALUES (1)');
  const connectionId = async () => {
    await db.beginLook('START TRANSACTION READ ONLY');
    const rows = (await db.lists('SELECT connection_id()')) as [[number]];
    await db.rollback();
    return rows;
  };
});

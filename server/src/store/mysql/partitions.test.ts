import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { mysqlAddress } from '../../lib/mysql-address.ts';
import { addBusiness, addPlan, idOf } from '../contract/seed.ts';
import { Connection } from './connection.ts';
import { MysqlStore } from './mysql.ts';

const DAY = 86_400_000;
/** 2026-04-01, noon. */
const NOON = 1_775_044_800_000;

describe.skipIf(!(await haveMysql()))('Tables that are cut into days', () => {
  let database: TestDatabase;
  let store: MysqlStore;
  beforeAll(async () => {
    database = await TestDatabase.make();
    store = await MysqlStore.open(database.url, 'write');
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const daysOf = async (table: string): Promise<string[]> => {
    const rows = await database.run(
      `SELECT partition_name AS name FROM information_schema.partitions
       WHERE table_schema = '${database.name}' AND table_name = '${table}' ORDER BY partition_ordinal_position`,
    );
    return (rows as { name: string }[]).map(({ name }) => name);
  };
  const makeRoom = (at: number) => store.transact((tx) => tx.retention.makeRoom(at));

  test('have some days ahead, whoever makes them and how often, with what came before', async () => {
    const plan = idOf(NOON + 5 * DAY);
    await store.transact(async (tx) => addPlan(tx, await addBusiness(tx), plan, 3));
    const other = await MysqlStore.open(database.url, 'write');
    try {
      await Promise.all([makeRoom(NOON), other.transact((tx) => tx.retention.makeRoom(NOON))]);
    } finally {
      await other.close();
    }
    await makeRoom(NOON);
    const first = ['d20260401', 'd20260402', 'd20260403', 'd20260404'];
    for (const table of ['plan', 'message', 'attempt', 'sorted_number', 'submission', 'event']) {
      expect(await daysOf(table), table).toEqual([...first, 'rest']);
    }
    await makeRoom(NOON + 4 * DAY);
    const later = ['d20260405', 'd20260406', 'd20260407', 'd20260408'];
    expect(await daysOf('message')).toEqual([...first, ...later, 'rest']);
    expect(await store.read((reader) => reader.messages.ofPlan(plan, -1, 10))).toHaveLength(3);
  });

  test('are cut the next time when somebody holds one, and whoever asked is told', async () => {
    const reader = await Connection.open(mysqlAddress(database.url));
    try {
      await reader.query({ sql: 'START TRANSACTION; SELECT count(*) FROM message' }, 10_000);
      await makeRoom(NOON + 20 * DAY);
      await expect(makeRoom(NOON + 20 * DAY)).rejects.toThrow('tables could not be cut');
      // Other work goes on.
      await store.transact((tx) => tx.installation.set('a', '1'));
    } finally {
      reader.drop();
    }
    await makeRoom(NOON + 20 * DAY);
    expect((await daysOf('message')).at(-2)).toBe('d20260424');
  }, 60_000);
});

import { afterAll, beforeAll, describe } from 'vitest';
import { HandLeases } from '../../test/leases.ts';
import { haveMysql, TestDatabase } from '../../test/mysql.ts';
import { mysqlAddress } from '../lib/mysql-address.ts';
import { MysqlStore } from '../store/mysql/mysql.ts';
import { leasesContract } from './contract.ts';
import { MysqlLeases } from './mysql.ts';

leasesContract('HandLeases', async () => new HandLeases());

describe.skipIf(!(await haveMysql()))('MySQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.make();
    await (await MysqlStore.open(database.url, 'write')).close();
  });
  afterAll(() => database.drop());

  leasesContract('MysqlLeases', async () => {
    await database.run('DELETE FROM lease; DELETE FROM node');
    return {
      open: () => new MysqlLeases(mysqlAddress(database.url)),
      // The server's clock stays as it is: what stands there becomes older.
      pass: async (ms) =>
        void (await database.run(
          `UPDATE lease SET until_at = until_at - ${ms}; UPDATE node SET seen_at = seen_at - ${ms}`,
        )),
      settle: async (name, epoch) =>
        void (await database.run(`UPDATE lease SET settled = ${epoch} WHERE name = '${name}' AND epoch = ${epoch}`)),
      close: async () => {},
    };
  });
});

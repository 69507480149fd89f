import { afterAll, beforeAll, describe } from 'vitest';
import { haveMysql, TestDatabase } from '../../test/mysql.ts';
import { haveRedis, TestRedis } from '../../test/redis.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { mysqlAddress } from '../lib/mysql-address.ts';
import { MysqlStore } from '../store/mysql/mysql.ts';
import type { Nudge } from './bell.ts';
import { bellContract, type OpenedBells } from './contract.ts';
import { MysqlRungSource } from './mysql.ts';
import { PollingBell } from './polling.ts';
import { RedisNudge } from './redis-nudge.ts';

const mysql = await haveMysql();
const redis = await haveRedis();

describe.runIf(mysql)('with a database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.make();
  });
  afterAll(() => database.drop());

  const open = async (nudges: () => Promise<Nudge | null>, end: () => Promise<void>): Promise<OpenedBells> => {
    const stores = {
      a: await MysqlStore.open(database.url, 'write'),
      b: await MysqlStore.open(database.url, 'write'),
    };
    const bell = async (process: string) => {
      const source = new MysqlRungSource(mysqlAddress(database.url));
      return new PollingBell(source, process, await nudges(), {
        clock: systemClock,
        log: createLogger('silent'),
        handsOut: () => true,
      });
    };
    const tell = (process: 'a' | 'b', body: string, fails: boolean) =>
      stores[process].transact(async (tx) => {
        await tx.notices!.add(process, body, systemClock.now(), systemClock.now() - 60_000);
        if (fails) throw new Error('undone');
      });
    return {
      a: await bell('a'),
      b: await bell('b'),
      tell: (process, body) => tell(process, body, false),
      tellInVain: (process, body) => tell(process, body, true).catch(() => {}),
      async end() {
        await stores.a.close();
        await stores.b.close();
        await end();
      },
    };
  };

  bellContract('PollingBell over MySQL', () =>
    open(
      async () => null,
      async () => {},
    ),
  );

  describe.runIf(redis)('and Redis', () => {
    bellContract('PollingBell over MySQL, nudged by Redis', async () => {
      const server = new TestRedis();
      return open(
        async () => new RedisNudge(await server.link(), await server.link(), server.installation),
        () => server.end(),
      );
    });
  });
});

import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { type FigureRow, LIVE_FEED, NO_SUMS } from '../../domain/figure.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import { storeContract } from '../contract/contract.ts';
import { AT, idOf } from '../contract/seed.ts';
import { StoreAway, type Tx } from '../store.ts';
import { migrations } from './migrations/migrations.ts';
import { MysqlStore } from './mysql.ts';

describe.skipIf(!(await haveMysql()))('MySQL', () => {
  let database: TestDatabase;
  const open: MysqlStore[] = [];
  const opened = async (mode: 'write' | 'read' = 'write', url = database.url, clock: Clock = new ManualClock(AT)) => {
    const store = await MysqlStore.open(url, mode, clock);
    open.push(store);
    return store;
  };
  beforeAll(async () => {
    database = await TestDatabase.make();
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    await database.empty();
  });
  afterAll(() => database.drop());

  const set = (store: MysqlStore, name: string, value: string) =>
    store.transact((tx) => tx.installation.set(name, value));
  const get = (store: MysqlStore, name: string) => store.read((reader) => reader.installation.get(name));

  storeContract('MysqlStore', () => database.open());

  describe('a database', () => {
    test('is brought to this schema by whoever comes, all at once, and keeps what is in it', async () => {
      const fresh = await TestDatabase.make();
      try {
        const stores = await Promise.all(Array.from({ length: 4 }, () => opened('write', fresh.url)));
        await set(stores[0]!, 'a', '1');
        const later = await opened('write', fresh.url);
        for (const store of [...stores, later]) expect(await get(store, 'a')).toBe('1');
        expect(await fresh.run('SELECT version, step FROM schema_version')).toEqual([
          { version: migrations.length, step: 0 },
        ]);
      } finally {
        for (const store of open.splice(0)) await store.close();
        await fresh.drop();
      }
    });

    test('whose schema was left halfway is brought to its end', async () => {
      const fresh = await TestDatabase.make();
      try {
        await opened('write', fresh.url);
        await fresh.run('UPDATE schema_version SET version = 1, step = 1; DROP TABLE credential, plan');
        const store = await opened('write', fresh.url);
        await store.transact(async (tx) => expect(await tx.credentials.byId(1)).toBe(null));
        expect(await fresh.run('SELECT version, step FROM schema_version')).toEqual([
          { version: migrations.length, step: 0 },
        ]);
      } finally {
        for (const store of open.splice(0)) await store.close();
        await fresh.drop();
      }
    });

    test('of a newer version is refused', async () => {
      await (await opened()).close();
      await database.run(`UPDATE schema_version SET version = ${migrations.length + 1}`);
      try {
        await expect(opened()).rejects.toThrow(/newer version/);
      } finally {
        await database.run(`UPDATE schema_version SET version = ${migrations.length}`);
      }
    });

    test('is read beside the writer, who sees no half of a transaction', async () => {
      const [writer, reader] = [await opened('write'), await opened('read')];
      await writer.transact(async (tx) => {
        await tx.installation.set('a', '1');
        expect(await get(reader, 'a')).toBe(null);
      });
      expect(await get(reader, 'a')).toBe('1');
      await reader.read(async (tx) => {
        expect(await tx.installation.get('a')).toBe('1');
        await set(writer, 'a', '2');
        expect(await tx.installation.get('a')).toBe('1');
      });
      expect(await get(reader, 'a')).toBe('2');
    });

    test('is not changed through a connection that reads', async () => {
      const [, reader] = [await opened('write'), await opened('read')];
      await expect(set(reader, 'a', '1')).rejects.toThrow('only reads');
      // Nor by going around it.
      await expect(reader.read((tx) => (tx as Tx).installation.set('a', '1'))).rejects.toThrow(/read.only/i);
    });

    test('is not copied from here', async () => {
      await expect((await opened()).backup()).rejects.toThrow(/own tools/);
    });
  });

  describe('of several processes', () => {
    test('one writes at a time, and sees what the others wrote', async () => {
      const stores = [await opened(), await opened(), await opened()];
      let writing = 0;
      const add = (store: MysqlStore) =>
        store.transact(async (tx) => {
          expect(++writing).toBe(1);
          const before = Number(await tx.installation.get('count'));
          await tx.installation.set('count', String(before + 1));
          writing--;
        });
      await Promise.all(Array.from({ length: 30 }, (_, i) => add(stores[i % 3]!)));
      expect(await get(stores[0]!, 'count')).toBe('30');
    });

    test('each knows whether what it remembers of rules of sending still holds', async () => {
      const [one, two] = [await opened(), await opened()];
      const rules = (store: MysqlStore) => store.transact(async (tx) => tx.rules);
      const suspend = (store: MysqlStore) =>
        store.transact(async (tx) => {
          await tx.businesses.setState(1, 'suspended');
          return tx.rules;
        });
      const changed = await suspend(one);
      expect([await rules(one), await rules(two)]).toEqual([changed, changed]);
      // What is no rule changes nothing of it; nor does what is undone.
      await set(two, 'a', '1');
      await two.transact((tx) => tx.routes.count(1, []));
      await expect(
        two.transact(async (tx) => {
          await tx.businesses.setState(1, 'active');
          throw new Error('broken');
        }),
      ).rejects.toThrow('broken');
      expect([await rules(one), await rules(two)]).toEqual([changed, changed]);
      expect(await suspend(two)).toBeGreaterThan(changed);
      expect(await rules(one)).toBe(await rules(two));
      expect(await rules(one)).toBeGreaterThan(changed);
    });

    test('a process of a version that does not tell may have changed any rule', async () => {
      const store = await opened();
      const rules = () => store.transact(async (tx) => tx.rules);
      await set(store, 'a', '1');
      const before = await rules();
      expect(await rules()).toBe(before);
      await database.run('UPDATE turn SET seq = seq + 1');
      expect(await rules()).not.toBe(before);
      await set(store, 'a', '2');
      const after = await rules();
      await set(store, 'a', '3');
      expect(await rules()).toBe(after);
    });

    test('figures are whole although one of them, of a version before, knows nothing of spans', async () => {
      const { store, dispose } = await database.open();
      const row: FigureRow = {
        ...{ ...NO_SUMS, businessId: 1, quarter: 1_960_001, channelId: 1, country: 'CN' },
        ...{ category: 'marketing', templateId: 1, currency: null, sent: 1 },
      };
      const sent = () =>
        store.read(async (reader) => {
          const [sum] = await reader.figures.sums({ businessId: null, from: 1_960_000, to: 1_960_096, by: [] });
          return [sum?.sent ?? 0, await reader.figures.spanned()];
        });
      try {
        await store.transact(async (tx) => {
          await tx.figures.add([row]);
          await tx.figures.moveFeed(LIVE_FEED, 7);
          while (!(await tx.figures.spanned())) await tx.figures.makeSpan();
        });
        expect(await sent()).toEqual([1, true]);
        await database.run('UPDATE figure SET sent = 3; UPDATE figure_feed SET event_id = 8');
        expect(await sent()).toEqual([3, false]);
        await store.transact((tx) => tx.figures.moveFeed(LIVE_FEED, 9));
        expect(await sent()).toEqual([3, false]);
        await store.transact(async (tx) => {
          while (!(await tx.figures.spanned())) await tx.figures.makeSpan();
        });
        expect(await sent()).toEqual([3, true]);
      } finally {
        await dispose();
      }
    });

    test('each hears what the others changed on lists of recipients', async () => {
      const [one, two] = [await opened(), await opened()];
      const entry = { since: AT, source: 'business', note: '' } as const;
      const add = (store: MysqlStore, recipients: number[]) =>
        store.transact((tx) => tx.lists.add('opt-out', 7, recipients, entry));
      const news = (store: MysqlStore) =>
        store.transact(async (tx) =>
          (await tx.lists.news())?.map(({ recipient, listed }) => `${listed ? '+' : '-'}${recipient}`),
        );
      const readAll = async (store: MysqlStore) => {
        const found: number[] = [];
        await store.read((reader) => reader.lists.all((_list, _business, recipient) => found.push(recipient)));
        return found;
      };
      await add(one, [1, 2]);
      // Who has never read them has to.
      expect(await news(two)).toBe(undefined);
      expect(await readAll(two)).toEqual([1, 2]);
      expect(await news(two)).toEqual([]);
      await add(one, [3]);
      await one.transact((tx) => tx.lists.remove('opt-out', 7, [1, 9]));
      await expect(
        one.transact(async (tx) => {
          await tx.lists.add('opt-out', 7, [4], entry);
          throw new Error('broken');
        }),
      ).rejects.toThrow('broken');
      expect(await news(two)).toEqual(['+3', '-1']);
      expect(await news(two)).toEqual([]);
      // Changes that are not told any more.
      await add(one, [5]);
      await database.run('DELETE FROM list_change; UPDATE turn SET lists_from = lists_seq');
      expect(await news(two)).toBe(undefined);
      expect(await news(two)).toBe(undefined);
      expect(await readAll(two)).toEqual([2, 3, 5]);
      expect(await news(two)).toEqual([]);
    });

    test('ids rise in the order of commits, whatever the clocks say', async () => {
      const clocks = [AT + 60_000, AT, AT - 60_000].map((now) => new ManualClock(now));
      const stores = [];
      for (const clock of clocks) stores.push(await opened('write', database.url, clock));
      let last = idOf(AT + 60_000) - 1;
      for (const [turn, who] of [0, 1, 2, 1, 0, 0, 2].entries()) {
        const kind = turn % 2 === 0 ? 'plan' : 'event';
        const ids = await stores[who]!.transact(async (tx) => {
          await tx.installation.set('turn', String(turn));
          return Array.from({ length: 70 }, () => tx.nextId(kind));
        });
        for (const id of ids) {
          expect(id).toBeGreaterThan(last);
          last = id;
        }
      }
    });
  });

  describe('when the link breaks', () => {
    let link: Link;
    let url: string;
    beforeEach(async () => {
      const server = new URL(database.url);
      link = await Link.to(server.hostname, Number(server.port || 3306));
      server.port = String(link.port);
      server.hostname = '127.0.0.1';
      url = server.href;
    });
    afterEach(() => link.close());

    test('between transactions it is made again', async () => {
      const store = await opened('write', url);
      await set(store, 'a', '1');
      link.cut();
      expect(await get(store, 'a')).toBe('1');
      link.cut();
      await set(store, 'a', '2');
      expect(await get(store, 'a')).toBe('2');
    });

    test('within a transaction nothing of it remains, and nothing runs behind it', async () => {
      const store = await opened('write', url);
      await expect(
        store.transact(async (tx) => {
          await tx.installation.set('a', '1');
          link.cut();
          await tx.savepoint(() => tx.installation.set('b', '1')).catch(() => {});
          await tx.installation.set('c', '1');
        }),
      ).rejects.toThrow(StoreAway);
      expect(await Promise.all(['a', 'b', 'c'].map((name) => get(store, name)))).toEqual([null, null, null]);
      await set(store, 'a', '2');
      expect(await get(store, 'a')).toBe('2');
    });

    test.each([
      ['the server has taken it', true],
      ['the server has not seen it', false],
    ])('while a transaction is committed, its end is found out: %s', async (_, taken) => {
      const [store, other] = [await opened('write', url), await opened()];
      await set(store, 'a', 'before');
      link.cutAt('COMMIT', taken);
      const committed = set(store, 'a', 'after');
      if (taken) await committed;
      else await expect(committed).rejects.toThrow(StoreAway);
      expect(await get(store, 'a')).toBe(taken ? 'after' : 'before');
      expect(await other.transact((tx) => tx.installation.get('a'))).toBe(taken ? 'after' : 'before');
      await set(store, 'a', 'later');
      expect(await get(other, 'a')).toBe('later');
    });

    test('while a transaction is committed, and is not back at once, that is told, and its end is still found out', async () => {
      const store = await opened('write', url, systemClock);
      await set(store, 'a', 'before');
      link.cutAt('COMMIT', true);
      link.refuses = true;
      let doubts = 0;
      const committed = store.transact(
        (tx) => tx.installation.set('a', 'after'),
        () => {
          doubts++;
          link.refuses = false;
        },
      );
      await committed;
      expect(doubts).toBe(1);
      expect(await get(store, 'a')).toBe('after');
    });

    test('and does not come back, work is refused until it does', async () => {
      const store = await opened('write', url);
      await link.close();
      await expect(set(store, 'a', '1')).rejects.toThrow(StoreAway);
      await expect(get(store, 'a')).rejects.toThrow(StoreAway);
    });
  });
});

/** A way to the server that can be cut. */
class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What a statement holds at which the link is cut, before or after the server sees it. */
  #cutAt: { text: string; taken: boolean } | null = null;
  /** Whether those who come anew are let in no more. */
  refuses = false;

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      if (this.refuses) return void client.destroy();
      const server = connect(port, host);
      let deaf = false;
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      client.on('data', (data) => {
        const cut = this.#cutAt;
        if (cut === null || !data.includes(cut.text)) return void server.write(data);
        this.#cutAt = null;
        if (!cut.taken) return client.destroy();
        deaf = true;
        server.write(data);
      });
      server.on('data', (data) => (deaf ? client.destroy() : client.write(data)));
    });
  }

  static async to(host: string, port: number): Promise<Link> {
    const link = new Link(host, port);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  cutAt(text: string, taken: boolean): void {
    this.#cutAt = { text, taken };
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

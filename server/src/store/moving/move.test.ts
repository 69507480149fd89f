import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newFolder } from '../../../test/folder.ts';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { AT, addBusiness, addPlan, aPlan, idOf, NUMBER, numbers } from '../contract/seed.ts';
import { Database as Target } from '../mysql/database.ts';
import { MysqlStore } from '../mysql/mysql.ts';
import { Database as Source } from '../sqlite/database.ts';
import { SqliteStore } from '../sqlite/sqlite.ts';
import type { MessageFilter, Reader, Tx } from '../store.ts';
import { moveStore } from './move.ts';
import { MOVED } from './tables.ts';

const [BIG, SINGLE, PAUSED] = [idOf(AT, 1), idOf(AT, 2), idOf(AT, 3)];
const MANY = 2_500;

describe.skipIf(!(await haveMysql()))('An installation that moves to MySQL', () => {
  let dir: string;
  let path: string;
  let database: TestDatabase;
  beforeEach(async () => {
    dir = newFolder();
    path = join(dir, 'signet.db');
    database = await TestDatabase.make();
    const store = new SqliteStore(path, 'write');
    await store.transact(fill);
    await store.close();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    rmSync(dir, { recursive: true });
    await database.drop();
  });

  const move = (tell = (_table: string, _rows: number) => {}) => moveStore(path, database.url, tell);
  const ofSource = async () => {
    const store = new SqliteStore(path, 'read');
    try {
      return await store.read(everything);
    } finally {
      await store.close();
    }
  };
  const withTarget = async <T>(work: (store: MysqlStore) => Promise<T>): Promise<T> => {
    const store = await MysqlStore.open(database.url, 'write');
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };

  test('leaves no table and no column behind', async () => {
    await withTarget(async () => {});
    const there = new Map<string, Set<string>>();
    for (const { t, c } of (await database.run(
      `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = '${database.name}'`,
    )) as { t: string; c: string }[]) {
      there.set(t, (there.get(t) ?? new Set()).add(c));
    }
    const source = Source.openReader(path);
    try {
      const tables = source
        .all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .map(({ name }) => name as string);
      const made = ['installation', 'submission', 'awaiting_log'];
      expect([...MOVED.map(({ from }) => from), ...made].sort()).toEqual(tables.sort());
      for (const { from, to, renamed = {}, without = [] } of MOVED) {
        const columns = source
          .all(`PRAGMA table_info(${from})`)
          .map(({ name }) => name as string)
          .filter((name) => !without.includes(name))
          .map((name) => renamed[name] ?? name);
        expect([to, columns.filter((name) => !there.get(to)?.has(name))]).toEqual([to, []]);
      }
    } finally {
      source.close();
    }
  });

  test('has the same history there, and goes on', async () => {
    const told = new Map<string, number>();
    await move((table, rows) => told.set(table, rows));
    expect(told.get('message')).toBe(MANY + 4);
    const before = await ofSource();
    expect(before.list.messages).toHaveLength(50);
    await withTarget(async (store) => {
      expect(await store.read(everything)).toEqual(before);
      await store.transact(async (tx) => {
        // Parts that waited for reports still do, and new ids are above those of before.
        expect((await tx.awaiting.find(1, ['s'])).map(({ planId }) => planId)).toEqual([SINGLE]);
        expect(tx.nextId('plan')).toBeGreaterThan(PAUSED);
        expect((await tx.plans.running('notification', null, 10)).map(({ id }) => id)).toEqual([BIG]);
        const opened = await tx.messages.open([{ planId: BIG, from: 0, to: MANY }], 1, AT);
        expect(opened.indexes).toHaveLength(MANY - 1_500);
        expect(await addBusiness(tx)).toBeGreaterThan(3);
      });
    });
  });

  test('goes on where it was after a break, and is not mistaken for a whole one', async () => {
    let steps = 0;
    let breaks = 0;
    const begin = Target.prototype.begin;
    vi.spyOn(Target.prototype, 'begin').mockImplementation(function (this: Target, sql) {
      if (++steps % 15 === 0 && breaks < 5) return Promise.reject(new Error('broken off'));
      return begin.call(this, sql);
    });
    for (;;) {
      try {
        await move();
        break;
      } catch (error) {
        expect((error as Error).message).toBe('broken off');
        breaks++;
      }
    }
    expect(breaks).toBe(5);
    vi.restoreAllMocks();
    expect(await withTarget((store) => store.read(everything))).toEqual(await ofSource());
    await expect(move()).rejects.toThrow('the database is not empty');
  });

  test('is not moved into a database that holds something, nor mixed with another', async () => {
    await withTarget((store) => store.transact(addBusiness));
    await expect(move()).rejects.toThrow('the database is not empty: there are rows in "business"');
    await database.run(
      `DELETE FROM business; INSERT INTO installation VALUES ('moving', '{"source":"/other","table":0,"after":null}')`,
    );
    await expect(move()).rejects.toThrow('the database holds a part of /other');
  });

  test('whose rows do not all arrive is said to be so', async () => {
    const run = Target.prototype.run;
    vi.spyOn(Target.prototype, 'run').mockImplementation(async function (this: Target, sql, ...values) {
      await run.call(this, sql, ...values);
      if (sql.startsWith('INSERT INTO ledger_entry')) await run.call(this, 'DELETE FROM ledger_entry LIMIT 1');
    });
    await expect(move()).rejects.toThrow('"ledger_entry" has');
  });
});

async function fill(tx: Tx): Promise<void> {
  const business = await addBusiness(tx);
  await addBusiness(tx);
  await addBusiness(tx);
  await tx.businesses.moveCredits(business, 10_000, 0);
  const entry = { businessId: business, planId: null, reason: "it's", at: AT };
  await tx.ledger.add([
    { ...entry, id: idOf(AT), kind: 'top-up', credits: 10_000, availableAfter: 10_000, reservedAfter: 0 },
  ]);
  let [available, reserved] = [10_000, 0];
  const book = async (planId: number, kind: 'reserve' | 'settle', credits: number) => {
    const moved = kind === 'reserve' ? ([-credits, credits] as const) : ([0, -credits] as const);
    await tx.businesses.moveCredits(business, ...moved);
    available += moved[0];
    reserved += moved[1];
    const id = tx.nextId('ledger');
    await tx.ledger.add([{ ...entry, planId, id, kind, credits, availableAfter: available, reservedAfter: reserved }]);
  };
  await addPlan(tx, business, BIG, MANY);
  await book(BIG, 'reserve', MANY);
  await tx.messages.open([{ planId: BIG, from: 0, to: 1_499 }], 1, AT);
  const carrierIds = Array.from({ length: 1_500 }, (_, i) => `b${i}`);
  await tx.messages.submit([{ planId: BIG, from: 0, to: 1_499, parts: 1, carrierIds }], ['dispatching'], 1, AT + 5);
  await book(BIG, 'settle', 1_500);
  await tx.plans.insert([aPlan(SINGLE, business, { total: 1 })]);
  const single = { planId: SINGLE, from: 0, recipients: [NUMBER], segments: 1, reserved: 1 };
  await tx.messages.insert([{ ...single, parameters: ['{"a":"é\\"\\\\?"}'] }]);
  await book(SINGLE, 'reserve', 1);
  await tx.messages.open([{ planId: SINGLE, from: 0, to: 0 }], 1, AT);
  const run = { planId: SINGLE, from: 0, to: 0, parts: 1, carrierIds: ['s'] };
  await tx.messages.submit([run], ['dispatching'], 1, AT + 6);
  await book(SINGLE, 'settle', 1);
  await tx.plans.answered([{ planId: SINGLE, count: 1 }], AT + 6);
  await tx.awaiting.add([
    { channelId: 1, carrierId: 's', planId: SINGLE, index: 0, recipient: NUMBER, parts: 1, since: AT + 6 },
  ]);
  await addPlan(tx, business, PAUSED, 3, { state: 'paused' });
  await book(PAUSED, 'reserve', 3);
  await tx.retries.add([{ planId: PAUSED, index: 1, category: 'notification', dueAt: AT }]);
  await tx.parked.add([
    {
      ...{ channelId: 1, carrierId: '00A', recipient: null, state: 'expired', error: '', userReference: null },
      ...{ at: AT, key: 'a', repeated: false },
    },
  ]);
  await tx.events.add(
    [1, 2].map((n) => ({
      id: idOf(AT, n),
      businessId: n,
      at: AT,
      body: { kind: 'signature.changed', signatureId: n },
    })),
  );
  await tx.lists.add('opt-out', business, numbers(5), { since: AT, source: 'business', note: '' });
  await tx.inboundNumbers.insert({
    number: '1069',
    prefix: true,
    channelId: null,
    businessId: business,
    createdAt: AT,
  });
  await tx.reportLog.add({ at: AT, hashes: Uint32Array.of(7), body: Uint8Array.of(0, 255) });
  await tx.figures.moveFeed(0, 33);
  await tx.installation.set('a', 'b');
}

/** What can be asked of an installation, of each kind something. */
async function everything(reader: Reader) {
  const all: MessageFilter = {
    ...{ businessId: null, planId: null, state: null, recipient: null },
    ...{ since: null, until: null, before: null, limit: 50 },
  };
  return {
    list: await reader.messages.list(all),
    toNumber: await reader.messages.list({ ...all, recipient: NUMBER }),
    big: await reader.messages.ofPlan(BIG, -1, MANY),
    ids: [await reader.messages.carrierIds(BIG, 1_234), await reader.messages.carrierIds(SINGLE, 0)],
    plans: await reader.plans.list({ businessId: null, state: null, before: null, limit: 10 }),
    business: await reader.businesses.byId(1),
    ledger: await reader.ledger.ofBusiness(1, null, 100),
    faults: await reader.ledger.faults(),
    events: await reader.events.after(0, { businessId: null, kind: null, states: null }, 10),
    retry: await reader.retries.nextAt('notification'),
    listed: await reader.lists.list('opt-out', 1, 0, 10),
    numbers: await reader.inboundNumbers.list(null, 0, 10),
    feed: await reader.figures.feed(0),
    installation: await reader.installation.get('a'),
  };
}

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { everything } from '../contract/everything.ts';
import { BIG, fill, MANY, SINGLE, single } from '../contract/fill.ts';
import { AT, addBusiness, aPlan, idOf, NUMBER, numbers } from '../contract/seed.ts';
import { watched } from '../contract/watched.ts';
import type { Awaiting, Store, Tx } from '../store.ts';
import { Database } from './database.ts';
import { type Values, written } from './sql.ts';

describe.skipIf(!(await haveMysql()))('Statements of a MySQL store', () => {
  let database: TestDatabase;
  let store: Store;
  let dispose: () => Promise<void>;
  let business: number;
  beforeAll(async () => {
    database = await TestDatabase.make();
    ({ store, dispose } = await database.open());
    await store.transact(async (tx) => {
      business = await addBusiness(tx);
      await fill(tx, business);
    });
    const tables = (await database.run('SHOW TABLES')) as Record<string, string>[];
    await database.run(`ANALYZE TABLE ${tables.map((row) => Object.values(row)[0]).join(', ')}`);
  }, 120_000);
  afterAll(async () => {
    await dispose();
    await database.drop();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Undone at its end. */
  const within = async (work: (tx: Tx) => Promise<void>): Promise<void> => {
    const undo = new Error('undo');
    const ended = store.transact(async (tx) => {
      await work(tx);
      throw undo;
    });
    await expect(ended).rejects.toBe(undo);
  };

  test('hold lists of any length', async () => {
    await within(async (tx) => {
      const ranges = [
        ...Array.from({ length: SINGLE }, (_, i) => ({ planId: single(i), from: 0, to: 0 })),
        { planId: BIG, from: 0, to: MANY - 1 },
      ];
      const opened = await tx.messages.open(ranges, 1, AT);
      expect(opened.indexes).toHaveLength(SINGLE + MANY);
      expect([...opened.indexes.slice(SINGLE)]).toEqual(Array.from({ length: MANY }, (_, i) => i));
      expect(await tx.messages.open(ranges, 1, AT)).toMatchObject({ indexes: new Uint32Array(0) });
      // Every other one, so that no two are neighbours.
      const odd = Array.from({ length: MANY / 2 }, (_, i) => ({ planId: BIG, from: 2 * i + 1, to: 2 * i + 1 }));
      await tx.messages.unopen(odd);
      const runs = [...ranges.slice(0, SINGLE), { planId: BIG, from: 0, to: MANY - 1 }];
      const submitted = await tx.messages.submit(
        runs.map((run) => ({ ...run, parts: 1, carrierIds: idsOf(run) })),
        ['dispatching'],
        1,
        AT + 5,
      );
      expect(submitted.reduce((sum, { count }) => sum + count, 0)).toBe(SINGLE + MANY / 2);
      expect(await tx.messages.carrierIds(BIG, 4_998)).toEqual([`${BIG}/4998`]);
      expect(await tx.messages.carrierIds(single(7), 0)).toEqual([`${single(7)}/0`]);
      const parts = runs.slice(0, SINGLE).map(
        ({ planId }): Awaiting => ({
          channelId: 1,
          carrierId: `${planId}/0`,
          planId,
          index: 0,
          recipient: NUMBER,
          parts: 1,
          since: AT,
        }),
      );
      await tx.awaiting.add(parts);
      const ids = parts.map(({ carrierId }) => carrierId);
      expect(await tx.awaiting.find(1, ids)).toHaveLength(SINGLE);
      await tx.awaiting.remove(parts.slice(1));
      expect(await tx.awaiting.find(1, ids)).toEqual([parts[0]]);
      const delivered = await tx.messages.move({
        ranges: runs,
        from: ['submitted'],
        to: 'delivered',
        charge: 'none',
        at: AT + 9,
      });
      expect(delivered.reduce((sum, { count }) => sum + count, 0)).toBe(SINGLE + MANY / 2);
    });
  });

  test('hold texts of every kind as they are', async () => {
    const texts = [
      `'; DROP TABLE message; --`,
      '\\',
      '"',
      '?',
      '',
      ' blanks ',
      '\0\n\x1a',
      '汉字 😀',
      `%_`,
      '7F',
      '7f ',
    ];
    await within(async (tx) => {
      const planId = idOf(AT + 9_000_000);
      await tx.plans.insert([aPlan(planId, business, { total: texts.length })]);
      const parameters = texts.map((text) => JSON.stringify({ text }));
      const group = { planId, from: 0, recipients: numbers(texts.length), segments: 1, reserved: 1, parameters };
      await tx.messages.insert([group]);
      const opened = await tx.messages.open([{ planId, from: 0, to: texts.length }], 1, AT);
      expect(opened.parameters).toEqual(parameters);
      for (const [index, error] of texts.entries()) {
        const ranges = [{ planId, from: index, to: index }];
        await tx.messages.move({ ranges, from: ['dispatching'], to: 'failed', charge: 'release', at: AT, error });
        expect((await tx.messages.byIndex(planId, index))!.error).toBe(error);
      }
      const rows = texts.map(
        (carrierId, index): Awaiting => ({
          channelId: 9,
          carrierId,
          planId,
          index,
          recipient: NUMBER,
          parts: 1,
          since: AT + index,
        }),
      );
      await tx.awaiting.add(rows);
      for (const row of rows) expect(await tx.awaiting.find(9, [row.carrierId])).toEqual([row]);
    });
  });

  test('read no table whole that grows with traffic', async () => {
    const statements = new Map<string, string>();
    for (const method of ['lists', 'all', 'get', 'run', 'changes'] as const) {
      const original = Database.prototype[method] as (sql: string, ...values: Values[]) => Promise<never>;
      vi.spyOn(Database.prototype, method).mockImplementation(function (this: Database, sql, ...values) {
        if (/^(SELECT|UPDATE|DELETE|\(SELECT)/.test(sql.trim())) statements.set(sql, written(sql, values));
        return original.call(this, sql, ...values);
      });
    }
    const each = Database.prototype.each;
    vi.spyOn(Database.prototype, 'each').mockImplementation(function (this: Database, sql, values, visit) {
      statements.set(sql, written(sql, values));
      return each.call(this, sql, values, visit);
    });
    const runOn = Database.prototype.runOn;
    vi.spyOn(Database.prototype, 'runOn').mockImplementation(function (this: Database, rows, sql, ...values) {
      statements.set(sql, written(sql, values));
      return runOn.call(this, rows, sql, ...values);
    });
    let left: string[] = [];
    await within(async (tx) => {
      const all = watched(tx);
      await everything(all.tx, business);
      left = all.left();
    });
    vi.restoreAllMocks();
    expect(left).toEqual([]);
    expect(statements.size).toBeGreaterThan(60);
    const whole: string[] = [];
    for (const sql of statements.values()) {
      const plan = (await database.run(`EXPLAIN ${sql}`)) as {
        table: string | null;
        type: string | null;
        rows: number;
      }[];
      const bad = plan.find(({ table, type }) => type === 'ALL' && ALIASES.has(table ?? ''));
      if (bad !== undefined) whole.push(`${bad.table}: ${sql.slice(0, 300)}`);
    }
    expect(whole).toEqual([]);
  });
});

/** Tables that grow with traffic, and what they are called in statements; `r` are lists of places, `oldest` a few rows. */
const ALIASES = new Set([
  ...[
    'message',
    'attempt',
    'submission',
    'sorted_number',
    'event',
    'awaiting',
    'webhook_delivery',
    'inbound',
    'report_log',
  ],
  ...['ledger_entry', 'figure', 'figure_span', 'audit', 'chore_run', 'parked', 'retry'],
  ...['plan', 'message_unusual', 'm', 'a', 'n', 'd', 'p', 't', 'u'],
]);

const idsOf = ({ planId, from, to }: { planId: number; from: number; to: number }): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${planId}/${from + i}`);

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { haveMysql, TestDatabase } from '../../../test/mysql.ts';
import { AT, addBusiness, addPlan, aPlan, idOf, NUMBER, numbers } from '../contract/seed.ts';
import type { Awaiting, MessageFilter, Store, Tx } from '../store.ts';
import { Database } from './database.ts';
import { type Values, written } from './sql.ts';

/** Plans of one message each, and messages of one plan: enough that the server does not rather read a table whole. */
const SINGLE = 3_000;
const MANY = 5_000;
const BIG = idOf(AT + 1_000_000);
const single = (i: number) => idOf(AT + i);

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
    await within((tx) => everything(tx, business));
    vi.restoreAllMocks();
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
  ...['plan', 'm', 'a', 'n', 'd', 'p', 't'],
]);

const idsOf = ({ planId, from, to }: { planId: number; from: number; to: number }): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${planId}/${from + i}`);

async function fill(tx: Tx, business: number): Promise<void> {
  const plans = Array.from({ length: SINGLE }, (_, i) => aPlan(single(i), business));
  await tx.plans.insert(plans);
  await tx.messages.insert(
    plans.map(({ id }, i) => ({
      planId: id,
      from: 0,
      recipients: [NUMBER + i],
      segments: 1,
      reserved: 1,
      parameters: null,
    })),
  );
  await addPlan(tx, business, BIG, MANY);
  await tx.events.add(
    plans.map(({ id }, i) => ({
      id: id + 1,
      businessId: business,
      at: AT + i,
      body: { kind: 'message.state', state: 'delivered', runs: [[id, 0, 0]] },
    })),
  );
  await tx.awaiting.add(
    plans.map(({ id }, i) => ({
      channelId: 1,
      carrierId: `${i}`,
      planId: id,
      index: 0,
      recipient: NUMBER + i,
      parts: 1,
      since: AT + i,
    })),
  );
  const webhook = await tx.webhooks.insert({
    businessId: business,
    url: 'https://example.com/',
    callbacks: ['sent'],
    username: '',
    description: '',
    secret: '',
    authorization: '',
    cursor: { eventId: 0, rows: 0 },
    createdAt: AT,
  });
  await tx.webhooks.addDeliveries(
    webhook,
    plans.map(({ id }) => ({ id, pieces: [], rows: 1, since: AT })),
    AT,
  );
  await tx.inbound.insert(
    plans.map(({ id }) => ({
      id,
      channelId: 1,
      businessId: business,
      from: '+8613800138000',
      to: '1069',
      text: 'x',
      parts: 1,
      missing: 0,
      kind: 'plain',
      keyword: '',
      replyPlanId: null,
      replyError: '',
      receivedAt: AT,
    })),
  );
  const run = (await tx.numberRuns.next(2_000))!;
  const sorted = await tx.numberRuns.sort(run, null, 10_000);
  await tx.numberRuns.add(run.id, sorted.numbers);
  await tx.numberRuns.seal(run, 1);
  for (let i = 0; i < 2_000; i++) {
    await tx.reportLog.add({ at: AT + i, hashes: Uint32Array.of(i), body: Uint8Array.of(1) });
  }
}

/** Whatever pages and chores ask and change. */
async function everything(tx: Tx, business: number): Promise<void> {
  const place = { planId: single(5), index: 0 };
  const range = { planId: single(5), from: 0, to: 0 };
  const filter = {
    businessId: null,
    planId: null,
    state: null,
    recipient: null,
    since: null,
    until: null,
    before: null,
    limit: 20,
  } as const;
  await tx.messages.open([range, { planId: BIG, from: 0, to: 500 }], 1, AT);
  await tx.messages.refuse(place.planId, 0);
  await tx.messages.unopen([range]);
  await tx.messages.byIndex(place.planId, 0);
  await tx.messages.attempts(place.planId, 0);
  await tx.messages.ofPlan(BIG, 100, 20);
  await tx.messages.untried({ planId: BIG, from: 0, to: 999 });
  await tx.messages.waitingRepeats({ planId: BIG, from: 0, to: 999 });
  const changes: Partial<MessageFilter>[] = [
    {},
    { businessId: business },
    { planId: BIG },
    { recipient: NUMBER + 7 },
    { recipient: NUMBER + 7, businessId: business },
    { before: { planId: BIG, index: 7 } },
    { businessId: business, before: place },
    { state: 'failed' },
    { state: 'queued', businessId: business },
    { since: AT, until: AT + 100 },
    { recipient: NUMBER + 7, since: AT },
  ];
  for (const change of changes) await tx.messages.list({ ...filter, ...change });
  await tx.events.page(single(9), { businessId: business, kind: 'plan.state', states: null }, 10);
  await tx.messages.waiting(
    [
      { planId: BIG, from: 0 },
      { planId: place.planId, from: 0 },
    ],
    100,
  );
  await tx.messages.submit([{ ...range, parts: 1, carrierIds: ['x'] }], ['accepted'], 1, AT);
  await tx.messages.countDeliveredParts([{ ...place, parts: 2 }]);
  await tx.messages.carrierIds(place.planId, 0);
  await tx.messages.move({ ranges: [range], from: ['submitted'], to: 'undelivered', charge: 'none', at: AT });
  await tx.messages.refund([range]);
  await tx.messages.countRepeat(place.planId, 0);
  await tx.messages.counted(
    [
      [BIG, 0, 50],
      [place.planId, 0, 0],
    ],
    () => {},
  );
  await tx.messages.submitted({
    channelId: 1,
    from: AT,
    to: AT + 10,
    after: { planId: single(2_000), index: -1 },
    limit: 9,
  });
  await tx.messages.countedSince({ verification: null, notification: AT + 2_990, marketing: null }, () => {});
  await tx.messages.remove(BIG, 10);
  await tx.numberRuns.next(1_000);
  const events = { businessId: null, kind: null, states: null };
  await tx.events.after(single(2_990), events, 10);
  await tx.events.after(single(2_990), { businessId: business, kind: 'message.state', states: ['delivered'] }, 10);
  await tx.events.last();
  await tx.retries.add([{ ...place, category: 'notification', dueAt: AT }]);
  await tx.retries.nextAt('notification');
  await tx.retries.lease('notification', AT, AT + 10, 10);
  await tx.retries.release([place], AT);
  await tx.retries.remove([place]);
  await tx.uncertain.due(AT, 10);
  await tx.uncertain.candidates([1], NUMBER, AT);
  await tx.awaiting.find(1, ['5', '6']);
  await tx.awaiting.waitingSinceBefore(AT + 5, null, 10);
  await tx.awaiting.waitingSinceBefore(AT + 5, { planId: single(3), from: 0, to: 0 }, 10);
  await tx.awaiting.remove([{ channelId: 1, carrierId: '5', ...place }]);
  await tx.awaiting.dropBefore(AT - 86_400_000 + 5);
  await tx.parked.take(1, ['5']);
  await tx.parked.ofUncertain(AT, 10);
  await tx.parked.takeBefore(AT, 10);
  const [webhook] = await tx.webhooks.ofBusiness(business);
  await tx.webhooks.work(AT, 10);
  await tx.webhooks.due(webhook!.id, AT, 10);
  await tx.webhooks.deliveries(webhook!.id, null, null, 10);
  await tx.webhooks.deliveries(webhook!.id, 'dead', null, 10);
  await tx.webhooks.dropDeliveries('dead', AT + 10, 10);
  await tx.inbound.list({
    ...{ businessId: business, unmatched: false, kind: null, from: null, to: null, since: AT, until: AT + 9_000 },
    ...{ before: null, limit: 10 },
  });
  await tx.reportLog.find({ hashes: [7], from: AT, until: AT + 50, before: null, limit: 10 });
  await tx.reportLog.dropBefore(AT + 3, 10);
}

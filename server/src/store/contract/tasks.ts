import { describe, expect, test } from 'vitest';
import { ID_EPOCH_MS, idAt } from '../../lib/ids.ts';
import type { ChoreRun, QueueFigure } from '../store.ts';
import { AT, addBusiness, addPlan, NUMBER, putInState, type TheStore } from './seed.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const NEWEST = { key: Number.MAX_SAFE_INTEGER, index: 0 };

const aRun = (id: number, change: Partial<ChoreRun> = {}): ChoreRun => ({
  id,
  name: 'numbers',
  state: 'succeeded',
  askedBy: '',
  createdAt: AT,
  startedAt: AT,
  endedAt: AT + 5,
  runs: 1,
  runMs: 5,
  items: 10,
  error: '',
  worker: 'one',
  ...change,
});

export function tasksContract(theStore: TheStore): void {
  describe('runs of chores', () => {
    test('are kept, written again, and listed newest first by state', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.tasks.run(1)).toBe(null);
        const failed = aRun(3, { state: 'failed', error: 'no' });
        for (const run of [aRun(1), aRun(2, { state: 'running', endedAt: null }), failed]) await tx.tasks.putRun(run);
        await tx.tasks.putRun(aRun(2, { items: 20 }));
        const runs = async (...given: Parameters<typeof tx.tasks.runs>) =>
          (await tx.tasks.runs(...given)).map(({ id }) => id);
        expect(await runs(9, null, 10)).toEqual([3, 2, 1]);
        expect(await runs(3, null, 10)).toEqual([2, 1]);
        expect(await runs(9, ['succeeded'], 1)).toEqual([2]);
        expect(await runs(9, ['succeeded', 'failed'], 2)).toEqual([3, 2]);
        expect(await runs(9, ['reserved'], 2)).toEqual([]);
        expect(await tx.tasks.run(3)).toEqual(failed);
        expect((await tx.tasks.run(2))?.items).toBe(20);
      });
    });

    test('that nobody does any more are ended', async () => {
      await theStore().transact(async (tx) => {
        const going = { state: 'running', endedAt: null } as const;
        for (const run of [aRun(1, going), aRun(2, { ...going, worker: 'two' }), aRun(3)]) await tx.tasks.putRun(run);
        expect(await tx.tasks.abandon('two', 'gone', AT + 9)).toBe(1);
        expect(await tx.tasks.run(2)).toMatchObject({ state: 'failed', error: 'gone', endedAt: AT + 9 });
        expect(await tx.tasks.abandon(null, 'gone', AT + 9)).toBe(1);
        expect((await tx.tasks.run(3))?.state).toBe('succeeded');
      });
    });

    test('and figures are forgotten when their time has passed, what goes on is not', async () => {
      await theStore().transact(async (tx) => {
        const now = ID_EPOCH_MS + 10 * HOUR_MS;
        const ids = [idAt(now - 3), idAt(now - 2), idAt(now)];
        await tx.tasks.putRun(aRun(ids[0]!));
        await tx.tasks.putRun(aRun(ids[1]!, { state: 'running' }));
        await tx.tasks.putRun(aRun(ids[2]!));
        const figure = { queue: 'webhooks', most: 1, last: 0, done: 1, failed: 0 };
        await tx.tasks.addFigures([
          { ...figure, from: now - HOUR_MS, spanMs: MINUTE_MS },
          { ...figure, from: now, spanMs: MINUTE_MS },
          { ...figure, from: now - HOUR_MS, spanMs: HOUR_MS },
        ]);
        expect(await tx.tasks.forget({ runs: now - 1, minutes: now, hours: now - HOUR_MS }, 10)).toBe(2);
        expect((await tx.tasks.runs(idAt(now + 1), null, 10)).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
        expect(await tx.tasks.figures('webhooks', MINUTE_MS, 0, 10)).toHaveLength(1);
        expect(await tx.tasks.figures('webhooks', HOUR_MS, 0, 10)).toHaveLength(1);
      });
    });
  });

  describe('queues', () => {
    test('stand still until they go on', async () => {
      await theStore().transact(async (tx) => {
        const paused = { queue: 'dispatch.1.marketing', since: AT, by: 'root', reason: 'the carrier asked' };
        await tx.tasks.pause(paused);
        await tx.tasks.pause({ ...paused, queue: 'chore.numbers' });
        expect((await tx.tasks.paused()).map(({ queue }) => queue)).toEqual(['chore.numbers', paused.queue]);
        await tx.tasks.resume('chore.numbers');
        await tx.tasks.resume('webhooks');
        expect(await tx.tasks.paused()).toEqual([paused]);
      });
    });

    test('have figures that add up within a span', async () => {
      await theStore().transact(async (tx) => {
        const figure = (from: number, change: Partial<QueueFigure> = {}): QueueFigure => {
          return { queue: 'webhooks', from, spanMs: MINUTE_MS, most: 5, last: 2, done: 10, failed: 1, ...change };
        };
        await tx.tasks.addFigures([figure(60_000), figure(120_000), figure(60_000, { queue: 'chore.ledger' })]);
        await tx.tasks.addFigures([figure(60_000, { most: 3, last: 4 })]);
        const found = await tx.tasks.figures('webhooks', MINUTE_MS, 0, 10);
        expect(found).toEqual([figure(60_000, { most: 5, last: 4, done: 20, failed: 2 }), figure(120_000)]);
        expect(await tx.tasks.figures('webhooks', MINUTE_MS, 60_001, 10)).toEqual([figure(120_000)]);
        expect(await tx.tasks.figures('webhooks', HOUR_MS, 0, 10)).toEqual([]);
      });
    });
  });

  test('work that waits in other tables is listed newest first, and counted', async () => {
    await theStore().transact(async (tx) => {
      const businessId = await addBusiness(tx);
      for (const planId of [1_000, 2_000]) await addPlan(tx, businessId, planId, 3);
      const retry = (planId: number, index: number) => ({
        planId,
        index,
        category: 'notification' as const,
        dueAt: AT,
      });
      await tx.retries.add([retry(1_000, 0), retry(2_000, 1), retry(2_000, 0)]);
      const places = (rows: readonly { planId: number; index: number }[]) => rows.map((r) => `${r.planId}.${r.index}`);
      expect(places(await tx.tasks.retries(NEWEST, 10))).toEqual(['2000.1', '2000.0', '1000.0']);
      expect(places(await tx.tasks.retries({ key: 2_000, index: 1 }, 1))).toEqual(['2000.0']);
      expect(await tx.tasks.retry(2_000, 1)).toMatchObject({ businessId, category: 'notification', dueAt: AT });
      expect(await tx.tasks.retry(2_000, 2)).toBe(null);
      await putInState(tx, 1_000, 2, 'uncertain');
      const common = { channelId: 1, recipient: NUMBER, userReference: null, since: AT, decideAt: AT + 9 };
      await tx.uncertain.add([{ planId: 1_000, index: 2, decision: 'repeat', ...common }]);
      expect(places(await tx.tasks.uncertain(NEWEST, 10))).toEqual(['1000.2']);
      expect(await tx.tasks.uncertainOf(1_000, 2)).toMatchObject({ businessId, decision: 'repeat' });
      expect(await tx.tasks.uncertainOf(1_000, 1)).toBe(null);
      await tx.sweeps.put({ planId: 2_000, end: { state: 'cancelled', error: '' }, next: 0 });
      expect(await tx.tasks.sweeps(9_000, 10)).toEqual([2_000]);
      expect(await tx.tasks.sweeps(2_000, 10)).toEqual([]);
      const depths = { retries: { verification: 0, notification: 3, marketing: 0 }, uncertain: 1, sweeps: 1 };
      expect(await tx.tasks.depths(10)).toEqual({ ...depths, webhooks: 0, planStarts: 0 });
      expect((await tx.tasks.depths(2)).retries.notification).toBe(2);
    });
  });

  test('deliveries are listed of all webhooks by state, and dead ones wait again', async () => {
    await theStore().transact(async (tx) => {
      const businessId = await addBusiness(tx);
      const add = () =>
        tx.webhooks.insert({
          businessId,
          url: 'https://example.net/',
          callbacks: [],
          username: 'u',
          secret: 's',
          authorization: '',
          description: '',
          cursor: { eventId: 0, rows: 0 },
          createdAt: AT,
        });
      const [one, two] = [await add(), await add()];
      const delivery = (id: number) => ({ id, pieces: [], rows: 1, since: AT });
      await tx.webhooks.addDeliveries(one, [delivery(10), delivery(12), delivery(14)], AT);
      await tx.webhooks.addDeliveries(two, [delivery(11)], AT);
      const end = async (id: number, state: 'succeeded' | 'dead') =>
        tx.webhooks.updateDelivery({ ...(await tx.webhooks.delivery(id))!, state, doneAt: AT + 1 });
      await end(10, 'succeeded');
      await end(12, 'dead');
      const ids = async (...given: Parameters<typeof tx.tasks.deliveries>) =>
        (await tx.tasks.deliveries(...given)).map(({ id }) => id);
      expect(await ids(null, 99, 10)).toEqual([14, 12, 11, 10]);
      expect(await ids(['waiting'], 99, 10)).toEqual([14, 11]);
      expect(await ids(['dead', 'succeeded'], 99, 1)).toEqual([12]);
      expect(await ids(['waiting'], 14, 10)).toEqual([11]);
      expect((await tx.tasks.deliveries(null, 99, 1))[0]).toMatchObject({ webhookId: one, businessId });
      expect((await tx.webhooks.byId(one))?.waiting).toBe(1);
      await tx.webhooks.reviveDelivery(12, AT + 2);
      await tx.webhooks.reviveDelivery(10, AT + 2);
      expect(await tx.webhooks.delivery(12)).toMatchObject({ state: 'waiting', dueAt: AT + 2, doneAt: null });
      expect((await tx.webhooks.delivery(10))?.state).toBe('succeeded');
      expect((await tx.webhooks.byId(one))?.waiting).toBe(2);
    });
  });
}

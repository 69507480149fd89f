import { describe, expect, test } from 'vitest';
import type { MessageState } from '../../domain/message.ts';
import { PLAN_STATES, type Plan } from '../../domain/plan.ts';
import type { Tx } from '../store.ts';
import { AT, addBusiness, addPlan, aPlan, putInState, statesOf, type TheStore } from './seed.ts';

export function plansContract(theStore: TheStore): void {
  describe('plans', () => {
    test('come back as they were put in', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const full: Omit<Plan, 'startedAt' | 'doneAt'> = {
          id: Number.MAX_SAFE_INTEGER,
          uuid: '0194a8c0-0000-7000-8000-000000000000',
          businessId,
          dialect: 'tsms',
          name: 'spring',
          category: 'marketing',
          templateId: 3,
          signatureId: 4,
          contentId: 5,
          state: 'pending',
          total: 10,
          accepted: 8,
          invalid: 1,
          stopped: 4,
          sendable: 5,
          left: 6,
          segments: null,
          testChannelId: 6,
          customArgs: '{"a":1}',
          createdAt: AT,
          startAt: AT + 1,
          expiresAt: AT + 7,
        };
        const plain = aPlan(1, businessId, { templateId: null });
        await tx.plans.insert([full, plain]);
        expect(await tx.plans.byId(full.id)).toEqual({ ...full, startedAt: null, doneAt: null });
        expect(await tx.plans.byId(1)).toEqual({ ...plain, startedAt: null, doneAt: null });
        expect(await tx.plans.byId(2)).toBe(null);
      });
    });

    test('are listed newest first, by business and state, a part at a time, never staged', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        const states = ['running', 'done', 'staged', 'running', 'cancelled'] as const;
        await tx.plans.insert(states.map((state, i) => aPlan(i + 1, mine, { state })));
        await tx.plans.insert([aPlan(6, other)]);
        const listed = async (filter: Partial<Parameters<typeof tx.plans.list>[0]>) => {
          const plans = await tx.plans.list({ businessId: null, state: null, before: null, limit: 10, ...filter });
          return plans.map(({ id }) => id);
        };
        expect(await listed({})).toEqual([6, 5, 4, 2, 1]);
        expect(await listed({ businessId: mine })).toEqual([5, 4, 2, 1]);
        expect(await listed({ state: 'running' })).toEqual([6, 4, 1]);
        expect(await listed({ businessId: mine, state: 'running' })).toEqual([4, 1]);
        expect(await listed({ state: 'staged' })).toEqual([]);
        expect(await listed({ limit: 2 })).toEqual([6, 5]);
        expect(await listed({ before: 5, limit: 2 })).toEqual([4, 2]);
        expect(await listed({ before: 1 })).toEqual([]);
      });
    });

    test('wait in their lane in order while they run', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert(
          PLAN_STATES.map((state, i) => aPlan(i + 1, businessId, { state, category: 'verification' })),
        );
        await tx.plans.insert([
          aPlan(17, businessId, { category: 'verification', total: 14, sendable: 12, segments: null }),
          aPlan(18, businessId, { category: 'marketing' }),
          aPlan(19, businessId, { category: 'verification' }),
          aPlan(20, businessId, { category: 'verification', sendable: 0 }),
          aPlan(21, businessId, { category: 'verification', testChannelId: 3 }),
        ]);
        const running = PLAN_STATES.indexOf('running') + 1;
        const { expiresAt } = aPlan(1, businessId);
        const first = await tx.plans.running('verification', null, 2);
        expect(first).toEqual([
          { id: running, businessId, sendable: 1, accepted: 1, segments: 1, expiresAt },
          { id: 17, businessId, sendable: 12, accepted: 14, segments: null, expiresAt },
        ]);
        expect((await tx.plans.running('verification', first[1]!, 2)).map(({ id }) => id)).toEqual([19]);
        expect(await tx.plans.running('notification', null, 2)).toEqual([]);
      });
    });

    test('that test a channel are in no lane, and are counted', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.plans.insert([
          aPlan(1, mine, { testChannelId: 3 }),
          aPlan(2, mine, { testChannelId: 3, state: 'done' }),
          aPlan(3, mine, { testChannelId: 4 }),
          aPlan(4, mine),
          aPlan(5, other, { testChannelId: 3 }),
        ]);
        const { plans } = await tx.plans.runningOf(mine, 'notification', 0, 9);
        expect(plans.map(({ id }) => id)).toEqual([4]);
        expect((await tx.plans.expired('notification', null, Number.MAX_SAFE_INTEGER, 9)).map(({ id }) => id)).toEqual([
          1, 3, 4, 5,
        ]);
        expect(await tx.plans.testsOf(mine, 3, 0)).toBe(2);
        expect(await tx.plans.testsOf(mine, 3, 1)).toBe(1);
        expect(await tx.plans.testsOf(mine, 5, 0)).toBe(0);
      });
    });

    test('are found in the order in which they expire, and when they have', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([
          aPlan(1, businessId, { expiresAt: AT + 30 }),
          aPlan(2, businessId, { expiresAt: AT + 10, state: 'paused' }),
          aPlan(3, businessId, { expiresAt: AT + 20 }),
          aPlan(4, businessId, { expiresAt: AT + 10 }),
          aPlan(5, businessId, { expiresAt: AT, state: 'pending' }),
          aPlan(6, businessId, { expiresAt: AT, state: 'done' }),
          aPlan(7, businessId, { expiresAt: AT, category: 'marketing' }),
        ]);
        const ids = (plans: readonly { id: number }[]) => plans.map(({ id }) => id);
        expect(ids(await tx.plans.running('notification', null, 9))).toEqual([4, 3, 1]);
        const expired = (until: number, after: { id: number; expiresAt: number } | null = null, limit = 9) =>
          tx.plans.expired('notification', after, until, limit);
        expect(ids(await expired(AT + 9))).toEqual([]);
        expect(ids(await expired(AT + 20))).toEqual([2, 4, 3]);
        expect(ids(await expired(AT + 20, null, 2))).toEqual([2, 4]);
        expect(ids(await expired(AT + 30, { id: 2, expiresAt: AT + 10 }))).toEqual([4, 3, 1]);
        await tx.plans.change(4, { expiresAt: AT + 40 });
        expect(ids(await expired(AT + 30))).toEqual([2, 3, 1]);
      });
    });

    test('of one business are found a bounded number of its plans at a time', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.plans.insert([
          aPlan(1, mine),
          aPlan(2, mine, { category: 'marketing' }),
          aPlan(3, other),
          aPlan(4, mine, { state: 'paused' }),
          aPlan(5, mine, { total: 7 }),
          aPlan(6, mine),
          aPlan(7, mine, { sendable: 0 }),
        ]);
        const found = async (after: number, limit: number) => {
          const { plans, next } = await tx.plans.runningOf(mine, 'notification', after, limit);
          return [plans.map(({ id, sendable }) => [id, sendable]), next];
        };
        expect(await found(0, 2)).toEqual([[[1, 1]], 2]);
        expect(await found(2, 2)).toEqual([[[5, 7]], 5]);
        expect(await found(5, 2)).toEqual([[[6, 1]], 7]);
        expect(await found(7, 2)).toEqual([[], null]);
      });
    });

    test.each(PLAN_STATES)('name template and signature while they are open: %s', async (state) => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(1, businessId, { state, templateId: 3, signatureId: 4 })]);
        const open = state === 'pending' || state === 'running' || state === 'paused';
        expect(await tx.plans.anyOpenNaming({ templateId: 3 })).toBe(open);
        expect(await tx.plans.anyOpenNaming({ signatureId: 4 })).toBe(open);
        expect(await tx.plans.anyOpenNaming({ templateId: 4 })).toBe(false);
        expect(await tx.plans.anyOpenNaming({ signatureId: 3 })).toBe(false);
      });
    });

    test('count their messages by state', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, 1, 6);
        await addPlan(tx, businessId, 2, 1);
        await putInState(tx, 1, 0, 'delivered');
        await putInState(tx, 1, 1, 'delivered');
        await putInState(tx, 1, 5, 'uncertain');
        expect(await tx.plans.counts(1)).toEqual({ accepted: 3, delivered: 2, uncertain: 1 });
        expect(await tx.plans.counts(3)).toEqual({});
      });
    });

    test('count those of a large plan, whatever is done or undone between two looks', async () => {
      const store = theStore();
      const move = (tx: Tx, from: number, to: number, state: MessageState) =>
        tx.messages.move({
          ranges: [{ planId: 1, from, to }],
          from: ['accepted', 'submitted', 'unreported'],
          to: state,
          charge: 'none',
          at: AT,
        });
      const counts = () => store.read((reader) => reader.plans.counts(1));
      const undone = async (work: (tx: Tx) => Promise<unknown>, expected: Awaited<ReturnType<typeof counts>>) => {
        const end = store.transact(async (tx) => {
          await work(tx);
          expect(await tx.plans.counts(1)).toEqual(expected);
          throw new Error('undone');
        });
        await expect(end).rejects.toThrow('undone');
      };
      await store.transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), 1, 30_000);
        await move(tx, 0, 29_999, 'submitted');
        await move(tx, 0, 28_999, 'delivered');
        await move(tx, 29_000, 29_499, 'rejected');
        await move(tx, 29_500, 29_898, 'unreported');
      });
      const waiting = { submitted: 101, delivered: 29_000, rejected: 500, unreported: 399 };
      expect(await counts()).toEqual(waiting);
      const ended = { delivered: 29_101, rejected: 500, unreported: 399 };
      await undone((tx) => move(tx, 29_899, 29_999, 'delivered'), ended);
      expect(await counts()).toEqual(waiting);
      await store.transact((tx) => move(tx, 29_899, 29_999, 'delivered'));
      for (let look = 0; look < 3; look++) expect(await counts()).toEqual(ended);
      // Reports that came late.
      const late = { delivered: 29_201, rejected: 599, unreported: 200 };
      const report = async (tx: Tx) => {
        await move(tx, 29_500, 29_599, 'delivered');
        await move(tx, 29_700, 29_798, 'rejected');
      };
      await undone(report, late);
      expect(await counts()).toEqual(ended);
      await store.transact(report);
      for (let look = 0; look < 2; look++) expect(await counts()).toEqual(late);
      await store.transact((tx) => move(tx, 29_500, 29_898, 'undelivered'));
      expect(await counts()).toEqual({ delivered: 29_201, rejected: 599, undelivered: 200 });
    });

    test('count those of a large plan that nobody reported on', async () => {
      const counts = () => theStore().read((reader) => reader.plans.counts(1));
      const move = (tx: Tx, from: number, to: number, state: MessageState) =>
        tx.messages.move({
          ranges: [{ planId: 1, from, to }],
          from: ['accepted', 'unreported'],
          to: state,
          charge: 'none',
          at: AT,
        });
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), 1, 25_000);
        await move(tx, 0, 24_999, 'unreported');
      });
      for (let look = 0; look < 2; look++) expect(await counts()).toEqual({ unreported: 25_000 });
      await theStore().transact((tx) => move(tx, 100, 24_999, 'delivered'));
      for (let look = 0; look < 2; look++) expect(await counts()).toEqual({ unreported: 100, delivered: 24_900 });
    });

    test('change only as said', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(1, businessId, { startAt: AT }), aPlan(2, businessId)]);
        const [one, two] = [await tx.plans.byId(1), await tx.plans.byId(2)];
        await tx.plans.change(1, { state: 'paused' });
        expect(await tx.plans.byId(1)).toEqual({ ...one, state: 'paused' });
        await tx.plans.change(1, { startAt: AT + 1, startedAt: AT + 2, sendable: 0 });
        expect(await tx.plans.byId(1)).toEqual({
          ...one,
          state: 'paused',
          startAt: AT + 1,
          startedAt: AT + 2,
          sendable: 0,
        });
        expect(await tx.plans.byId(2)).toEqual(two);
      });
    });

    test('are accepted whole once they are written', async () => {
      await theStore().transact(async (tx) => {
        const size = { total: 0, accepted: 0, left: 0, sendable: 0 };
        await tx.plans.insert([aPlan(1, await addBusiness(tx), { ...size, state: 'staged', startAt: AT })]);
        const plan = await tx.plans.byId(1);
        const whole = { state: 'pending', total: 9, accepted: 5, invalid: 3, stopped: 0, sendable: 2 } as const;
        await tx.plans.accept(1, whole);
        expect(await tx.plans.byId(1)).toEqual({ ...plan, ...whole, left: 5 });
      });
    });

    test('wait for their time, earliest first, while they are pending', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        expect(await tx.plans.nextStart()).toBe(null);
        const at = [AT + 30, AT + 10, AT + 20, AT + 10];
        await tx.plans.insert(at.map((startAt, i) => aPlan(i + 1, businessId, { state: 'pending', startAt })));
        await tx.plans.insert([aPlan(9, businessId, { state: 'paused', startAt: AT + 1 })]);
        const due = async (now: number, limit = 10) => (await tx.plans.due(now, limit)).map(({ id }) => id);
        expect(await tx.plans.nextStart()).toBe(AT + 10);
        expect(await due(AT + 9)).toEqual([]);
        expect((await due(AT + 10)).sort()).toEqual([2, 4]);
        expect(await due(AT + 20, 1)).toHaveLength(1);
        expect((await due(AT + 20))[2]).toBe(3);
        await tx.plans.change(2, { state: 'running' });
        await tx.plans.change(4, { state: 'cancelled' });
        expect(await tx.plans.nextStart()).toBe(AT + 20);
        expect(await due(AT + 40)).toEqual([3, 1]);
      });
    });

    test('are done exactly when nothing of them is left', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([
          aPlan(1, businessId, { total: 3 }),
          aPlan(2, businessId, { total: 3 }),
          aPlan(3, businessId, { total: 1, state: 'paused' }),
          aPlan(4, businessId, { total: 2, state: 'cancelled' }),
        ]);
        const answered = (count1: number, count2: number) =>
          tx.plans.answered(
            [
              { planId: 1, count: count1 },
              { planId: 2, count: count2 },
            ],
            AT + 5,
          );
        expect(await answered(2, 1)).toEqual([]);
        expect(await tx.plans.byId(1)).toMatchObject({ state: 'running', left: 1, doneAt: null });
        expect(await answered(1, 1)).toEqual([1]);
        expect(await tx.plans.byId(1)).toMatchObject({ state: 'done', left: 0, doneAt: AT + 5 });
        expect(await tx.plans.byId(2)).toMatchObject({ state: 'running', left: 1 });
        expect(await tx.plans.answered([{ planId: 3, count: 1 }], AT)).toEqual([3]);
        expect(await tx.plans.byId(3)).toMatchObject({ state: 'done', left: 0, doneAt: AT });
        expect(await tx.plans.answered([{ planId: 4, count: 1 }], AT)).toEqual([]);
        expect(await tx.plans.byId(4)).toMatchObject({ state: 'cancelled', left: 1, doneAt: null });
        expect(await tx.plans.answered([{ planId: 4, count: 1 }], AT + 6)).toEqual([]);
        expect(await tx.plans.byId(4)).toMatchObject({ state: 'cancelled', left: 0, doneAt: AT + 6 });
        expect(await tx.plans.answered([], AT)).toEqual([]);
      });
    });

    test('are seen nowhere while they are staged, and can be removed with their messages', async () => {
      const store = theStore();
      const [one, two, open] = [1_000, 2_000, 3_000];
      const businessId = await store.transact(async (tx) => {
        const id = await addBusiness(tx);
        await addPlan(tx, id, one, 5, { state: 'staged' });
        await addPlan(tx, id, two, 5, { state: 'staged' });
        await addPlan(tx, id, open, 5);
        return id;
      });
      await store.read(async (reader) => {
        const filter = {
          businessId,
          planId: null,
          state: null,
          recipient: null,
          since: null,
          until: null,
          before: null,
          limit: 100,
        };
        expect(new Set((await reader.messages.list(filter)).messages.map(({ planId }) => planId))).toEqual(
          new Set([open]),
        );
        expect(await reader.messages.list({ ...filter, planId: one })).toEqual({ messages: [], next: null });
        const seen: number[] = [];
        await reader.messages.countedSince(
          { verification: 0, notification: 0, marketing: 0 },
          (_business, _category, recipient) => seen.push(recipient),
        );
        expect(seen).toHaveLength(5);
        expect(await reader.plans.running('notification', null, 10)).toHaveLength(1);
        // Its messages have reserved nothing yet.
        expect((await reader.ledger.faults()).map(({ planId }) => planId)).toEqual([open]);
      });
      await store.transact(async (tx) => {
        expect((await tx.messages.open([{ planId: one, from: 0, to: 4 }], 1, AT)).indexes).toHaveLength(0);
        expect((await tx.plans.staged()).sort()).toEqual([one, two].sort());
        expect(await tx.plans.deleteStaged(open)).toBe(false);
        expect(await tx.plans.deleteStaged(one)).toBe(true);
      });
      expect(await statesOf(store, one)).toEqual([]);
      expect(await statesOf(store, two)).toHaveLength(5);
      await store.transact(async (tx) => {
        expect(await tx.plans.deleteStaged(two)).toBe(true);
        expect(await tx.plans.staged()).toEqual([]);
        expect([await tx.plans.byId(one), await tx.plans.byId(two)]).toEqual([null, null]);
      });
      expect(await statesOf(store, two)).toEqual([]);
      expect(await statesOf(store, open)).toHaveLength(5);
    });
  });
}

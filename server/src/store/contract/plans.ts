import { describe, expect, test } from 'vitest';
import { PLAN_STATES, type Plan } from '../../domain/plan.ts';
import { AT, addBusiness, addPlan, aPlan, putInState, statesOf, type TheStore } from './seed.ts';

export function plansContract(theStore: TheStore): void {
  describe('plans', () => {
    test('come back as they were put in', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const full: Omit<Plan, 'doneAt'> = {
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
          left: 6,
          createdAt: AT,
        };
        const plain = aPlan(1, businessId);
        await tx.plans.insert([full, plain]);
        expect(await tx.plans.byId(full.id)).toEqual({ ...full, doneAt: null });
        expect(await tx.plans.byId(1)).toEqual({ ...plain, doneAt: null });
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
          aPlan(7, businessId, { category: 'verification', total: 12 }),
          aPlan(8, businessId, { category: 'marketing' }),
          aPlan(9, businessId, { category: 'verification' }),
        ]);
        const running = PLAN_STATES.indexOf('running') + 1;
        expect(await tx.plans.running('verification', 0, 2)).toEqual([
          { id: running, businessId, total: 1 },
          { id: 7, businessId, total: 12 },
        ]);
        expect((await tx.plans.running('verification', 7, 2)).map(({ id }) => id)).toEqual([9]);
        expect(await tx.plans.running('notification', 0, 2)).toEqual([]);
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

    test('keep when they ended', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(1, businessId), aPlan(2, businessId)]);
        await tx.plans.setState(1, 'paused', AT + 1);
        expect(await tx.plans.byId(1)).toMatchObject({ state: 'paused', doneAt: null });
        await tx.plans.setState(1, 'cancelled', AT + 2);
        expect(await tx.plans.byId(1)).toMatchObject({ state: 'cancelled', doneAt: AT + 2 });
        expect(await tx.plans.byId(2)).toMatchObject({ state: 'running', doneAt: null });
      });
    });

    test('are done exactly when nothing of them is left', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([
          aPlan(1, businessId, { total: 3 }),
          aPlan(2, businessId, { total: 3 }),
          aPlan(3, businessId, { total: 1, state: 'paused' }),
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
        expect(await tx.plans.answered([{ planId: 3, count: 1 }], AT)).toEqual([]);
        expect(await tx.plans.byId(3)).toMatchObject({ state: 'paused', left: 0 });
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
        const filter = { businessId, planId: null, state: null, recipient: null, before: null, limit: 100 };
        expect(new Set((await reader.messages.list(filter)).map(({ planId }) => planId))).toEqual(new Set([open]));
        expect(await reader.messages.list({ ...filter, planId: one })).toEqual([]);
        const seen: number[] = [];
        await reader.messages.acceptedSince(0, (_business, recipient) => seen.push(recipient));
        expect(seen).toHaveLength(5);
        expect(await reader.plans.running('notification', 0, 10)).toHaveLength(1);
        // Its messages have reserved nothing yet.
        expect((await reader.ledger.faults()).map(({ planId }) => planId)).toEqual([open]);
      });
      await store.transact(async (tx) => {
        expect((await tx.messages.open([{ planId: one, from: 0, to: 4 }], 1, AT)).indexes).toHaveLength(0);
        expect(await tx.plans.deleteStaged(open)).toBe(0);
        expect(await tx.plans.deleteStaged(one)).toBe(1);
      });
      expect(await statesOf(store, one)).toEqual([]);
      expect(await statesOf(store, two)).toHaveLength(5);
      await store.transact(async (tx) => {
        expect(await tx.plans.deleteStaged(null)).toBe(1);
        expect(await tx.plans.deleteStaged(null)).toBe(0);
        expect([await tx.plans.byId(one), await tx.plans.byId(two)]).toEqual([null, null]);
      });
      expect(await statesOf(store, two)).toEqual([]);
      expect(await statesOf(store, open)).toHaveLength(5);
    });
  });
}

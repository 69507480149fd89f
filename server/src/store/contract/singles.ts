import { describe, expect, test } from 'vitest';
import type { MessageState } from '../../domain/message.ts';
import type { Plan } from '../../domain/plan.ts';
import { AT, addBusiness, aPlan, NUMBER, type TheStore } from './seed.ts';

const OPEN: readonly MessageState[] = ['dispatching', 'uncertain'];

/** What requests of one number each come to: many plans at once, of one message each. */
export function singlesContract(theStore: TheStore): void {
  describe('messages alone in their plans', () => {
    const COUNT = 20;
    /** One that differs from its neighbours, in the middle. */
    const ODD = 7;
    const planIds = Array.from({ length: COUNT }, (_, i) => 5_000 + 3 * i);
    const uuidOf = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

    const plan = (i: number, businessId: number): ReturnType<typeof aPlan> => {
      const change: Partial<Plan> = { uuid: i % 2 === 0 ? uuidOf(i) : null };
      if (i === ODD)
        Object.assign(change, { name: 'odd', segments: 2, customArgs: '{"a":"\'"}', category: 'verification' });
      return aPlan(planIds[i]!, businessId, change);
    };

    async function add(): Promise<number> {
      return theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert(planIds.map((_, i) => plan(i, businessId)));
        await tx.messages.insert(
          planIds.map((planId, i) => ({
            planId,
            from: 0,
            recipients: [NUMBER + i],
            segments: i === ODD ? 2 : 1,
            reserved: i === ODD ? 9 : 4,
            parameters: i === ODD ? ['{"a":1}'] : null,
            claim: { channelId: 6, at: AT },
          })),
        );
        return businessId;
      });
    }

    const first = (planId: number) => theStore().read((reader) => reader.messages.byIndex(planId, 0));
    const planOf = (planId: number) => theStore().read((reader) => reader.plans.byId(planId));

    test('are stored each as it is', async () => {
      const businessId = await add();
      for (const [i, planId] of planIds.entries()) {
        expect(await planOf(planId)).toEqual({ ...plan(i, businessId), startedAt: null, doneAt: null });
        const odd = i === ODD;
        expect(await first(planId)).toMatchObject({
          businessId,
          recipient: NUMBER + i,
          state: 'dispatching',
          attempts: 1,
          channelId: 6,
          dispatchedAt: AT,
          segments: odd ? 2 : 1,
          reserved: odd ? 9 : 4,
        });
      }
    });

    test('are submitted as far as their states allow, each once', async () => {
      const businessId = await add();
      const [ended, unknown] = [planIds[2]!, 4_999];
      const touched = await theStore().transact(async (tx) => {
        const ranges = [{ planId: ended, from: 0, to: 0 }];
        await tx.messages.move({ ranges, from: OPEN, to: 'refused', charge: 'release', at: AT });
        const runs = [unknown, ...planIds, planIds[0]!].map((planId, i) => ({
          planId,
          from: 0,
          to: 0,
          parts: 1,
          carrierIds: [`"${i}\\`],
        }));
        return tx.messages.submit(runs, OPEN, 6, AT + 1);
      });
      const moved = planIds.filter((planId) => planId !== ended);
      expect(touched.toSorted((a, b) => a.planId - b.planId)).toEqual(
        moved.map((planId) => ({
          planId,
          businessId,
          from: 0,
          to: 0,
          count: 1,
          reserved: planId === planIds[ODD] ? 9 : 4,
        })),
      );
      for (const planId of moved) {
        const { state, settled, reserved, submittedAt } = (await first(planId))!;
        expect({ state, settled, submittedAt }).toEqual({ state: 'submitted', settled: reserved, submittedAt: AT + 1 });
      }
      expect(await first(ended)).toMatchObject({ state: 'refused', settled: 0, released: 4 });
    });

    test('end their plans, but for those that were cancelled or have more left', async () => {
      const businessId = await add();
      const [cancelled, larger] = [planIds[1]!, 4_000];
      const done = await theStore().transact(async (tx) => {
        await tx.plans.change(cancelled, { state: 'cancelled' });
        await tx.plans.insert([aPlan(larger, businessId, { total: 3 })]);
        const counts = [larger, 4_999, ...planIds].map((planId) => ({ planId, count: 1 }));
        return tx.plans.answered(counts, AT + 5);
      });
      const ended = planIds.filter((planId) => planId !== cancelled);
      expect(done.toSorted((a, b) => a - b)).toEqual(ended);
      for (const planId of ended) {
        expect(await planOf(planId)).toMatchObject({ state: 'done', left: 0, doneAt: AT + 5 });
      }
      expect(await planOf(cancelled)).toMatchObject({ state: 'cancelled', left: 0, doneAt: AT + 5 });
      expect(await planOf(larger)).toMatchObject({ state: 'running', left: 2, doneAt: null });
    });

    test('have entries of their own in the ledger', async () => {
      const businessId = await add();
      const entries = Array.from({ length: 37 }, (_, i) => ({
        id: 9_000 + i,
        businessId,
        planId: planIds[i % COUNT]!,
        kind: i === 30 ? ('settle' as const) : ('reserve' as const),
        credits: i + 1,
        availableAfter: 1_000 - i,
        reservedAfter: i,
        reason: '',
        at: AT,
      }));
      await theStore().transact((tx) => tx.ledger.add(entries));
      const stored = await theStore().read((reader) => reader.ledger.ofBusiness(businessId, null, 100));
      expect(stored.toReversed()).toEqual(entries.map(({ businessId: _, ...entry }) => entry));
    });
  });
}

import { describe, expect, test } from 'vitest';
import type { MessageFilter } from '../store.ts';
import { addBusiness, addPlan, idOf, messageOf, NUMBER, type TheStore } from './seed.ts';

const DAY = 86_400_000;
/** 2026-02-01 and 2026-03-01. */
const [FEBRUARY, MARCH] = [1_769_904_000_000, 1_772_323_200_000];

export function retentionContract(theStore: TheStore): void {
  const noon = (month: number, day: number): number => month + day * DAY + DAY / 2;
  const makeRoom = (at: number) => theStore().transact((tx) => tx.retention.makeRoom(at));
  /** Takes steps until nothing is left to be forgotten. */
  const forget = async (what: 'forgetPlans' | 'forgetEvents', before: number, limit: number): Promise<number> => {
    let steps = 0;
    for (let forgotten = 1; forgotten > 0; steps++) {
      expect(steps).toBeLessThan(100);
      forgotten = await theStore().transact((tx) => tx.retention[what](before, limit));
    }
    return steps;
  };

  describe('what has been kept long enough', () => {
    test('is forgotten with all that belongs to it, but for plans to which something may still happen', async () => {
      const plan = (day: number, n = 0) => idOf(noon(FEBRUARY, day), n);
      await makeRoom(noon(FEBRUARY, 0));
      await theStore().transact(async (tx) => {
        const business = await addBusiness(tx);
        await addPlan(tx, business, plan(0), 7);
        await tx.messages.open([{ planId: plan(0), from: 0, to: 6 }], 1, noon(FEBRUARY, 0));
        await tx.messages.refuse(plan(0), 0);
        const run = { planId: plan(0), from: 0, to: 6, parts: 1, carrierIds: [...'abcdefg'] };
        await tx.messages.submit([run], ['dispatching'], 1, noon(FEBRUARY, 0));
        await tx.plans.answered([{ planId: plan(0), count: 7 }], noon(FEBRUARY, 0));
        await addPlan(tx, business, plan(0, 1), 1);
        await tx.plans.answered([{ planId: plan(0, 1), count: 1 }], noon(FEBRUARY, 0));
        await addPlan(tx, business, plan(1), 2);
        await addPlan(tx, business, plan(2), 2);
        await tx.plans.change(plan(2), { state: 'cancelled' });
        await tx.plans.answered([{ planId: plan(2), count: 2 }], noon(FEBRUARY, 2));
        const sorted = (await tx.numberRuns.next(8))!;
        await tx.numberRuns.add(sorted.id, (await tx.numberRuns.sort(sorted, null, 100)).numbers);
        await tx.numberRuns.seal(sorted, 1);
      });
      await makeRoom(noon(FEBRUARY, 3));
      await theStore().transact(async (tx) => {
        const [message] = await tx.messages.ofPlan(plan(1), -1, 1);
        await addPlan(tx, message!.businessId, plan(3), 1);
        await tx.plans.answered([{ planId: plan(3), count: 1 }], noon(FEBRUARY, 3));
      });
      await forget('forgetPlans', idOf(FEBRUARY + 3 * DAY), 3);
      const found = await theStore().read(async (reader) => {
        const filter: MessageFilter = {
          ...{ businessId: null, planId: null, state: null, recipient: null },
          ...{ since: null, until: null, before: null, limit: 100 },
        };
        const all = await reader.messages.list(filter);
        const toOne = await reader.messages.list({ ...filter, recipient: NUMBER });
        return {
          all: all.messages.map(({ planId }) => planId),
          toOne: toOne.messages.map(({ planId }) => planId),
          plans: (await reader.plans.list({ businessId: null, state: null, before: null, limit: 10 })).map(
            ({ id }) => id,
          ),
          attempts: await reader.messages.attempts(plan(0), 0),
          carrierIds: await reader.messages.carrierIds(plan(0), 0),
        };
      });
      expect(found).toEqual({
        all: [plan(3), plan(1), plan(1)],
        toOne: [plan(3), plan(1)],
        plans: [plan(3), plan(1)],
        attempts: [],
        carrierIds: [],
      });
      expect(await messageOf(theStore(), plan(0), 0)).toBe(null);
      // What was held is forgotten once it has ended.
      await theStore().transact((tx) => tx.plans.answered([{ planId: plan(1), count: 2 }], noon(FEBRUARY, 3)));
      await forget('forgetPlans', idOf(FEBRUARY + 3 * DAY), 3);
      expect(await messageOf(theStore(), plan(1), 0)).toBe(null);
      expect(await messageOf(theStore(), plan(3), 0)).not.toBe(null);
      expect(await forget('forgetPlans', idOf(FEBRUARY + 3 * DAY), 3)).toBe(1);
    });

    test('is forgotten of events, a step at a time', async () => {
      await makeRoom(noon(MARCH, 0));
      const ids = [0, 0, 0, 1, 2].map((day, n) => idOf(noon(MARCH, day), n));
      await theStore().transact((tx) =>
        tx.events.add(
          ids.map((id, i) => ({
            id,
            businessId: 1,
            at: MARCH + i,
            body: { kind: 'signature.changed', signatureId: i },
          })),
        ),
      );
      await forget('forgetEvents', idOf(MARCH + 2 * DAY), 2);
      const left = await theStore().read((reader) =>
        reader.events.after(0, { businessId: null, kind: null, states: null }, 10),
      );
      expect(left.map(({ id }) => id)).toEqual(ids.slice(4));
      expect(await theStore().read((reader) => reader.events.last())).toBe(ids[4]);
    });

    test('is nothing that a webhook or a count has not read', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.webhooks.oldestCursor()).toBe(null);
        expect(await tx.figures.oldestCursor()).toBe(0);
        const business = await addBusiness(tx);
        const common = {
          businessId: business,
          url: 'https://example.com/',
          callbacks: ['sent' as const],
          username: '',
        };
        const webhook = (eventId: number) =>
          tx.webhooks.insert({
            ...common,
            ...{ description: '', secret: '', authorization: '', cursor: { eventId, rows: 0 }, createdAt: MARCH },
          });
        const slow = await webhook(30);
        await webhook(50);
        expect(await tx.webhooks.oldestCursor()).toBe(30);
        const row = (await tx.webhooks.byId(slow))!;
        await tx.webhooks.update({ ...row, state: 'disabled' }, { secret: null, authorization: null });
        expect(await tx.webhooks.oldestCursor()).toBe(50);
        await tx.figures.moveFeed(0, 77);
        await tx.figures.countAgain({ eventId: 40, untilEvent: 77, from: 1, to: 2 });
        expect(await tx.figures.oldestCursor()).toBe(40);
      });
    });
  });
}

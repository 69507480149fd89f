import { describe, expect, test } from 'vitest';
import type { Category } from '../../domain/category.ts';
import type { Store } from '../store.ts';
import { AT, addBusiness, addPlan, idOf, NUMBER, putInState } from './seed.ts';

const MINUTE = 60_000;
const HOUR_MS_OF = (hour: number): number => hour * 60 * MINUTE;
/** Any hour that is the last of its day. */
const HOUR = 24 * 20_000 - 1;

/** What is kept so that nobody is written to too often. */
export function frequencyContract(theStore: () => Store): void {
  describe('messages that count towards frequency limits', () => {
    type Seen = [businessId: number, category: Category, recipient: number, at: number];
    const seen = (since: Partial<Record<Category, number>>) =>
      theStore().read(async (reader) => {
        const visits: Seen[] = [];
        const all = { verification: null, notification: null, marketing: null, ...since };
        await reader.messages.countedSince(all, (...visit) => visits.push(visit));
        return visits;
      });
    const everything = { verification: AT, notification: AT, marketing: AT };

    test('are shown with business, category and time, each category since a time of its own', async () => {
      // Ids carry their time: these are of AT and of a minute later.
      const [one, two] = await theStore().transact(async (tx) => {
        const ids = [await addBusiness(tx), await addBusiness(tx)] as const;
        await addPlan(tx, ids[0], idOf(AT, 7), 1, { createdAt: AT, category: 'marketing' });
        const later = { createdAt: AT + MINUTE, category: 'verification' } as const;
        await addPlan(tx, ids[1], idOf(AT + MINUTE, 7), 2, later);
        return ids;
      });
      const first: Seen = [one, 'marketing', NUMBER, AT];
      const second: Seen[] = [
        [two, 'verification', NUMBER, AT + MINUTE],
        [two, 'verification', NUMBER + 1, AT + MINUTE],
      ];
      expect(await seen(everything)).toEqual([first, ...second]);
      expect(await seen({ ...everything, marketing: AT + 1 })).toEqual(second);
      expect(await seen({ marketing: AT })).toEqual([first]);
      expect(await seen({ verification: AT + MINUTE, notification: AT })).toEqual(second);
      expect(await seen({ verification: AT + MINUTE + 1 })).toEqual([]);
      expect(await seen({})).toEqual([]);
    });

    test('are kept with their times by the hour, where nobody else counts them', async () => {
      const hour = HOUR_MS_OF(HOUR);
      await theStore().transact(async (tx) => {
        const { setTimes, times, dropTimesBefore } = tx.frequency;
        await setTimes(1, 'marketing', HOUR, [NUMBER, NUMBER + 1], [[hour, hour + 1, hour + 3_599_999], [hour + 5]]);
        await setTimes(1, 'marketing', HOUR + 1, [NUMBER], [[hour + 3_600_000]]);
        await setTimes(1, null, HOUR, [NUMBER], [[hour + 7]]);
        await setTimes(2, 'marketing', HOUR, [NUMBER], [[hour + 8]]);
        const asked = [NUMBER + 2, NUMBER + 1, NUMBER];
        expect(await times(1, 'marketing', asked, HOUR, HOUR + 1)).toEqual([
          [],
          [hour + 5],
          [hour, hour + 1, hour + 3_599_999, hour + 3_600_000],
        ]);
        expect(await times(1, 'marketing', asked, HOUR + 1, HOUR + 2)).toEqual([[], [], [hour + 3_600_000]]);
        expect(await times(1, null, [NUMBER], HOUR, HOUR)).toEqual([[hour + 7]]);
        expect(await times(2, 'marketing', [NUMBER], HOUR, HOUR)).toEqual([[hour + 8]]);
        // What is set takes the place of what was.
        await setTimes(1, 'marketing', HOUR, [NUMBER], [[hour + 2]]);
        await setTimes(1, 'marketing', HOUR, [], []);
        expect(await times(1, 'marketing', [NUMBER], HOUR, HOUR)).toEqual([[hour + 2]]);
        expect(await dropTimesBefore(HOUR, 10)).toBe(0);
        expect(await dropTimesBefore(HOUR + 1, 3)).toBe(3);
        expect(await dropTimesBefore(HOUR + 1, 3)).toBe(1);
        expect(await times(1, 'marketing', asked, HOUR, HOUR + 1)).toEqual([[], [], [hour + 3_600_000]]);
        await setTimes(1, null, HOUR, [], []);
        expect(await times(1, null, [], HOUR, HOUR)).toEqual([]);
      });
    });

    test('are those of plans that have begun, when they last counted, in that order', async () => {
      const day = 86_400_000;
      const scheduled = { createdAt: AT - day, startAt: AT - 1 } as const;
      const [early, waiting, dropped, staged] = [idOf(AT - day, 1), idOf(AT - day, 2), idOf(AT - day, 3), idOf(AT, 4)];
      const times = async () => (await seen(everything)).map(([, , recipient, at]) => [recipient - NUMBER, at - AT]);
      await theStore().transact(async (tx) => {
        const id = await addBusiness(tx);
        await addPlan(tx, id, early, 4, { ...scheduled, sendable: 3 });
        await addPlan(tx, id, waiting, 1, { ...scheduled, state: 'pending', sendable: 0 });
        await addPlan(tx, id, dropped, 1, { ...scheduled, state: 'cancelled', sendable: 0 });
        await addPlan(tx, id, staged, 1, { createdAt: AT, state: 'staged', sendable: 0 });
        await addPlan(tx, id, idOf(AT, 5), 1, { createdAt: AT + 1 });
        await addPlan(tx, id, idOf(AT, 6), 1, { createdAt: AT + 3, state: 'cancelled' });
        // One that was too many for its recipient when the plan started.
        await tx.plans.change(early, { startedAt: AT, countedAt: AT + 2 });
        await putInState(tx, early, 1, 'failed');
      });
      expect(await times()).toEqual([
        [0, 1],
        [0, 2],
        [2, 2],
        [0, 3],
      ]);
      await theStore().transact(async (tx) => {
        await tx.plans.change(waiting, { state: 'running', sendable: 1, countedAt: AT + 5 });
        await tx.plans.accept(staged, { state: 'running', total: 1, accepted: 1, invalid: 0, stopped: 0, sendable: 1 });
        await tx.plans.change(staged, { countedAt: AT });
      });
      expect((await times()).map(([, at]) => at)).toEqual([0, 1, 2, 2, 3, 5]);
      expect((await seen({ notification: AT + 2 })).map(([, , , at]) => at - AT)).toEqual([2, 2, 3, 5]);
    });
  });

  describe('counts by the hour', () => {
    const many = [NUMBER, NUMBER + 1, NUMBER + 2];

    test('add up over hours and days, each business, category and recipient for itself', async () => {
      await theStore().transact(async ({ frequency }) => {
        await frequency.add(1, 'verification', many, HOUR, 1);
        await frequency.add(1, 'verification', many.slice(1), HOUR + 1, 1);
        await frequency.add(1, 'verification', many.slice(1), HOUR + 1, 1);
        await frequency.add(1, null, many, HOUR, 1);
        await frequency.add(1, 'marketing', [NUMBER], HOUR, 1);
        await frequency.add(2, 'verification', [NUMBER], HOUR + 30, 1);
      });
      await theStore().transact(async ({ frequency }) => {
        const counts = (from: number, to: number) => frequency.count(1, 'verification', many, from, to);
        expect(await counts(HOUR, HOUR + 1)).toEqual([1, 3, 3]);
        expect(await counts(HOUR + 1, HOUR + 1)).toEqual([0, 2, 2]);
        expect(await counts(HOUR - 700, HOUR)).toEqual([1, 1, 1]);
        expect(await counts(HOUR + 2, HOUR + 40)).toEqual([0, 0, 0]);
        expect(await frequency.count(1, 'verification', [NUMBER + 2, NUMBER], HOUR, HOUR + 50)).toEqual([3, 1]);
        expect(await frequency.count(1, null, many, HOUR - 24, HOUR + 24)).toEqual([1, 1, 1]);
        expect(await frequency.count(1, 'notification', many, HOUR - 24, HOUR + 24)).toEqual([0, 0, 0]);
        expect(await frequency.count(2, 'verification', many, HOUR, HOUR + 30)).toEqual([1, 0, 0]);
        expect(await frequency.count(1, 'verification', [], HOUR, HOUR)).toEqual([]);
      });
    });

    test('are taken back, and rolled back', async () => {
      const store = theStore();
      await store.transact(async ({ frequency }) => {
        await frequency.add(1, null, many, HOUR, 1);
        await frequency.add(1, null, many.slice(0, 1), HOUR, -1);
      });
      const broken = store.transact(async ({ frequency }) => {
        await frequency.add(1, null, many, HOUR, 1);
        throw new Error('broken');
      });
      await expect(broken).rejects.toThrow('broken');
      await store.transact(async ({ frequency }) => {
        expect(await frequency.count(1, null, many, HOUR, HOUR)).toEqual([0, 1, 1]);
      });
    });

    test('of days that have passed are removed, a bounded number at once', async () => {
      await theStore().transact(async ({ frequency }) => {
        await frequency.add(1, null, many, HOUR - 24, 1);
        await frequency.add(1, null, many, HOUR, 1);
        expect(await frequency.dropBefore(HOUR - 24, 10)).toBe(0);
        expect(await frequency.dropBefore(HOUR, 2)).toBe(2);
        expect(await frequency.dropBefore(HOUR, 2)).toBe(1);
        expect(await frequency.dropBefore(HOUR, 2)).toBe(0);
        expect(await frequency.count(1, null, many, HOUR - 48, HOUR)).toEqual([1, 1, 1]);
      });
    });
  });
}

import { describe, expect, test } from 'vitest';
import type { Awaiting, Report, Uncertain } from '../store.ts';
import { AT, addBusiness, addPlan, NUMBER, type TheStore } from './seed.ts';

const PLAN = 1_000;
const OTHER = 2_000;

export function sendingContract(theStore: TheStore): void {
  describe('retries', () => {
    const placesOf = (rows: readonly { planId: number; index: number }[]) =>
      rows.map(({ planId, index }) => `${planId}.${index}`);

    test('are leased when due, earliest first, with their lanes', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 3, { category: 'marketing' });
        await addPlan(tx, businessId, OTHER, 1, { category: 'verification' });
        expect(await tx.retries.nextAt()).toBe(null);
        await tx.retries.add([
          { planId: PLAN, index: 0, dueAt: AT + 30 },
          { planId: PLAN, index: 1, dueAt: AT + 10 },
          { planId: PLAN, index: 2, dueAt: AT + 40 },
          { planId: OTHER, index: 0, dueAt: AT + 20 },
        ]);
        expect(await tx.retries.nextAt()).toBe(AT + 10);
        expect(await tx.retries.lease(AT + 9, AT + 100, 10)).toEqual([]);
        expect(await tx.retries.lease(AT + 30, AT + 100, 2)).toEqual([
          { planId: PLAN, index: 1, dueAt: AT + 10, category: 'marketing' },
          { planId: OTHER, index: 0, dueAt: AT + 20, category: 'verification' },
        ]);
        expect(placesOf(await tx.retries.lease(AT + 30, AT + 100, 2))).toEqual(['1000.0']);
        expect(await tx.retries.lease(AT + 30, AT + 100, 2)).toEqual([]);
        expect(await tx.retries.nextAt()).toBe(AT + 40);
        await tx.retries.remove([{ planId: PLAN, index: 2 }]);
        expect(await tx.retries.nextAt()).toBe(AT + 100);
        expect(placesOf(await tx.retries.lease(AT + 100, AT + 200, 10)).sort()).toEqual(['1000.0', '1000.1', '2000.0']);
      });
    });

    test('are all due when they are recalled', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 2);
        await tx.retries.add([
          { planId: PLAN, index: 0, dueAt: AT },
          { planId: PLAN, index: 1, dueAt: AT + 500 },
        ]);
        expect(placesOf(await tx.retries.lease(AT, AT + 60_000, 10))).toEqual(['1000.0']);
        await tx.retries.recall(AT + 10);
        expect(placesOf(await tx.retries.lease(AT + 10, AT + 60_000, 10))).toEqual(['1000.0', '1000.1']);
      });
    });

    test('of a message are one: the last said counts', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        await tx.retries.add([{ planId: PLAN, index: 0, dueAt: AT }]);
        await tx.retries.add([{ planId: PLAN, index: 0, dueAt: AT + 50 }]);
        expect(await tx.retries.nextAt()).toBe(AT + 50);
        await tx.retries.remove([{ planId: PLAN, index: 0 }]);
        expect(await tx.retries.nextAt()).toBe(null);
      });
    });

    test('wait while their plan does not run', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1, { state: 'paused' });
        await tx.retries.add([{ planId: PLAN, index: 0, dueAt: AT }]);
        expect(await tx.retries.lease(AT, AT + 1, 10)).toEqual([]);
        await tx.plans.setState(PLAN, 'running', AT);
        expect(await tx.retries.lease(AT, AT + 1, 10)).toHaveLength(1);
      });
    });

    test('of messages that wait no more are forgotten when they are due', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 3);
        await tx.retries.add([0, 1, 2].map((index) => ({ planId: PLAN, index, dueAt: AT })));
        await tx.messages.open([{ planId: PLAN, from: 1, to: 2 }], 1, AT);
        expect(placesOf(await tx.retries.lease(AT, AT + 1, 10))).toEqual(['1000.0']);
        await tx.retries.remove([{ planId: PLAN, index: 0 }]);
        expect(await tx.retries.nextAt()).toBe(null);
      });
    });
  });

  describe('uncertain messages', () => {
    const uncertain = (index: number, change: Partial<Uncertain> = {}): Uncertain => ({
      planId: PLAN,
      index,
      channelId: 1,
      recipient: NUMBER,
      since: AT,
      decision: 'repeat',
      decideAt: AT + 10,
      ...change,
    });

    test('are due in order and stay until they are removed', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.uncertain.nextAt()).toBe(null);
        const rows = [uncertain(0, { decideAt: AT + 20 }), uncertain(1, { decision: 'giveUp' }), uncertain(2)];
        await tx.uncertain.add(rows);
        expect(await tx.uncertain.nextAt()).toBe(AT + 10);
        expect(await tx.uncertain.due(AT + 9, 10)).toEqual([]);
        expect((await tx.uncertain.due(AT + 20, 10)).map(({ decideAt }) => decideAt)).toEqual([
          AT + 10,
          AT + 10,
          AT + 20,
        ]);
        expect(await tx.uncertain.due(AT + 20, 2)).toEqual(expect.arrayContaining([rows[1], rows[2]]));
        await tx.uncertain.remove([rows[1]!, rows[2]!]);
        expect(await tx.uncertain.due(AT + 20, 10)).toEqual([rows[0]]);
      });
    });

    test('are candidates by channel, recipient and time', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 6);
        for (let index = 0; index < 6; index++) {
          const ranges = [{ planId: PLAN, from: index, to: index }];
          await tx.messages.move({ ranges, from: ['accepted'], to: 'uncertain', charge: 'none', at: AT });
        }
        const candidates = async (since = AT) =>
          (await tx.uncertain.candidates(1, NUMBER, since)).map(({ index }) => index).sort();
        await tx.uncertain.add([
          uncertain(0, { channelId: 2 }),
          uncertain(1, { recipient: NUMBER + 1 }),
          uncertain(2, { since: AT - 1 }),
          uncertain(3),
        ]);
        expect(await candidates()).toEqual([3]);
        expect(await candidates(AT - 1)).toEqual([2, 3]);
        expect(await candidates(AT + 1)).toEqual([]);
        await tx.uncertain.add([uncertain(4)]);
        // More than one is as good as many.
        expect((await candidates()).length).toBe(2);
      });
    });

    test('whose answer came after all are no candidates', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        const ranges = [{ planId: PLAN, from: 0, to: 0 }];
        await tx.messages.move({ ranges, from: ['accepted'], to: 'uncertain', charge: 'none', at: AT });
        await tx.uncertain.add([uncertain(0)]);
        await tx.messages.move({ ranges, from: ['uncertain'], to: 'submitted', charge: 'settle', at: AT });
        expect(await tx.uncertain.candidates(1, NUMBER, AT)).toEqual([]);
      });
    });
  });

  describe('parts that await reports', () => {
    const part = (carrierId: string, index: number, change: Partial<Awaiting> = {}): Awaiting => ({
      group: 1,
      carrierId,
      planId: PLAN,
      index,
      recipient: NUMBER + index,
      parts: 1,
      since: AT,
      ...change,
    });

    test('are found by group and carrier id, newest first; carrier ids need not be unique', async () => {
      await theStore().transact(async (tx) => {
        const rows = [
          part('7F', 0),
          part('7F', 1, { since: AT + 5 }),
          part('7F', 2, { since: AT + 2 }),
          part('80', 3, { parts: 2 }),
          part('81', 3, { parts: 2 }),
          part('7F', 4, { group: 2 }),
          part('7f', 5),
        ];
        await tx.awaiting.add(rows);
        expect(await tx.awaiting.find(1, ['7F'])).toEqual([rows[1], rows[2], rows[0]]);
        expect(await tx.awaiting.find(2, ['7F'])).toEqual([rows[5]]);
        expect(await tx.awaiting.find(1, ['81', '80', '80', 'none'])).toEqual(
          expect.arrayContaining([rows[3], rows[4]]),
        );
        expect(await tx.awaiting.find(1, ['81', '80', '80', 'none'])).toHaveLength(2);
        expect(await tx.awaiting.find(1, [])).toEqual([]);
        await tx.awaiting.remove([rows[1]!, rows[4]!]);
        expect(await tx.awaiting.find(1, ['7F', '81'])).toEqual([rows[2], rows[0]]);
        expect(await tx.awaiting.find(1, ['80'])).toEqual([rows[3]]);
      });
    });

    test('are found for each recipient a report speaks of, wherever the part is', async () => {
      await theStore().transact(async (tx) => {
        await tx.awaiting.add([part('x', 0), part('x', 1)]);
        // Long after, so that a store which keeps young parts elsewhere has moved the old ones.
        await tx.awaiting.add([
          part('x', 2, { since: AT + 3_600_000 }),
          part('x', 0, { planId: OTHER, since: AT + 3_600_001 }),
        ]);
        const wanted = [NUMBER + 2, NUMBER + 1, NUMBER, null, NUMBER + 9];
        const rows = await tx.awaiting.find(1, new Array(wanted.length).fill('x'), wanted);
        const newestFor = (recipient: number | null) =>
          rows.find((row) => recipient === null || row.recipient === recipient);
        expect(wanted.map((recipient) => newestFor(recipient)?.index)).toEqual([2, 1, 0, 0, undefined]);
        expect(newestFor(NUMBER)?.planId).toBe(OTHER);
        expect(new Set(rows.map(({ planId, index }) => `${planId}.${index}`)).size).toBe(rows.length);
      });
    });

    test('are dropped and counted when they are old', async () => {
      await theStore().transact(async (tx) => {
        await tx.awaiting.add([part('a', 0), part('b', 1), part('b', 2, { parts: 2 })]);
        await tx.awaiting.add([part('c', 3, { since: AT + 1 })]);
        expect(await tx.awaiting.dropBefore(AT)).toBe(0);
        expect(await tx.awaiting.dropBefore(AT + 1)).toBe(3);
        expect((await tx.awaiting.find(1, ['a', 'b', 'c'])).map(({ carrierId }) => carrierId)).toEqual(['c']);
      });
    });

    test('stay one when they are noted twice', async () => {
      await theStore().transact(async (tx) => {
        await tx.awaiting.add([part('a', 0)]);
        await tx.awaiting.add([part('a', 0)]);
        expect(await tx.awaiting.find(1, ['a'])).toHaveLength(1);
      });
    });

    test('that wait too long are shown a part at a time, oldest plans first', async () => {
      await theStore().transact(async (tx) => {
        const rows = [
          part('c', 2, { planId: OTHER }),
          part('a', 0),
          part('b', 5),
          part('d', 1, { since: AT + 10 }),
          part('e', 0, { planId: OTHER, group: 2 }),
        ];
        await tx.awaiting.add(rows);
        const shown = async (after: Parameters<typeof tx.awaiting.waitingSinceBefore>[1], limit: number) =>
          (await tx.awaiting.waitingSinceBefore(AT + 1, after, limit)).map(({ carrierId }) => carrierId);
        expect(await shown(null, 10)).toEqual(['a', 'b', 'e', 'c']);
        expect(await shown(null, 2)).toEqual(['a', 'b']);
        expect(await shown({ planId: PLAN, from: 5, to: 5 }, 2)).toEqual(['e', 'c']);
        expect(await shown({ planId: OTHER, from: 2, to: 2 }, 2)).toEqual([]);
        expect(await tx.awaiting.waitingSinceBefore(AT, null, 10)).toEqual([]);
      });
    });
  });

  describe('parked reports', () => {
    const report = (carrierId: string, change: Partial<Report> = {}): Report => ({
      group: 1,
      carrierId,
      recipient: NUMBER,
      state: 'delivered',
      error: '',
      at: AT,
      ...change,
    });

    test('are taken out by group and carrier id, all of them, once', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.parked.any()).toBe(false);
        const rows = [
          report('a', { recipient: null, state: 'undelivered', error: '027' }),
          report('a', { state: 'expired' }),
          report('b', { state: 'rejected' }),
          report('a', { group: 2 }),
        ];
        await tx.parked.add(rows);
        expect(await tx.parked.any()).toBe(true);
        const taken = await tx.parked.take(1, ['a', 'none', 'b']);
        expect(taken).toHaveLength(3);
        expect(taken).toEqual(expect.arrayContaining(rows.slice(0, 3)));
        expect(await tx.parked.take(1, ['a', 'b'])).toEqual([]);
        expect(await tx.parked.take(2, ['a'])).toEqual([rows[3]]);
        expect(await tx.parked.any()).toBe(false);
      });
    });

    test('are dropped and counted when they are old', async () => {
      await theStore().transact(async (tx) => {
        await tx.parked.add([report('a'), report('b', { at: AT + 1 }), report('c', { at: AT + 2 })]);
        expect(await tx.parked.dropBefore(AT + 2)).toBe(2);
        expect(await tx.parked.take(1, ['a', 'b', 'c'])).toEqual([report('c', { at: AT + 2 })]);
      });
    });
  });

  describe('answers to requests with an Idempotency-Key', () => {
    test('are found by business, route and key, never twice, and dropped when they are old', async () => {
      const row = { businessId: 1, route: 'r', key: 'k', bodyHash: 'h', answer: '{"a":1}', at: AT };
      await theStore().transact(async (tx) => {
        await tx.idempotency.add(row);
        await tx.idempotency.add({ ...row, key: 'k2', at: AT + 1 });
        await tx.idempotency.add({ ...row, route: 'r2', answer: '2' });
        await tx.idempotency.add({ ...row, businessId: 2, answer: '3' });
        expect(await tx.idempotency.find(1, 'r', 'k')).toEqual(row);
        expect((await tx.idempotency.find(1, 'r2', 'k'))?.answer).toBe('2');
        expect((await tx.idempotency.find(2, 'r', 'k'))?.answer).toBe('3');
        expect(await tx.idempotency.find(2, 'r2', 'k')).toBe(null);
      });
      await expect(theStore().transact((tx) => tx.idempotency.add(row))).rejects.toThrow();
      await theStore().transact(async (tx) => {
        expect(await tx.idempotency.dropBefore(AT + 1)).toBe(3);
        expect(await tx.idempotency.find(1, 'r', 'k')).toBe(null);
        expect((await tx.idempotency.find(1, 'r', 'k2'))?.at).toBe(AT + 1);
      });
    });
  });
}

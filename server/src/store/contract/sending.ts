import { describe, expect, test } from 'vitest';
import type { Awaiting, Orphan, Parked, Uncertain } from '../store.ts';
import { AT, addBusiness, addPlan, aPlan, NUMBER, type TheStore } from './seed.ts';

const PLAN = 1_000;
const OTHER = 2_000;
const LANE = 'notification' as const;

export function sendingContract(theStore: TheStore): void {
  describe('retries', () => {
    const placesOf = (rows: readonly { planId: number; index: number }[]) =>
      rows.map(({ planId, index }) => `${planId}.${index}`);

    test('are leased when due, earliest first, with what they cost', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 3);
        await addPlan(tx, businessId, OTHER, 1, { testChannelId: 7 });
        expect(await tx.retries.nextAt(LANE)).toBe(null);
        await tx.retries.add([
          { planId: PLAN, index: 0, category: LANE, dueAt: AT + 30 },
          { planId: PLAN, index: 1, category: LANE, dueAt: AT + 10 },
          { planId: PLAN, index: 2, category: LANE, dueAt: AT + 40 },
          { planId: OTHER, index: 0, category: LANE, dueAt: AT + 20 },
        ]);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 10);
        expect(await tx.retries.lease(LANE, AT + 9, AT + 100, 10)).toEqual([]);
        expect(await tx.retries.lease(LANE, AT + 30, AT + 100, 2)).toEqual([
          {
            planId: PLAN,
            index: 1,
            category: LANE,
            dueAt: AT + 10,
            businessId,
            recipient: NUMBER + 1,
            segments: 1,
            attempts: 0,
            refusedBy: [],
            testChannelId: null,
          },
          {
            planId: OTHER,
            index: 0,
            category: LANE,
            dueAt: AT + 20,
            businessId,
            recipient: NUMBER,
            segments: 1,
            attempts: 0,
            refusedBy: [],
            testChannelId: 7,
          },
        ]);
        expect(placesOf(await tx.retries.lease(LANE, AT + 30, AT + 100, 2))).toEqual(['1000.0']);
        expect(await tx.retries.lease(LANE, AT + 30, AT + 100, 2)).toEqual([]);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 40);
        await tx.retries.remove([{ planId: PLAN, index: 2 }]);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 100);
        expect(placesOf(await tx.retries.lease(LANE, AT + 100, AT + 200, 10)).sort()).toEqual([
          '1000.0',
          '1000.1',
          '2000.0',
        ]);
      });
    });

    test('are let go before the end of their lease', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 2);
        await tx.retries.add([0, 1].map((index) => ({ planId: PLAN, index, category: LANE, dueAt: AT })));
        expect(placesOf(await tx.retries.lease(LANE, AT, AT + 100, 10))).toEqual(['1000.0', '1000.1']);
        const gone = { planId: OTHER, index: 0 };
        await tx.retries.release([{ planId: PLAN, index: 1 }, gone], AT + 5);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 5);
        expect(placesOf(await tx.retries.lease(LANE, AT + 5, AT + 100, 10))).toEqual(['1000.1']);
        // What is due already does not come later.
        await tx.retries.release([{ planId: PLAN, index: 1 }], AT + 200);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 100);
      });
    });

    test('are leased lane by lane', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 1, { category: 'marketing' });
        await addPlan(tx, businessId, OTHER, 1, { category: 'verification' });
        await tx.retries.add([
          { planId: PLAN, index: 0, category: 'marketing', dueAt: AT },
          { planId: OTHER, index: 0, category: 'verification', dueAt: AT + 5 },
        ]);
        expect(await tx.retries.nextAt('verification')).toBe(AT + 5);
        expect(await tx.retries.nextAt('notification')).toBe(null);
        expect(placesOf(await tx.retries.lease('verification', AT + 9, AT + 50, 10))).toEqual(['2000.0']);
        expect(placesOf(await tx.retries.lease('notification', AT + 9, AT + 50, 10))).toEqual([]);
        expect(placesOf(await tx.retries.lease('marketing', AT + 9, AT + 50, 10))).toEqual(['1000.0']);
      });
    });

    test('are all due when they are recalled', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 2);
        await tx.retries.add([
          { planId: PLAN, index: 0, category: LANE, dueAt: AT },
          { planId: PLAN, index: 1, category: LANE, dueAt: AT + 500 },
        ]);
        expect(placesOf(await tx.retries.lease(LANE, AT, AT + 60_000, 10))).toEqual(['1000.0']);
        await tx.retries.recall(AT + 10);
        expect(placesOf(await tx.retries.lease(LANE, AT + 10, AT + 60_000, 10))).toEqual(['1000.0', '1000.1']);
      });
    });

    test('of a message are one: the last said counts', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        await tx.retries.add([{ planId: PLAN, index: 0, category: LANE, dueAt: AT }]);
        await tx.retries.add([{ planId: PLAN, index: 0, category: LANE, dueAt: AT + 50 }]);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 50);
        await tx.retries.remove([{ planId: PLAN, index: 0 }]);
        expect(await tx.retries.nextAt(LANE)).toBe(null);
      });
    });

    test('of plans that stand still are forgotten when they are due; their messages are found once these go on', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 3, { state: 'paused' });
        await addPlan(tx, businessId, OTHER, 1);
        const places = [0, 1, 2].map((index) => ({ planId: PLAN, index, category: LANE, dueAt: AT + index }));
        await tx.retries.add([...places, { planId: OTHER, index: 0, category: LANE, dueAt: AT + 9 }]);
        // They stand before it, and do not keep it waiting.
        expect(placesOf(await tx.retries.lease(LANE, AT + 9, AT + 100, 1))).toEqual(['2000.0']);
        expect(await tx.retries.nextAt(LANE)).toBe(AT + 100);
        expect((await tx.messages.waiting([{ planId: PLAN, from: 0 }], 10)).indexes).toHaveLength(0);
        await tx.plans.change(PLAN, { state: 'running' });
        expect(await tx.retries.lease(LANE, AT + 9, AT + 100, 10)).toEqual([]);
        expect([...(await tx.messages.waiting([{ planId: PLAN, from: 0 }], 10)).indexes]).toEqual([0, 1, 2]);
      });
    });

    test('of messages that wait no more are forgotten when they are due', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 3);
        await tx.retries.add([0, 1, 2].map((index) => ({ planId: PLAN, index, category: LANE, dueAt: AT })));
        await tx.messages.open([{ planId: PLAN, from: 1, to: 2 }], 1, AT);
        expect(placesOf(await tx.retries.lease(LANE, AT, AT + 1, 10))).toEqual(['1000.0']);
        await tx.retries.remove([{ planId: PLAN, index: 0 }]);
        expect(await tx.retries.nextAt(LANE)).toBe(null);
      });
    });
  });

  describe('sweeps', () => {
    const cancel = { state: 'cancelled', error: 'why' } as const;

    test('come back as they were put in, one a plan', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.sweeps.byPlan(PLAN)).toBe(null);
        await tx.sweeps.put({ planId: PLAN, end: null, next: 5 });
        await tx.sweeps.put({ planId: OTHER, end: cancel, next: 0 });
        expect(await tx.sweeps.byPlan(PLAN)).toEqual({ planId: PLAN, end: null, next: 5 });
        expect(await tx.sweeps.byPlan(OTHER)).toEqual({ planId: OTHER, end: cancel, next: 0 });
        await tx.sweeps.put({ planId: PLAN, end: cancel, next: 0 });
        expect(await tx.sweeps.byPlan(PLAN)).toEqual({ planId: PLAN, end: cancel, next: 0 });
        await tx.sweeps.remove(PLAN);
        expect(await tx.sweeps.byPlan(PLAN)).toBe(null);
        expect(await tx.sweeps.byPlan(OTHER)).not.toBe(null);
      });
    });

    test('go on where the plan has the state for it: starts first, the least advanced first', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const rows = [
          ['running', null, 7],
          ['running', null, 3],
          ['paused', null, 0],
          ['cancelled', cancel, 2],
          ['cancelled', cancel, 1],
          ['running', cancel, 0],
        ] as const;
        for (const [i, [state, end, next]] of rows.entries()) {
          await tx.plans.insert([aPlan(i + 1, businessId, { state })]);
          await tx.sweeps.put({ planId: i + 1, end, next });
        }
        expect(await tx.sweeps.open(10)).toEqual([2, 1, 5, 4]);
        expect(await tx.sweeps.open(2)).toEqual([2, 1]);
        await tx.plans.change(3, { state: 'running' });
        expect(await tx.sweeps.open(1)).toEqual([3]);
      });
    });
  });

  describe('uncertain messages', () => {
    const uncertain = (index: number, change: Partial<Uncertain> = {}): Uncertain => ({
      planId: PLAN,
      index,
      channelId: 1,
      recipient: NUMBER,
      userReference: null,
      since: AT,
      decision: 'repeat',
      decideAt: AT + 10,
      ...change,
    });

    test('are due in order and stay until they are removed', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.uncertain.nextAt()).toBe(null);
        const rows = [
          uncertain(0, { decideAt: AT + 20 }),
          uncertain(1, { decision: 'giveUp' }),
          uncertain(2, { userReference: 65_535 }),
        ];
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
          (await tx.uncertain.candidates([1, 7], NUMBER, since)).map(({ index }) => index).sort();
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
        expect(await candidates()).toEqual([3, 4]);
        await tx.uncertain.add([uncertain(5, { channelId: 7 })]);
        expect(await candidates()).toEqual([3, 4, 5]);
      });
    });

    test('whose answer came after all are no candidates', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        const ranges = [{ planId: PLAN, from: 0, to: 0 }];
        await tx.messages.move({ ranges, from: ['accepted'], to: 'uncertain', charge: 'none', at: AT });
        await tx.uncertain.add([uncertain(0)]);
        await tx.messages.move({ ranges, from: ['uncertain'], to: 'submitted', charge: 'settle', at: AT });
        expect(await tx.uncertain.candidates([1], NUMBER, AT)).toEqual([]);
      });
    });
  });

  describe('parts that await reports', () => {
    const part = (carrierId: string, index: number, change: Partial<Awaiting> = {}): Awaiting => ({
      channelId: 1,
      carrierId,
      planId: PLAN,
      index,
      recipient: NUMBER + index,
      parts: 1,
      since: AT,
      ...change,
    });

    test('are found by channelId and carrier id, newest first; carrier ids need not be unique', async () => {
      await theStore().transact(async (tx) => {
        const rows = [
          part('7F', 0),
          part('7F', 1, { since: AT + 5 }),
          part('7F', 2, { since: AT + 2 }),
          part('80', 3, { parts: 2 }),
          part('81', 3, { parts: 2 }),
          part('7F', 4, { channelId: 2 }),
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
          part('e', 0, { planId: OTHER, channelId: 2 }),
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

  describe('reports that came early', () => {
    const report = (carrierId: string, change: Partial<Parked> = {}): Parked => ({
      channelId: 1,
      carrierId,
      recipient: NUMBER,
      state: 'delivered',
      error: '',
      userReference: null,
      at: AT,
      key: carrierId,
      repeated: false,
      ...change,
    });

    test('are taken out by channel and key, all of them, once', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.parked.any()).toBe(false);
        const rows = [
          report('a', { recipient: null, state: 'undelivered', error: '027', repeated: true }),
          report('00A', { key: 'a', state: 'expired', userReference: 9 }),
          report('b', { state: 'rejected' }),
          report('a', { channelId: 2 }),
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

    test('are taken out channel by channel, oldest first', async () => {
      await theStore().transact(async (tx) => {
        await tx.parked.add([report('a'), report('b', { channelId: 2 }), report('c'), report('d')]);
        expect(await tx.parked.takeOfChannel(1, 2)).toEqual([report('a'), report('c')]);
        expect(await tx.parked.takeOfChannel(1, 2)).toEqual([report('d')]);
        expect(await tx.parked.take(2, ['b'])).toHaveLength(1);
      });
    });

    test('are taken out when they are old, oldest first', async () => {
      await theStore().transact(async (tx) => {
        await tx.parked.add([report('b', { at: AT + 1 }), report('a'), report('c', { at: AT + 2 })]);
        expect(await tx.parked.takeBefore(AT + 2, 1)).toEqual([report('a')]);
        expect(await tx.parked.takeBefore(AT + 2, 10)).toEqual([report('b', { at: AT + 1 })]);
        expect(await tx.parked.take(1, ['a', 'b', 'c'])).toEqual([report('c', { at: AT + 2 })]);
      });
    });

    test('are found by uncertain messages to whom they may belong', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 3);
        const attempt = { channelId: 1, userReference: null, since: AT, decision: 'repeat', decideAt: AT } as const;
        for (const index of [0, 1]) {
          const ranges = [{ planId: PLAN, from: index, to: index }];
          await tx.messages.move({ ranges, from: ['accepted'], to: 'uncertain', charge: 'none', at: AT });
        }
        await tx.uncertain.add(
          [0, 1, 2].map((index) => ({ ...attempt, planId: PLAN, index, recipient: NUMBER + (index === 2 ? 2 : 0) })),
        );
        await tx.parked.add([
          report('a', { channelId: 3 }),
          report('b', { at: AT + 1 }),
          report('c', { repeated: true }),
          report('d', { recipient: NUMBER + 1 }),
          report('e', { recipient: NUMBER + 2 }),
          report('f', { recipient: null }),
        ]);
        const found = await tx.parked.ofUncertain(AT, 10);
        expect(found).toEqual([{ ...report('a', { channelId: 3 }), id: found[0]!.id }]);
        expect(await tx.parked.ofUncertain(AT + 1, 10)).toHaveLength(2);
        expect(await tx.parked.ofUncertain(AT + 1, 1)).toHaveLength(1);
        await tx.parked.remove([found[0]!.id]);
        expect((await tx.parked.ofUncertain(AT + 1, 10)).map(({ carrierId }) => carrierId)).toEqual(['b']);
      });
    });
  });

  describe('reports that spoke of nothing', () => {
    const orphan = (carrierId: string, change: Partial<Orphan> = {}) => {
      const { id: _id, ...row } = { id: 0, channelId: 1, carrierId, recipient: NUMBER, error: '1', at: AT, ...change };
      return { ...row, state: 'expired' as const };
    };

    test('are listed newest first, counted, and bounded in number and age', async () => {
      await theStore().transact(async (tx) => {
        const rows = ['a', 'b', 'c', 'd'].map((id, i) =>
          orphan(id, { at: AT + i, recipient: i === 0 ? null : NUMBER }),
        );
        await tx.orphans.add(rows);
        await tx.orphans.add([orphan('e', { channelId: 2, at: AT + 4 })]);
        expect(await tx.orphans.count()).toBe(5);
        const all = await tx.orphans.list(null, null, 10);
        expect(all.map(({ carrierId }) => carrierId)).toEqual(['e', 'd', 'c', 'b', 'a']);
        expect(all[4]).toEqual({ ...rows[0], id: all[4]!.id });
        expect(await tx.orphans.list(1, all[2]!.id, 1)).toEqual([all[3]]);
        expect((await tx.orphans.list(2, null, 10)).map(({ carrierId }) => carrierId)).toEqual(['e']);
        await tx.orphans.trim(4, AT);
        expect(await tx.orphans.count()).toBe(4);
        await tx.orphans.trim(4, AT + 3);
        expect((await tx.orphans.list(null, null, 10)).map(({ carrierId }) => carrierId)).toEqual(['e', 'd']);
      });
    });
  });

  describe('reports as carriers wrote them', () => {
    test('are found in batches by their hashes and time, newest first, until they are dropped', async () => {
      await theStore().transact(async (tx) => {
        const batch = (at: number, ...hashes: number[]) => ({
          at,
          hashes: Uint32Array.from(hashes),
          body: Uint8Array.of(1, 2, at & 0xff),
        });
        for (const each of [batch(AT, 7, 9), batch(AT + 1), batch(AT + 2, 0xffff_ffff, 7), batch(AT + 3, 7)]) {
          await tx.reportLog.add(each);
        }
        const find = async (change: Partial<Parameters<typeof tx.reportLog.find>[0]>) =>
          (await tx.reportLog.find({ hashes: [7], from: AT, until: AT + 9, before: null, limit: 10, ...change }))
            .batches;
        const all = await find({});
        expect(all.map(({ at }) => at - AT)).toEqual([3, 2, 0]);
        expect([...all[1]!.body]).toEqual([1, 2, (AT + 2) & 0xff]);
        expect((await find({ from: AT + 1, until: AT + 2 })).map(({ at }) => at - AT)).toEqual([2]);
        expect((await find({ hashes: [9, 0xffff_ffff] })).map(({ at }) => at - AT)).toEqual([2, 0]);
        expect((await find({ before: all[1]!.id, limit: 1 })).map(({ at }) => at - AT)).toEqual([0]);
        expect(await find({ hashes: [8] })).toEqual([]);
        expect(await tx.reportLog.dropBefore(AT + 3, 2)).toBe(2);
        expect(await tx.reportLog.dropBefore(AT + 3, 2)).toBe(1);
        expect((await find({})).map(({ at }) => at - AT)).toEqual([3]);
      });
    });

    test('are looked through so many at a time, and none is left out', async () => {
      await theStore().transact(async (tx) => {
        const batches = 12;
        for (let at = AT; at < AT + batches; at++) {
          const hashes = new Uint32Array(200_000);
          hashes[5] = at === AT || at === AT + batches - 1 ? 7 : 0;
          await tx.reportLog.add({ at, hashes, body: Uint8Array.of(1) });
        }
        const found: number[] = [];
        let [before, pages]: [number | null, number] = [null, 0];
        do {
          const page: Awaited<ReturnType<typeof tx.reportLog.find>> = await tx.reportLog.find({
            ...{ hashes: [7, 8], from: AT, until: AT + batches, before, limit: 10 },
          });
          found.push(...page.batches.map(({ at }) => at - AT));
          before = page.next;
          pages++;
        } while (before !== null);
        expect(found).toEqual([batches - 1, 0]);
        expect(pages).toBe(3);
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

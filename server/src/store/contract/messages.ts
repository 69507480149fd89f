import { describe, expect, test } from 'vitest';
import { FINAL, MESSAGE_STATES } from '../../domain/message.ts';
import type { MessageFilter, NewMessages, OpenedMessages } from '../store.ts';
import {
  AT,
  addBusiness,
  addPlan,
  aPlan,
  idOf,
  messageOf,
  NUMBER,
  numbers,
  putInState,
  statesOf,
  type TheStore,
} from './seed.ts';

const PLAN = 1_000;
const OTHER = 2_000;

interface OpenedRow {
  planId: number;
  index: number;
  recipient: number;
  contentId: number;
  parameters: string | null;
}

/** What was opened, message by message. */
const rowsOf = ({ planIds, indexes, recipients, contentIds, parameters }: OpenedMessages): OpenedRow[] =>
  Array.from(planIds, (planId, i) => ({
    planId,
    index: indexes[i]!,
    recipient: recipients[i]!,
    contentId: contentIds[i]!,
    parameters: parameters?.[i] ?? null,
  }));

export function messagesContract(theStore: TheStore): void {
  describe('messages', () => {
    const rows = (planId = PLAN) => theStore().read((reader) => reader.messages.ofPlan(planId, -1, 1_000));

    test.each<[string, number, Partial<NewMessages>]>([
      ['few, alike', 2, {}],
      ['many, alike', 9, {}],
      ['few, each its own', 2, { segments: [1, 2], reserved: [3, 4] }],
      ['many, each its own', 9, { segments: [1, 2, 3, 4, 5, 6, 7, 8, 9], reserved: [9, 8, 7, 6, 5, 4, 3, 2, 1] }],
      ['many with values', 5, { parameters: ['{"a":1}', null, '{"a":"x"}', null, '{}'] }],
    ])('are born accepted: %s', async (_what, count, change) => {
      const group = {
        planId: PLAN,
        from: 3,
        recipients: numbers(count),
        segments: 2,
        reserved: 5,
        parameters: null,
        ...change,
      };
      const businessId = await theStore().transact(async (tx) => {
        const id = await addBusiness(tx);
        await tx.plans.insert([aPlan(PLAN, id, { total: count })]);
        await tx.messages.insert([group]);
        return id;
      });
      const { segments, reserved } = group;
      expect(await rows()).toEqual(
        numbers(count).map((recipient, i) => ({
          planId: PLAN,
          index: 3 + i,
          businessId,
          recipient,
          state: 'accepted',
          segments: typeof segments === 'number' ? segments : segments[i],
          reserved: typeof reserved === 'number' ? reserved : reserved[i],
          settled: 0,
          released: 0,
          attempts: 0,
          repeats: 0,
          channelId: null,
          error: '',
          acceptedAt: AT,
          dispatchedAt: null,
          submittedAt: null,
          finalAt: null,
        })),
      );
    });

    test('are found by place, and in order after a place', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 5);
        expect((await tx.messages.byIndex(PLAN, 4))?.recipient).toBe(NUMBER + 4);
        expect(await tx.messages.byIndex(PLAN, 5)).toBe(null);
        expect(await tx.messages.byIndex(OTHER, 0)).toBe(null);
        const after = async (index: number, limit: number) =>
          (await tx.messages.ofPlan(PLAN, index, limit)).map(({ index }) => index);
        expect(await after(-1, 3)).toEqual([0, 1, 2]);
        expect(await after(2, 3)).toEqual([3, 4]);
        expect(await after(4, 3)).toEqual([]);
      });
    });

    test('are listed newest plan first, indexes falling, by everything a filter can say', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await addPlan(tx, mine, PLAN, 3);
        await addPlan(tx, other, OTHER, 2);
        await addPlan(tx, mine, 3_000, 2);
        await putInState(tx, PLAN, 1, 'failed');
        await putInState(tx, 3_000, 0, 'failed');
        const listed = async (change: Partial<MessageFilter>) => {
          const filter = { businessId: null, planId: null, state: null, recipient: null, before: null, limit: 10 };
          const found = await tx.messages.list({ ...filter, ...change });
          return found.map(({ planId, index }) => `${planId}.${index}`);
        };
        const all = ['3000.1', '3000.0', '2000.1', '2000.0', '1000.2', '1000.1', '1000.0'];
        expect(await listed({})).toEqual(all);
        expect(await listed({ businessId: mine })).toEqual(all.filter((id) => !id.startsWith('2')));
        expect(await listed({ planId: PLAN })).toEqual(all.slice(4));
        expect(await listed({ planId: PLAN, businessId: other })).toEqual([]);
        expect(await listed({ state: 'failed' })).toEqual(['3000.0', '1000.1']);
        expect(await listed({ recipient: NUMBER + 1 })).toEqual(['3000.1', '2000.1', '1000.1']);
        expect(await listed({ recipient: NUMBER + 1, state: 'failed', businessId: mine })).toEqual(['1000.1']);
        for (let from = 0; from < all.length; from++) {
          const [planId, index] = all[from]!.split('.').map(Number) as [number, number];
          expect(await listed({ before: { planId, index }, limit: 2 })).toEqual(all.slice(from + 1, from + 3));
        }
      });
    });

    test('that were never tried are found as unbroken runs', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 9);
        await addPlan(tx, businessId, OTHER, 1);
        await putInState(tx, PLAN, 2, 'dispatching');
        await putInState(tx, PLAN, 5, 'queued');
        await putInState(tx, PLAN, 6, 'delivered');
        const range = (from: number, to: number) => ({ planId: PLAN, from, to });
        expect(await tx.messages.waiting(PLAN, 0, 100)).toEqual([range(0, 1), range(3, 4), range(7, 8)]);
        expect(await tx.messages.waiting(PLAN, 1, 4)).toEqual([range(1, 1), range(3, 4), range(7, 7)]);
        expect(await tx.messages.waiting(PLAN, 9, 4)).toEqual([]);
      });
    });

    test('being dispatched are found over all open plans', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        for (const [id, state] of [
          [1_000, 'running'],
          [2_000, 'paused'],
          [3_000, 'done'],
          [4_000, 'staged'],
        ] as const) {
          await addPlan(tx, businessId, id, 5, { state });
          for (const index of id === 1_000 ? [0, 1, 3] : [4]) await putInState(tx, id, index, 'dispatching');
          await putInState(tx, id, 2, 'uncertain');
        }
        expect(await tx.messages.dispatching()).toEqual([
          { planId: 1_000, from: 0, to: 1 },
          { planId: 1_000, from: 3, to: 3 },
          { planId: 2_000, from: 4, to: 4 },
        ]);
      });
    });

    test('accepted lately are shown with business and time', async () => {
      // Ids carry their time: these are of AT and of a minute later.
      await theStore().transact(async (tx) => {
        const [one, two] = [await addBusiness(tx), await addBusiness(tx)];
        await addPlan(tx, one, idOf(AT, 7), 1, { createdAt: AT });
        await addPlan(tx, two, idOf(AT + 60_000, 7), 2, { createdAt: AT + 60_000 });
        const seen = async (since: number) => {
          const visits: number[][] = [];
          await tx.messages.acceptedSince(since, (...visit) => visits.push(visit));
          return visits;
        };
        const late = [
          [two, NUMBER, AT + 60_000],
          [two, NUMBER + 1, AT + 60_000],
        ];
        expect(await seen(AT)).toEqual([[one, NUMBER, AT], ...late]);
        expect(await seen(AT + 1)).toEqual(late);
        expect(await seen(AT + 60_001)).toEqual([]);
      });
    });
  });

  describe('opening', () => {
    const open = async (from: number, to: number, at = AT, channelId = 7): Promise<OpenedRow[]> =>
      rowsOf(await theStore().transact((tx) => tx.messages.open([{ planId: PLAN, from, to }], channelId, at)));
    const indexesOf = (rows: readonly OpenedRow[]) => rows.map(({ index }) => index);

    test('claims what waits, in order, with what is needed to send it', async () => {
      await theStore().transact(async (tx) => {
        await tx.plans.insert([aPlan(PLAN, await addBusiness(tx), { total: 6, contentId: 9 })]);
        await tx.messages.insert([
          {
            planId: PLAN,
            from: 0,
            recipients: numbers(6),
            segments: 1,
            reserved: 1,
            parameters: [null, '{"a":1}', '{"a":2}', null, '{"a":"4"}', null],
          },
        ]);
        await putInState(tx, PLAN, 2, 'cancelled');
        await putInState(tx, PLAN, 3, 'queued');
      });
      const row = (index: number, parameters: string | null): OpenedRow => ({
        planId: PLAN,
        index,
        recipient: NUMBER + index,
        contentId: 9,
        parameters,
      });
      expect(await open(1, 4)).toEqual([row(1, '{"a":1}'), row(3, null), row(4, '{"a":"4"}')]);
      expect(await statesOf(theStore(), PLAN)).toEqual([
        'accepted',
        'dispatching',
        'cancelled',
        'dispatching',
        'dispatching',
        'accepted',
      ]);
      expect(await messageOf(theStore(), PLAN, 1)).toMatchObject({ attempts: 1, channelId: 7, dispatchedAt: AT });
      expect(await messageOf(theStore(), PLAN, 2)).toMatchObject({ attempts: 0, channelId: null, dispatchedAt: null });
      expect(await open(0, 5)).toEqual([row(0, null), row(5, null)]);
      expect(await open(0, 5)).toEqual([]);
    });

    test('takes a message alone like one of many', async () => {
      await theStore().transact(async (tx) => {
        await tx.plans.insert([aPlan(PLAN, await addBusiness(tx), { contentId: 9 })]);
        const messages = { planId: PLAN, from: 0, recipients: [NUMBER], segments: 1, reserved: 1 };
        await tx.messages.insert([{ ...messages, parameters: ['{"a":1}'] }]);
      });
      expect(await open(0, 0)).toEqual([
        { planId: PLAN, index: 0, recipient: NUMBER, contentId: 9, parameters: '{"a":1}' },
      ]);
      expect(await open(0, 0)).toEqual([]);
      expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({
        state: 'dispatching',
        attempts: 1,
        channelId: 7,
        dispatchedAt: AT,
      });
    });

    test('takes several ranges of several plans', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 5);
        await addPlan(tx, businessId, OTHER, 5);
        const ranges = [
          { planId: OTHER, from: 0, to: 1 },
          { planId: PLAN, from: 4, to: 9 },
          { planId: 9_999, from: 0, to: 0 },
          { planId: OTHER, from: 1, to: 2 },
        ];
        const opened = rowsOf(await tx.messages.open(ranges, 1, AT));
        expect(opened.map(({ planId, index }) => `${planId}.${index}`)).toEqual([
          '2000.0',
          '2000.1',
          '1000.4',
          '2000.2',
        ]);
      });
    });

    test.each(MESSAGE_STATES)('claims nothing but accepted and queued: %s', async (state) => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        await putInState(tx, PLAN, 0, state);
      });
      const waiting = state === 'accepted' || state === 'queued';
      expect(indexesOf(await open(0, 0))).toEqual(waiting ? [0] : []);
      expect(await statesOf(theStore(), PLAN)).toEqual([waiting ? 'dispatching' : state]);
    });

    test.each(['staged', 'pending', 'paused', 'done', 'cancelled'] as const)(
      'claims nothing of a plan that is %s',
      async (state) => {
        await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 1, { state }));
        expect(await open(0, 0)).toEqual([]);
        expect(await statesOf(theStore(), PLAN)).toEqual(['accepted']);
      },
    );

    test('writes second and later attempts down, and flags the one after a repeat', async () => {
      const back = (to: 'queued' | 'uncertain') =>
        theStore().transact((tx) =>
          tx.messages.move({
            ranges: [{ planId: PLAN, from: 0, to: 0 }],
            from: ['dispatching', 'uncertain'],
            to,
            charge: 'none',
            at: AT,
          }),
        );
      await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 2));
      await open(0, 1, AT);
      expect(await theStore().read((reader) => reader.messages.attempts(PLAN, 0))).toEqual([]);
      await back('queued');
      await open(0, 1, AT + 1, 8);
      await back('uncertain');
      await back('queued');
      await theStore().transact((tx) => tx.messages.countRepeat(PLAN, 0));
      await open(0, 1, AT + 2, 9);
      await back('queued');
      await open(0, 1, AT + 3, 8);
      expect(await theStore().read((reader) => reader.messages.attempts(PLAN, 0))).toEqual([
        { number: 2, channelId: 8, openedAt: AT + 1, repeat: false },
        { number: 3, channelId: 9, openedAt: AT + 2, repeat: true },
        { number: 4, channelId: 8, openedAt: AT + 3, repeat: false },
      ]);
      expect(await theStore().read((reader) => reader.messages.attempts(PLAN, 1))).toEqual([]);
      expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({
        attempts: 4,
        repeats: 1,
        channelId: 8,
        dispatchedAt: AT,
      });
      expect(await messageOf(theStore(), PLAN, 1)).toMatchObject({ attempts: 1, repeats: 0, channelId: 7 });
    });

    describe('undone', () => {
      const unopen = (from: number, to: number) =>
        theStore().transact((tx) => tx.messages.unopen([{ planId: PLAN, from, to }]));
      const queue = (index: number) =>
        theStore().transact((tx) =>
          tx.messages.move({
            ranges: [{ planId: PLAN, from: index, to: index }],
            from: ['dispatching'],
            to: 'queued',
            charge: 'none',
            at: AT,
          }),
        );
      const attempts = (index: number) => theStore().read((reader) => reader.messages.attempts(PLAN, index));

      test('leaves no trace of a first attempt', async () => {
        await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 2));
        await open(0, 0);
        await unopen(0, 1);
        expect(await statesOf(theStore(), PLAN)).toEqual(['accepted', 'accepted']);
        expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({
          attempts: 0,
          channelId: null,
          dispatchedAt: null,
        });
        await open(0, 0, AT + 5);
        expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({ attempts: 1, dispatchedAt: AT + 5 });
      });

      test('takes a later attempt back, whose number is used again', async () => {
        await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 2));
        await open(0, 0, AT);
        await queue(0);
        await open(0, 0, AT + 1, 8);
        await unopen(0, 0);
        expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({ state: 'queued', attempts: 1, dispatchedAt: AT });
        expect(await attempts(0)).toEqual([]);
        await open(0, 0, AT + 2, 9);
        expect(await attempts(0)).toEqual([{ number: 2, channelId: 9, openedAt: AT + 2, repeat: false }]);
      });

      test('keeps the flag of a repeat for the next attempt, and gives it to no plain retry', async () => {
        await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 1));
        await open(0, 0);
        await queue(0);
        await theStore().transact((tx) => tx.messages.countRepeat(PLAN, 0));
        await open(0, 0);
        await unopen(0, 0);
        await open(0, 0);
        expect(await attempts(0)).toMatchObject([{ number: 2, repeat: true }]);
        await queue(0);
        await open(0, 0);
        await unopen(0, 0);
        await open(0, 0);
        expect(await attempts(0)).toMatchObject([
          { number: 2, repeat: true },
          { number: 3, repeat: false },
        ]);
      });

      test.each(MESSAGE_STATES.filter((state) => state !== 'dispatching'))(
        'changes nothing that is %s',
        async (state) => {
          await theStore().transact(async (tx) => {
            await addPlan(tx, await addBusiness(tx), PLAN, 1);
            await putInState(tx, PLAN, 0, state);
          });
          const before = await messageOf(theStore(), PLAN, 0);
          await unopen(0, 0);
          expect(await messageOf(theStore(), PLAN, 0)).toEqual(before);
        },
      );
    });
  });

  describe('moving', () => {
    test.each(MESSAGE_STATES)('out of %s happens only when it is named', async (state) => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 2);
        await putInState(tx, PLAN, 1, state);
        const move = (from: readonly (typeof MESSAGE_STATES)[number][]) =>
          tx.messages.move({ ranges: [{ planId: PLAN, from: 1, to: 1 }], from, to: 'failed', charge: 'none', at: AT });
        expect(await move(MESSAGE_STATES.filter((other) => other !== state))).toEqual([]);
        expect((await tx.messages.byIndex(PLAN, 1))?.state).toBe(state);
        expect(await move(['invalid', state])).toHaveLength(1);
        expect((await tx.messages.byIndex(PLAN, 1))?.state).toBe('failed');
        expect((await tx.messages.byIndex(PLAN, 0))?.state).toBe('accepted');
      });
    });

    test('tells what was moved as unbroken runs, with the credits they have reserved', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.plans.insert([aPlan(PLAN, mine, { total: 10 })]);
        await tx.messages.insert([
          {
            planId: PLAN,
            from: 0,
            recipients: numbers(10),
            segments: 1,
            reserved: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
            parameters: null,
          },
        ]);
        await addPlan(tx, other, OTHER, 3);
        for (const index of [3, 6, 9]) await putInState(tx, PLAN, index, 'cancelled');
        const moved = await tx.messages.move({
          ranges: [
            { planId: PLAN, from: 1, to: 5 },
            { planId: PLAN, from: 6, to: 6 },
            { planId: PLAN, from: 8, to: 20 },
            { planId: OTHER, from: 0, to: 2 },
            { planId: PLAN, from: 1, to: 2 },
            { planId: 9_999, from: 0, to: 9 },
          ],
          from: ['accepted'],
          to: 'submitted',
          charge: 'settle',
          at: AT,
        });
        expect(moved).toEqual([
          { planId: PLAN, businessId: mine, from: 1, to: 2, count: 2, reserved: 6 },
          { planId: PLAN, businessId: mine, from: 4, to: 5, count: 2, reserved: 48 },
          { planId: PLAN, businessId: mine, from: 8, to: 8, count: 1, reserved: 256 },
          { planId: OTHER, businessId: other, from: 0, to: 2, count: 3, reserved: 3 },
        ]);
      });
      const moved = new Set([1, 2, 4, 5, 8]);
      const rows = await theStore().read((reader) => reader.messages.ofPlan(PLAN, -1, 100));
      for (const { index, state, reserved, settled } of rows) {
        expect([index, state === 'submitted', settled]).toEqual([
          index,
          moved.has(index),
          moved.has(index) ? reserved : 0,
        ]);
      }
    });

    test.each([
      ['settle', { reserved: 3, settled: 3, released: 0 }],
      ['release', { reserved: 3, settled: 0, released: 3 }],
      ['none', { reserved: 3, settled: 0, released: 0 }],
    ] as const)('charges as said: %s', async (charge, expected) => {
      await theStore().transact(async (tx) => {
        await tx.plans.insert([aPlan(PLAN, await addBusiness(tx))]);
        await tx.messages.insert([
          { planId: PLAN, from: 0, recipients: [NUMBER], segments: 1, reserved: 3, parameters: null },
        ]);
        await tx.messages.move({
          ranges: [{ planId: PLAN, from: 0, to: 0 }],
          from: ['accepted'],
          to: 'failed',
          charge,
          at: AT,
        });
        expect(await tx.messages.byIndex(PLAN, 0)).toMatchObject(expected);
      });
    });

    test.each(MESSAGE_STATES)('to %s keeps when it was submitted and when it became final', async (to) => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        await tx.messages.move({
          ranges: [{ planId: PLAN, from: 0, to: 0 }],
          from: ['accepted'],
          to,
          charge: 'none',
          at: AT + 3,
        });
        expect(await tx.messages.byIndex(PLAN, 0)).toMatchObject({
          submittedAt: to === 'submitted' ? AT + 3 : null,
          finalAt: FINAL.includes(to) ? AT + 3 : null,
        });
      });
    });

    test('keeps the error, and drops it with the next change', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1);
        const change = { ranges: [{ planId: PLAN, from: 0, to: 0 }], charge: 'none', at: AT } as const;
        await tx.messages.move({ ...change, from: ['accepted'], to: 'queued', error: '0x58' });
        expect((await tx.messages.byIndex(PLAN, 0))?.error).toBe('0x58');
        await tx.messages.move({ ...change, from: ['queued'], to: 'submitted' });
        expect((await tx.messages.byIndex(PLAN, 0))?.error).toBe('');
      });
    });
  });

  describe('submitting', () => {
    test.each(MESSAGE_STATES)('out of %s happens only when it is named', async (state) => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 4);
        for (const index of [0, 1, 2]) await putInState(tx, PLAN, index, state);
        const submit = async (from: number, to: number, states: readonly (typeof MESSAGE_STATES)[number][]) => {
          const carrierIds = Array.from({ length: to - from + 1 }, (_, i) => `id-${i}`);
          const moved = await tx.messages.submit([{ planId: PLAN, from, to, parts: 1, carrierIds }], states, 1, AT);
          return moved.reduce((sum, { count }) => sum + count, 0);
        };
        const others = MESSAGE_STATES.filter((other) => other !== state);
        const before = await tx.messages.ofPlan(PLAN, -1, 3);
        expect(await submit(0, 0, others)).toBe(0);
        expect(await submit(0, 2, others)).toBe(0);
        expect(await tx.messages.ofPlan(PLAN, -1, 3)).toEqual(before);
        expect(await submit(0, 0, [state])).toBe(1);
        expect(await submit(1, 2, [state, 'invalid'])).toBe(2);
        expect((await tx.messages.ofPlan(PLAN, -1, 4)).map((row) => row.state)).toEqual([
          'submitted',
          'submitted',
          'submitted',
          'accepted',
        ]);
      });
    });

    test('settles, keeps the time, drops the error, and tells what was moved', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(PLAN, businessId, { total: 7 })]);
        const reserved = [1, 2, 4, 8, 16, 32, 64];
        await tx.messages.insert([
          { planId: PLAN, from: 0, recipients: numbers(7), segments: 2, reserved, parameters: null },
        ]);
        const ranges = [{ planId: PLAN, from: 0, to: 6 }];
        await tx.messages.move({ ranges, from: ['accepted'], to: 'dispatching', charge: 'none', at: AT, error: 'old' });
        await tx.messages.move({
          ranges: [{ planId: PLAN, from: 3, to: 3 }],
          from: ['dispatching'],
          to: 'failed',
          charge: 'release',
          at: AT,
        });
        const moved = await tx.messages.submit(
          [
            { planId: PLAN, from: 0, to: 0, parts: 2, carrierIds: ['a', 'b'] },
            { planId: PLAN, from: 2, to: 5, parts: 1, carrierIds: ['c', 'd', 'e', 'f'] },
            { planId: PLAN, from: 0, to: 1, parts: 1, carrierIds: ['g', 'h'] },
          ],
          ['dispatching'],
          1,
          AT + 9,
        );
        const run = { planId: PLAN, businessId };
        expect(moved).toEqual([
          { ...run, from: 0, to: 0, count: 1, reserved: 1 },
          { ...run, from: 2, to: 2, count: 1, reserved: 4 },
          { ...run, from: 4, to: 5, count: 2, reserved: 48 },
          { ...run, from: 1, to: 1, count: 1, reserved: 2 },
        ]);
        for (const row of await tx.messages.ofPlan(PLAN, -1, 10)) {
          if (row.index === 3) expect(row).toMatchObject({ state: 'failed', settled: 0, released: 8 });
          else if (row.index === 6) expect(row).toMatchObject({ state: 'dispatching', settled: 0, error: 'old' });
          else {
            expect(row).toMatchObject({
              state: 'submitted',
              settled: row.reserved,
              released: 0,
              error: '',
              submittedAt: AT + 9,
              finalAt: null,
            });
          }
        }
      });
    });
  });

  describe('parts and repeats', () => {
    test('a message is delivered when all its parts are', async () => {
      await theStore().transact(async (tx) => {
        await tx.plans.insert([aPlan(PLAN, await addBusiness(tx), { total: 2 })]);
        await tx.messages.insert([
          { planId: PLAN, from: 0, recipients: numbers(2), segments: 3, reserved: 3, parameters: null },
        ]);
        const count = (index: number) => tx.messages.countDeliveredPart(PLAN, index);
        expect([await count(0), await count(0), await count(1), await count(0)]).toEqual([false, false, false, true]);
        expect(await count(9)).toBe(false);
      });
    });

    test('repeats are counted one by one', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 2);
        await tx.messages.countRepeat(PLAN, 1);
        await tx.messages.countRepeat(PLAN, 1);
        expect((await tx.messages.ofPlan(PLAN, -1, 2)).map(({ repeats }) => repeats)).toEqual([0, 2]);
      });
    });
  });
}

import { describe, expect, test } from 'vitest';
import { FINAL, MESSAGE_STATES } from '../../domain/message.ts';
import { ID_EPOCH_MS, idAt, timeOfId } from '../../lib/ids.ts';
import type {
  InPartsRow,
  MessageFilter,
  MessagePage,
  MessagePlace,
  NewMessages,
  OpenedMessages,
  Range,
  RetryKey,
} from '../store.ts';
import {
  AT,
  addBusiness,
  addPlan,
  aPlan,
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
          refunded: 0,
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

    test.each([1, 2, 9])('are born claimed, as their first attempt: %i', async (count) => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(PLAN, businessId, { total: count })]);
        const claim = { channelId: 7, at: AT };
        const group = { planId: PLAN, from: 0, recipients: numbers(count), segments: 1, reserved: 1, parameters: null };
        await tx.messages.insert([{ ...group, claim }]);
        expect(await tx.messages.dispatching(null)).toEqual([{ planId: PLAN, from: 0, to: count - 1 }]);
        expect((await tx.messages.open([{ planId: PLAN, from: 0, to: count - 1 }], 8, AT)).planIds).toHaveLength(0);
        const claimed = { state: 'dispatching', attempts: 1, channelId: 7, dispatchedAt: AT };
        expect(await tx.messages.byIndex(PLAN, count - 1)).toMatchObject(claimed);
        await tx.messages.unopen([{ planId: PLAN, from: 0, to: count - 1 }]);
        const waiting = { state: 'accepted', attempts: 0, channelId: null, dispatchedAt: null };
        expect(await tx.messages.byIndex(PLAN, 0)).toMatchObject(waiting);
      });
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

    test('are listed page by page in every state, whole, of everybody and of a business', async () => {
      const made = new Map<string, string[]>();
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        for (const [i, planId] of [PLAN, OTHER, 3_000, 4_000].entries()) {
          await addPlan(tx, i % 2 === 0 ? mine : other, planId, 2 * MESSAGE_STATES.length);
          for (const [code, state] of MESSAGE_STATES.entries()) {
            for (const index of [code, code + MESSAGE_STATES.length]) {
              if (state !== 'accepted') await putInState(tx, planId, index, state);
              for (const key of [`${state} all`, ...(i % 2 === 0 ? [`${state} mine`] : [])])
                made.set(key, [`${planId}.${index}`, ...(made.get(key) ?? [])]);
            }
          }
        }
        for (const state of MESSAGE_STATES) {
          for (const [whose, businessId] of [['all', null] as const, ['mine', mine] as const]) {
            const listed: string[] = [];
            const filter = { businessId, planId: null, state, recipient: null, since: null, until: null, limit: 3 };
            let before: MessagePlace | null = null;
            do {
              const page: MessagePage = await tx.messages.list({ ...filter, before });
              expect(page.messages.length).toBeLessThanOrEqual(3);
              listed.push(...page.messages.map(({ planId, index }) => `${planId}.${index}`));
              before = page.next;
            } while (before !== null);
            expect(listed, `${state} ${whose}`).toEqual(made.get(`${state} ${whose}`));
          }
        }
      });
    });

    test('are listed by when they were accepted', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const at = (ms: number) => idAt(ms) + 5;
        for (const day of [1, 2, 3]) await addPlan(tx, businessId, at(ID_EPOCH_MS + day * 86_400_000), 1);
        const days = async (change: Partial<MessageFilter>) => {
          const filter = { businessId: null, planId: null, state: null, recipient: null, before: null, limit: 10 };
          const { messages } = await tx.messages.list({ ...filter, since: null, until: null, ...change });
          return messages.map(({ planId }) => Math.round((timeOfId(planId) - ID_EPOCH_MS) / 86_400_000));
        };
        const day = (count: number) => ID_EPOCH_MS + count * 86_400_000;
        for (const more of [{}, { recipient: NUMBER }, { state: 'accepted' as const }, { businessId }]) {
          expect(await days(more)).toEqual([3, 2, 1]);
          expect(await days({ ...more, since: day(2) })).toEqual([3, 2]);
          expect(await days({ ...more, until: day(2) })).toEqual([1]);
          expect(await days({ ...more, since: day(2), until: day(3) })).toEqual([2]);
          expect(await days({ ...more, since: day(4) })).toEqual([]);
        }
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
          const filter = {
            businessId: null,
            planId: null,
            state: null,
            recipient: null,
            since: null,
            until: null,
            before: null,
            limit: 10,
          };
          const found = await tx.messages.list({ ...filter, ...change });
          return found.messages.map(({ planId, index }) => `${planId}.${index}`);
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

    test('are found by a state within a time, from any place on, of everybody and of a business', async () => {
      await theStore().transact(async (tx) => {
        const owners = [await addBusiness(tx), await addBusiness(tx)];
        const day = (count: number) => ID_EPOCH_MS + count * 86_400_000;
        const states = ['failed', 'submitted', 'unreported', 'delivered'] as const;
        const all: { planId: number; index: number; owner: number; state: (typeof states)[number]; day: number }[] = [];
        for (let i = 0; i < 8; i++) {
          const [owner, planId] = [owners[i % 2]!, idAt(day(i)) + 5];
          await addPlan(tx, owner, planId, states.length);
          for (const [index, state] of states.entries()) {
            await putInState(tx, planId, index, state);
            all.unshift({ planId, index, owner, state, day: i });
          }
        }
        // A late report: it is not unreported any more.
        const late = all.find(({ state, day }) => state === 'unreported' && day === 4)!;
        const ranges = [{ planId: late.planId, from: late.index, to: late.index }];
        await tx.messages.move({ ranges, from: ['unreported'], to: 'delivered', charge: 'none', at: AT });
        late.state = 'delivered';
        all.sort((a, b) => b.planId - a.planId || b.index - a.index);
        const placeOf = ({ planId, index }: MessagePlace) => `${planId}.${index}`;
        for (const state of states) {
          for (const businessId of [null, ...owners]) {
            for (const [from, to] of [
              [0, 8],
              [2, 6],
              [5, 5],
            ] as const) {
              for (const before of [null, all[13]!]) {
                const expected = all
                  .slice(before === null ? 0 : 14)
                  .filter((one) => one.state === state && (businessId ?? one.owner) === one.owner)
                  .filter((one) => one.day >= from && one.day < to)
                  .map(placeOf);
                const filter = { businessId, planId: null, state, recipient: null, since: day(from), until: day(to) };
                const page = await tx.messages.list({ ...filter, before, limit: 50 });
                expect(page.messages.map(placeOf)).toEqual(expected);
                expect(page.next).toBeNull();
              }
            }
          }
        }
      });
    });

    test('that wait and have no retry are found plan by plan, with what they weigh', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, PLAN, 9);
        await addPlan(tx, businessId, OTHER, 1);
        await putInState(tx, PLAN, 2, 'dispatching');
        await putInState(tx, PLAN, 5, 'queued');
        await putInState(tx, PLAN, 6, 'delivered');
        const waiting = async (from: number, limit: number, ...more: number[]) => {
          const plans = [PLAN, ...more].map((planId, i) => ({ planId, from: i === 0 ? from : 0 }));
          const found = await tx.messages.waiting(plans, limit);
          expect([...found.recipients]).toEqual([...found.indexes].map((index) => NUMBER + index));
          expect([...found.segments]).toEqual([...found.indexes].map(() => 1));
          return { indexes: [...found.indexes], counts: found.plans.map(({ planId, count }) => [planId, count]) };
        };
        expect((await waiting(0, 100)).indexes).toEqual([0, 1, 3, 4, 5, 7, 8]);
        await tx.retries.add([{ planId: PLAN, index: 5, category: 'notification', dueAt: AT }]);
        expect(await waiting(0, 100)).toEqual({ indexes: [0, 1, 3, 4, 7, 8], counts: [[PLAN, 6]] });
        expect(await waiting(1, 4)).toEqual({ indexes: [1, 3, 4, 7], counts: [[PLAN, 4]] });
        expect(await waiting(9, 4)).toEqual({ indexes: [], counts: [[PLAN, 0]] });
        expect(await waiting(7, 3, OTHER)).toEqual({
          indexes: [7, 8, 0],
          counts: [
            [PLAN, 2],
            [OTHER, 1],
          ],
        });
        // There was no room left to look at the second.
        expect(await waiting(7, 2, OTHER)).toEqual({ indexes: [7, 8], counts: [[PLAN, 2]] });
        const [from] = (await tx.messages.waiting([{ planId: PLAN, from: 3 }], 2)).plans;
        expect(from).toEqual({ planId: PLAN, count: 2, next: 5 });
        const [over] = (await tx.messages.waiting([{ planId: PLAN, from: 3 }], 100)).plans;
        expect(over!.next).toBeGreaterThanOrEqual(9);
        await tx.plans.change(PLAN, { sendable: 8 });
        expect((await waiting(4, 100)).indexes).toEqual([4, 7]);
        await tx.plans.change(PLAN, { state: 'paused' });
        expect((await waiting(0, 100)).indexes).toEqual([]);
      });
    });

    test('that were not tried, or wait for their repeat, are told apart', async () => {
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 6, { state: 'paused' });
        for (const index of [2, 3, 4]) await putInState(tx, PLAN, index, 'queued');
        await putInState(tx, PLAN, 5, 'uncertain');
        for (const index of [3, 5]) await tx.messages.countRepeat(PLAN, index);
        const range = (from: number, to: number) => ({ planId: PLAN, from, to });
        expect(await tx.messages.untried(range(1, 4))).toEqual({ indexes: [1], recipients: [NUMBER + 1] });
        expect(await tx.messages.untried(range(6, 9))).toEqual({ indexes: [], recipients: [] });
        expect(await tx.messages.waitingRepeats(range(0, 5))).toEqual([3]);
        expect(await tx.messages.waitingRepeats(range(4, 5))).toEqual([]);
      });
    });

    test('to stopped recipients have failed from the beginning, and cost nothing', async () => {
      const stopped = { planId: PLAN, from: 1, recipients: [NUMBER + 5, NUMBER + 3], error: 'on a list' };
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1, { total: 3, accepted: 1, stopped: 2 });
        await tx.messages.insertStopped([stopped], AT + 1);
        await tx.messages.insertStopped([], AT);
        expect((await tx.messages.open([{ planId: PLAN, from: 0, to: 2 }], 1, AT)).indexes).toEqual(Uint32Array.of(0));
      });
      const of = { state: 'failed', segments: 0, reserved: 0, attempts: 0, error: 'on a list', finalAt: AT + 1 };
      expect((await rows()).slice(1)).toMatchObject([
        { index: 1, recipient: NUMBER + 5, ...of },
        { index: 2, recipient: NUMBER + 3, ...of },
      ]);
    });

    test('to invalid recipients are final from the beginning, and cost nothing', async () => {
      const texts = ['12', '😀'.repeat(70)];
      await theStore().transact(async (tx) => {
        await addPlan(tx, await addBusiness(tx), PLAN, 1, { total: 3, accepted: 1, invalid: 2 });
        await tx.messages.insertInvalid([{ planId: PLAN, from: 1, texts }], AT + 1);
        await tx.messages.insertInvalid([], AT);
      });
      const [valid, ...invalid] = await rows();
      expect(valid!.state).toBe('accepted');
      expect(invalid).toMatchObject([
        { index: 1, recipient: 0, state: 'invalid', segments: 0, reserved: 0, error: '12', finalAt: AT + 1 },
        { index: 2, recipient: 0, state: 'invalid', error: '😀'.repeat(64) },
      ]);
      await theStore().transact(async (tx) => {
        expect((await tx.messages.open([{ planId: PLAN, from: 0, to: 2 }], 1, AT)).indexes).toEqual(Uint32Array.of(0));
      });
    });

    test('being dispatched are found over all plans that have not ended', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        for (const [id, state] of [
          [1_000, 'running'],
          [2_000, 'paused'],
          [3_000, 'done'],
          [4_000, 'staged'],
          [5_000, 'cancelled'],
        ] as const) {
          await addPlan(tx, businessId, id, 5, { state });
          for (const index of id === 1_000 ? [0, 1, 3] : [4]) await putInState(tx, id, index, 'dispatching');
          await putInState(tx, id, 2, 'uncertain');
        }
        expect(await tx.messages.dispatching(null)).toEqual([
          { planId: 1_000, from: 0, to: 1 },
          { planId: 1_000, from: 3, to: 3 },
          { planId: 2_000, from: 4, to: 4 },
          { planId: 5_000, from: 4, to: 4 },
        ]);
        await tx.messages.open([{ planId: 1_000, from: 2, to: 2 }], 7, AT);
        await tx.messages.open([{ planId: 1_000, from: 4, to: 4 }], 7, AT);
        expect(await tx.messages.dispatching(7)).toEqual([{ planId: 1_000, from: 4, to: 4 }]);
        expect(await tx.messages.dispatching(8)).toEqual([]);
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
        { number: 1, channelId: 7, openedAt: AT, repeat: false },
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

    test('knows which channels wanted it to be sent over another', async () => {
      await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 2));
      const refuse = (index: number) => theStore().transact((tx) => tx.messages.refuse(PLAN, index));
      const back = () =>
        theStore().transact((tx) =>
          tx.messages.move({
            ranges: [{ planId: PLAN, from: 0, to: 1 }],
            from: ['dispatching'],
            to: 'queued',
            charge: 'none',
            at: AT,
          }),
        );
      expect(await refuse(0)).toEqual([]);
      await open(0, 1, AT, 7);
      expect(await refuse(0)).toEqual([7]);
      expect(await refuse(0)).toEqual([7]);
      await back();
      await open(0, 1, AT + 1, 8);
      expect(await refuse(1)).toEqual([8]);
      await back();
      await open(0, 0, AT + 2, 9);
      expect(await refuse(0)).toEqual([7, 9]);
      const lease = await theStore().transact(async (tx) => {
        await tx.messages.move({
          ranges: [{ planId: PLAN, from: 0, to: 0 }],
          from: ['dispatching'],
          to: 'queued',
          charge: 'none',
          at: AT,
        });
        await tx.retries.add(
          [0, 1].map((index) => ({ planId: PLAN, index, category: 'notification' as const, dueAt: AT })),
        );
        return tx.retries.lease('notification', AT, AT + 100, 10);
      });
      expect(lease.map(({ index, refusedBy }) => [index, refusedBy])).toEqual([
        [0, [7, 9]],
        [1, [8]],
      ]);
    });

    test('leaves what a retry speaks of to that retry, unless it was tried meanwhile', async () => {
      await theStore().transact(async (tx) => addPlan(tx, await addBusiness(tx), PLAN, 40));
      const all = [{ planId: PLAN, from: 0, to: 39 }];
      const back = () =>
        theStore().transact((tx) =>
          tx.messages.move({ ranges: all, from: ['dispatching'], to: 'queued', charge: 'none', at: AT }),
        );
      const again = (ranges: readonly Range[], retries: readonly RetryKey[]) =>
        theStore().transact(async (tx) => rowsOf(await tx.messages.open(ranges, 8, AT + 1, retries)));
      const indexes = (rows: readonly { index: number }[]) => rows.map(({ index }) => index);
      const key = (index: number, attempts: number) => ({ planId: PLAN, index, attempts });
      await open(0, 39, AT);
      await back();
      const spoken = [0, 7, 8];
      await theStore().transact((tx) =>
        tx.retries.add(spoken.map((index) => ({ planId: PLAN, index, category: 'notification', dueAt: AT + 50 }))),
      );
      // One by one, in a short range and in a long one.
      expect(indexes(await again([{ planId: PLAN, from: 0, to: 0 }], []))).toEqual([]);
      expect(indexes(await again([{ planId: PLAN, from: 6, to: 9 }], []))).toEqual([6, 9]);
      const rest = Array.from({ length: 40 }, (_, index) => index).filter(
        (index) => ![6, 9, ...spoken].includes(index),
      );
      expect(indexes(await again(all, []))).toEqual(rest);
      // A retry is of one attempt.
      expect(await again(all, [key(0, 0), key(7, 2)])).toEqual([]);
      expect(indexes(await again(all, [key(7, 0), key(7, 1), key(7, 1), key(0, 1), key(41, 0)]))).toEqual([7, 0]);
      expect(await again(all, [key(0, 1), key(7, 1)])).toEqual([]);
      expect(await messageOf(theStore(), PLAN, 7)).toMatchObject({ state: 'dispatching', attempts: 2, channelId: 8 });
      expect(await messageOf(theStore(), PLAN, 8)).toMatchObject({ state: 'queued', attempts: 1, channelId: 7 });
      await back();
      // What no retry speaks of any more is anybody's, once.
      await theStore().transact((tx) => tx.retries.remove(spoken.map((index) => ({ planId: PLAN, index }))));
      expect(indexes(await again([{ planId: PLAN, from: 7, to: 8 }], [key(8, 1), key(7, 2)]))).toEqual([7, 8]);
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
        expect(await messageOf(theStore(), PLAN, 0)).toMatchObject({
          state: 'queued',
          attempts: 1,
          channelId: 7,
          dispatchedAt: AT,
        });
        const first = { number: 1, channelId: 7, openedAt: AT, repeat: false };
        expect(await attempts(0)).toEqual([first]);
        await open(0, 0, AT + 2, 9);
        expect(await attempts(0)).toEqual([first, { number: 2, channelId: 9, openedAt: AT + 2, repeat: false }]);
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
              refunded: 0,
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
          { planId: PLAN, from: 0, recipients: numbers(2), segments: 4, reserved: 4, parameters: null },
        ]);
        const count = (...indexes: number[]) =>
          tx.messages.countDeliveredParts(indexes.map((index) => ({ planId: PLAN, index, parts: 3 })));
        expect(await count(0)).toEqual([false]);
        expect(await count(0, 1, 0)).toEqual([false, false, true]);
        expect(await count(9, 1, 1)).toEqual([false, false, true]);
        expect(await count()).toEqual([]);
      });
    });

    test('a message that ends in part is settled in part, only out of the states that are named', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await tx.plans.insert([aPlan(PLAN, businessId, { total: 2 })]);
        await tx.messages.insert([
          { planId: PLAN, from: 0, recipients: numbers(2), segments: 3, reserved: 9, parameters: null },
        ]);
        const change = {
          planId: PLAN,
          index: 0,
          to: 'refused',
          settled: 6,
          at: AT + 5,
          error: 'why',
          carrierIds: ['a', 'b'],
        } as const;
        expect(await tx.messages.endInParts({ ...change, from: ['queued', 'dispatching'] })).toBe(null);
        expect(await tx.messages.byIndex(PLAN, 0)).toMatchObject({ state: 'accepted', settled: 0, released: 0 });
        const touched = { planId: PLAN, businessId, from: 0, to: 0, count: 1, reserved: 9 };
        expect(await tx.messages.endInParts({ ...change, from: ['accepted'] })).toEqual(touched);
        expect(await tx.messages.byIndex(PLAN, 0)).toMatchObject({
          state: 'refused',
          settled: 6,
          released: 3,
          error: 'why',
          finalAt: AT + 5,
        });
        expect(await tx.messages.byIndex(PLAN, 1)).toMatchObject({ state: 'accepted', settled: 0, released: 0 });
        expect(await tx.messages.carrierIds(PLAN, 0)).toEqual(['a', 'b']);
      });
    });

    test('what is known of parts comes back as it was put in, one row a message', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.inParts.any()).toBe(false);
        expect(await tx.inParts.byMessage(PLAN, 0)).toBe(null);
        const row = (index: number, change: Partial<InPartsRow> = {}): InPartsRow => ({
          planId: PLAN,
          index,
          channelId: 1,
          reference: 255,
          round: 1,
          parts: [{ kind: 'accepted', carrierId: 'é "1' }, { kind: 'unknown' }, { kind: 'missing' }],
          reported: null,
          ...change,
        });
        const second = row(3, { round: 2, reported: { state: 'expired', error: '007' } });
        for (const each of [row(3), row(0), row(5), second, row(3, { planId: PLAN + 1 })]) await tx.inParts.put(each);
        expect(await tx.inParts.any()).toBe(true);
        expect(await tx.inParts.byMessage(PLAN, 3)).toEqual(second);
        expect(await tx.inParts.ofRange({ planId: PLAN, from: 0, to: 4 })).toEqual([row(0), second]);
        await tx.inParts.remove(PLAN, 3);
        expect(await tx.inParts.byMessage(PLAN, 3)).toBe(null);
        expect(await tx.inParts.ofRange({ planId: PLAN, from: 1, to: 5 })).toEqual([row(5)]);
        expect(await tx.inParts.byMessage(PLAN + 1, 3)).not.toBe(null);
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

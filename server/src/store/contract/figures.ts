import { describe, expect, test } from 'vitest';
import { FIGURE_DIMENSIONS, type FigureRow, LIVE_FEED, NO_SUMS } from '../../domain/figure.ts';
import { AT, addBusiness, addPlan, idOf, NUMBER, putInState, type TheStore } from './seed.ts';

const SECOND_CHANNEL = 2;

export function figuresContract(theStore: TheStore): void {
  const row = (businessId: number, quarter: number, more: Partial<FigureRow> = {}): FigureRow => ({
    ...NO_SUMS,
    businessId,
    quarter,
    channelId: 1,
    country: 'CN',
    category: 'notification',
    templateId: 5,
    currency: 'EUR',
    sent: 1,
    segments: 2,
    settled: 3,
    cost: 4,
    ...more,
  });

  describe('figures', () => {
    test('are added to what is there, and summed over time by what is asked for', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.figures.add([
          row(mine, 10),
          row(mine, 10, { delivered: 1, sent: 0, segments: 0, settled: 0, cost: 0 }),
        ]);
        await tx.figures.add([
          row(mine, 10, { refunded: 1, failed: 1 }),
          row(mine, 11, { country: null, channelId: null, currency: null, cost: 0 }),
          row(mine, 12, { channelId: SECOND_CHANNEL, category: 'marketing', templateId: 6 }),
          row(other, 11, { currency: 'USD' }),
        ]);
        const { businessId: _b, quarter: _q, ...first } = row(mine, 10);
        const of = (
          businessId: number | null,
          from: number,
          to: number,
          by: readonly (typeof FIGURE_DIMENSIONS)[number][],
        ) => tx.figures.sums({ businessId, from, to, by });
        expect(await of(mine, 10, 11, FIGURE_DIMENSIONS)).toEqual([
          {
            ...first,
            businessId: mine,
            sent: 2,
            delivered: 1,
            failed: 1,
            segments: 4,
            settled: 6,
            refunded: 1,
            cost: 8,
          },
        ]);
        expect(await of(mine, 11, 12, ['channel', 'country'])).toEqual([
          { ...NO_SUMS, channelId: null, country: null, currency: null, sent: 1, segments: 2, settled: 3 },
        ]);
        expect(
          (await of(mine, 0, 100, ['category'])).map(({ category, sent, currency }) => [category, sent, currency]),
        ).toEqual([
          ['notification', 1, null],
          ['notification', 2, 'EUR'],
          ['marketing', 1, 'EUR'],
        ]);
        expect((await of(null, 0, 100, [])).map(({ currency, sent }) => [currency, sent])).toEqual([
          [null, 1],
          ['EUR', 3],
          ['USD', 1],
        ]);
        expect((await of(null, 11, 12, ['business'])).map(({ businessId }) => businessId)).toEqual([mine, other]);
        expect(await of(other, 12, 100, [])).toEqual([]);
      });
    });

    test('one feed counts what happens; another forgets some quarters and counts them again', async () => {
      await theStore().transact(async (tx) => {
        const business = await addBusiness(tx);
        expect(await tx.figures.feed(LIVE_FEED)).toEqual({ id: LIVE_FEED, eventId: 0, again: null });
        expect(await tx.figures.rebuilding()).toBe(null);
        await tx.figures.moveFeed(LIVE_FEED, 77);
        expect(await tx.figures.feed(LIVE_FEED)).toMatchObject({ eventId: 77 });
        await tx.figures.add([9, 10, 11, 12].map((quarter) => row(business, quarter)));
        await tx.figures.countAgain({ eventId: 30, untilEvent: 77, from: 10, to: 12 });
        const left = await tx.figures.sums({ businessId: business, from: 0, to: 100, by: [] });
        expect(left).toMatchObject([{ sent: 2 }]);
        const again = (await tx.figures.rebuilding())!;
        expect(again).toEqual({ id: expect.any(Number), eventId: 30, again: { untilEvent: 77, from: 10, to: 12 } });
        expect(await tx.figures.feed(again.id)).toEqual(again);
        await tx.figures.closeFeed(again.id);
        expect(await tx.figures.rebuilding()).toBe(null);
        expect(await tx.figures.feed(again.id)).toBe(null);
      });
    });
  });

  test('what figures count of the messages of runs is read, alike ones together or not', async () => {
    await theStore().transact(async (tx) => {
      const business = await addBusiness(tx);
      const [one, two] = [idOf(AT, 1), idOf(AT, 2)];
      await addPlan(tx, business, one, 4, { category: 'marketing', templateId: 9 });
      await addPlan(tx, business, two, 1);
      await tx.messages.submit([{ planId: one, from: 1, to: 1, parts: 1, carrierIds: ['a'] }], ['accepted'], 1, AT + 5);
      await putInState(tx, two, 0, 'failed');
      const found: unknown[] = [];
      await tx.messages.counted(
        [
          [one, 1, 3],
          [two, 0, 0],
          [idOf(AT, 99), 0, 5],
        ],
        ({ recipients, ...alike }) => {
          for (const recipient of recipients) found.push({ ...alike, recipient });
        },
      );
      const common = { businessId: business, channelId: null, segments: 1, reserved: 1, refunded: 0 };
      const waiting = {
        ...common,
        category: 'marketing',
        templateId: 9,
        settled: 0,
        submittedAt: null,
        finalAt: null,
      };
      const all = [
        { ...waiting, recipient: NUMBER + 1, settled: 1, submittedAt: AT + 5 },
        { ...waiting, recipient: NUMBER + 2 },
        { ...waiting, recipient: NUMBER + 3 },
        {
          ...common,
          category: 'notification',
          templateId: 1,
          recipient: NUMBER,
          settled: 0,
          submittedAt: null,
          finalAt: AT,
        },
      ];
      expect(found).toEqual(expect.arrayContaining(all));
      expect(found).toHaveLength(all.length);
    });
  });

  test('what was settled is given back once, for messages reported not to have arrived', async () => {
    await theStore().transact(async (tx) => {
      const business = await addBusiness(tx);
      const plan = await addPlan(tx, business, idOf(AT, 1), 4);
      await tx.messages.submit(
        [{ planId: plan, from: 0, to: 3, parts: 1, carrierIds: ['a', 'b', 'c', 'd'] }],
        ['accepted'],
        1,
        AT,
      );
      const move = (index: number, to: 'delivered' | 'undelivered' | 'expired') =>
        tx.messages.move({
          ranges: [{ planId: plan, from: index, to: index }],
          from: ['submitted'],
          to,
          charge: 'none',
          at: AT,
        });
      await move(0, 'undelivered');
      await move(1, 'delivered');
      await move(2, 'expired');
      expect(await tx.messages.refund([{ planId: plan, from: 0, to: 0 }])).toEqual([1]);
      const rest = { planId: plan, from: 0, to: 3 };
      expect(await tx.messages.refund([rest, rest])).toEqual([1, 0]);
      const rows = await tx.messages.ofPlan(plan, -1, 10);
      expect(rows.map(({ refunded }) => refunded)).toEqual([1, 0, 1, 0]);
    });
  });

  test('what carriers accepted over a channel is read in order, with their ids, some at a time', async () => {
    await theStore().transact(async (tx) => {
      const business = await addBusiness(tx);
      const [one, two, three] = [idOf(AT, 1), idOf(AT, 2), idOf(AT + 5, 1)];
      for (const [plan, count] of [
        [one, 4],
        [two, 1],
        [three, 2],
      ] as const) {
        await addPlan(tx, business, plan, count, { category: 'marketing' });
      }
      const submit = async (
        planId: number,
        from: number,
        to: number,
        parts: number,
        ids: string,
        channel: number,
        at: number,
      ) => {
        await tx.messages.open([{ planId, from, to }], channel, at);
        const run = { planId, from, to, parts, carrierIds: ids.split(' ') };
        await tx.messages.submit([run], ['dispatching'], channel, at);
      };
      await submit(one, 0, 2, 2, 'a b c d e f', 1, AT + 10);
      await submit(one, 3, 3, 1, 'g', SECOND_CHANNEL, AT + 10);
      await submit(two, 0, 0, 1, 'h', 1, AT + 20);
      await submit(three, 0, 1, 1, 'i j', 1, AT + 30);
      const all = async (from: number, to: number, limit: number) => {
        const found: string[] = [];
        for (let after: { planId: number; index: number } | null = { planId: 0, index: -1 }; after !== null; ) {
          const page: Awaited<ReturnType<typeof tx.messages.submitted>> = await tx.messages.submitted({
            channelId: 1,
            from,
            to,
            after,
            limit,
          });
          expect(page.messages.length).toBeLessThanOrEqual(limit);
          for (const { planId, index, carrierIds } of page.messages)
            found.push(`${planId}.${index} ${carrierIds.join(' ')}`);
          after = page.next;
        }
        return found;
      };
      const expected = [`${one}.0 a b`, `${one}.1 c d`, `${one}.2 e f`, `${two}.0 h`, `${three}.0 i`, `${three}.1 j`];
      for (const limit of [1, 2, 3, 100]) expect(await all(AT, AT + 100, limit)).toEqual(expected);
      expect(await all(AT + 11, AT + 30, 10)).toEqual([`${two}.0 h`]);
      const { messages } = await tx.messages.submitted({
        channelId: 1,
        from: AT + 20,
        to: AT + 21,
        after: { planId: 0, index: -1 },
        limit: 9,
      });
      expect(messages).toEqual([
        {
          planId: two,
          index: 0,
          recipient: NUMBER,
          segments: 1,
          category: 'marketing',
          state: 'submitted',
          submittedAt: AT + 20,
          carrierIds: ['h'],
        },
      ]);
    });
  });
}

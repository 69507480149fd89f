import { describe, expect, test } from 'vitest';
import { effectOf, type LedgerKind } from '../../domain/ledger.ts';
import type { NewLedgerEntry, Tx } from '../store.ts';
import { AT, addBusiness, addPlan, idOf, type TheStore } from './seed.ts';

const ALL = { businessId: null, kind: null, states: null };

export function moneyContract(theStore: TheStore): void {
  let nextId = 0;

  /** Adds an entry and moves the balance with it, as services do. */
  async function book(tx: Tx, businessId: number, kind: LedgerKind, credits: number, planId: number | null = null) {
    const effect = effectOf(kind, credits);
    const after = await tx.businesses.moveCredits(businessId, effect.available, effect.reserved);
    const entry: NewLedgerEntry = {
      id: idOf(AT, ++nextId),
      businessId,
      planId,
      kind,
      credits,
      availableAfter: after.available,
      reservedAfter: after.reserved,
      reason: '',
      at: AT,
    };
    await tx.ledger.add([entry]);
    return entry;
  }

  describe('ledger', () => {
    test('shows the entries of a business newest first, a part at a time', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        const kinds = ['top-up', 'reserve', 'settle', 'refund', 'correction'] as const;
        const entries = [];
        for (const kind of kinds) entries.push(await book(tx, mine, kind, 5, kind === 'top-up' ? null : 7));
        await book(tx, other, 'top-up', 1);
        const shown = entries.map(({ businessId: _, ...entry }) => entry).reverse();
        expect(await tx.ledger.ofBusiness(mine, null, 10)).toEqual(shown);
        expect(await tx.ledger.ofBusiness(mine, null, 2)).toEqual(shown.slice(0, 2));
        expect(await tx.ledger.ofBusiness(mine, shown[1]!.id, 2)).toEqual(shown.slice(2, 4));
        expect(await tx.ledger.ofBusiness(mine, entries[0]!.id, 2)).toEqual([]);
      });
    });

    test('never takes an entry twice', async () => {
      const twice = theStore().transact(async (tx) => {
        const entry = await book(tx, await addBusiness(tx), 'top-up', 5);
        await tx.ledger.add([entry]);
      });
      await expect(twice).rejects.toThrow();
    });

    test('sums entries by kind, from one to another, and finds the first since a time', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        const first = await book(tx, mine, 'top-up', 10);
        const second = await book(tx, mine, 'reserve', 4);
        const third = await book(tx, mine, 'settle', 3);
        const fourth = await book(tx, mine, 'correction', -2);
        await book(tx, other, 'top-up', 1);
        expect(await tx.ledger.sums(mine, first.id, fourth.id)).toEqual({ 'top-up': 10, reserve: 4, settle: 3 });
        expect(await tx.ledger.sums(mine, third.id, null)).toEqual({ settle: 3, correction: -2 });
        expect(await tx.ledger.sums(mine, first.id, first.id)).toEqual({});
        const some = await tx.ledger.between(mine, second.id, null, ['reserve', 'correction']);
        expect(some.map(({ id }) => id)).toEqual([second.id, fourth.id]);
        expect(await tx.ledger.firstSince(mine, AT)).toBe(first.id);
        expect(await tx.ledger.firstSince(mine, AT + 1)).toBe(null);
        const { businessId: _, ...later } = { ...fourth, id: idOf(AT + 9), at: AT + 9 };
        await tx.ledger.add([{ businessId: mine, ...later }]);
        expect(await tx.ledger.firstSince(mine, AT + 1)).toBe(later.id);
        expect(await tx.ledger.firstSince(other, AT + 1)).toBe(null);
      });
    });

    test('finds an entry by how many stand before it', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        const ids = [];
        for (let i = 0; i < 4; i++) {
          ids.push((await book(tx, mine, 'top-up', 1)).id);
          await book(tx, other, 'top-up', 1);
        }
        expect(await tx.ledger.behind(mine, 0, 0)).toBe(ids[0]);
        expect(await tx.ledger.behind(mine, 0, 3)).toBe(ids[3]);
        expect(await tx.ledger.behind(mine, 0, 4)).toBe(null);
        expect(await tx.ledger.behind(mine, 0, 2, ids[2]! + 1)).toBe(ids[2]);
        expect(await tx.ledger.behind(mine, 0, 2, ids[2]!)).toBe(null);
        expect(await tx.ledger.behind(mine, ids[1]!, 1)).toBe(ids[2]);
        expect(await tx.ledger.behind(mine, ids[1]! + 1, 0)).toBe(ids[2]);
      });
    });

    test('adds up what entries say of plans, each by itself', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await book(tx, mine, 'top-up', 100);
        const first = await book(tx, mine, 'reserve', 9, 5);
        await book(tx, mine, 'reserve', 4, 7);
        await book(tx, other, 'top-up', 50);
        await book(tx, other, 'reserve', 50, 5);
        await book(tx, mine, 'settle', 3, 5);
        await book(tx, mine, 'settle', 2, 5);
        await book(tx, mine, 'release', 4, 5);
        const last = await book(tx, mine, 'refund', 1, 5);
        const five = { planId: 5, reserved: 9, settled: 5, released: 4, refunded: 1 };
        const seven = { planId: 7, reserved: 4, settled: 0, released: 0, refunded: 0 };
        const money = (from: number, to: number | null, plans: number[]) =>
          tx.ledger.moneyOfPlans(mine, from, to, { first: plans[0]!, last: plans[1]! });
        expect(await money(0, null, [5, 7])).toEqual([five, seven]);
        expect(await money(0, null, [5, 6])).toEqual([five]);
        expect(await money(0, null, [8, 9])).toEqual([]);
        expect(await money(first.id + 1, last.id, [5, 6])).toEqual([{ ...five, reserved: 0, refunded: 0 }]);
      });
    });

    test('keeps with what months began, each once, newest first', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        const opening = (at: number, available: number) => ({ businessId: mine, at, available, reserved: 1 });
        for (const each of [opening(AT, 5), opening(AT + 9, 6), opening(AT + 5, 7)]) await tx.ledger.addOpening(each);
        await tx.ledger.addOpening(opening(AT, 99));
        expect(await tx.ledger.openings(mine, null, 10)).toEqual([
          opening(AT + 9, 6),
          opening(AT + 5, 7),
          opening(AT, 5),
        ]);
        expect(await tx.ledger.openings(mine, AT + 9, 1)).toEqual([opening(AT + 5, 7)]);
        expect(await tx.ledger.openings(other, null, 10)).toEqual([]);
      });
    });

    test('shows the entries of a plan oldest first, those of its life only', async () => {
      const planId = idOf(AT);
      await theStore().transact(async (tx) => {
        const [businessId, other] = [await addBusiness(tx), await addBusiness(tx)];
        await addPlan(tx, businessId, planId, 1, { createdAt: AT });
        const entry = (id: number, change: Partial<NewLedgerEntry> = {}): NewLedgerEntry => ({
          id,
          businessId,
          planId,
          kind: 'settle',
          credits: 1,
          availableAfter: 0,
          reservedAfter: 0,
          reason: '',
          at: AT,
          ...change,
        });
        const day = 86_400_000;
        await tx.ledger.add([
          entry(idOf(AT + day)),
          entry(idOf(AT, 9), { kind: 'reserve' }),
          entry(idOf(AT + 1_000), { planId: planId + 1 }),
          entry(idOf(AT + 1_000, 1), { businessId: other }),
          entry(idOf(AT + 2_000)),
        ]);
        const ids = async (until: number | null, since = AT) =>
          (await tx.ledger.ofPlan(businessId, planId, since, until)).map(({ id }) => id);
        expect(await ids(null)).toEqual([idOf(AT, 9), idOf(AT + 2_000), idOf(AT + day)]);
        expect(await ids(AT + day)).toEqual([idOf(AT, 9), idOf(AT + 2_000), idOf(AT + day)]);
        expect(await ids(AT + 2_000)).toEqual([idOf(AT, 9), idOf(AT + 2_000)]);
        expect(await ids(AT + day, AT + day)).toEqual([idOf(AT + day)]);
      });
    });
  });

  describe('the money of messages', () => {
    test('is read plan by plan, in pieces that end anywhere', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const planIds = [0, 1, 2].map((n) => idOf(AT, n));
        for (const [i, planId] of planIds.entries()) await addPlan(tx, businessId, planId, [5, 1, 3][i]!);
        const moved = { from: ['accepted'], to: 'submitted', charge: 'settle', at: AT } as const;
        await tx.messages.move({ ranges: [{ planId: planIds[0]!, from: 1, to: 2 }], ...moved });
        const undelivered = { from: ['submitted'], to: 'undelivered', charge: 'none', at: AT + 9 } as const;
        await tx.messages.move({ ranges: [{ planId: planIds[0]!, from: 1, to: 1 }], ...undelivered });
        await tx.messages.refund([{ planId: planIds[0]!, from: 1, to: 1 }]);
        const money = (planId: number, index: number, last: number, limit: number) =>
          tx.messages.money({ planId, index }, last, limit);
        const [a, b, c] = planIds as [number, number, number];
        const of = (planId: number, reserved: number) => ({
          ...{ planId, reserved, settled: 0, released: 0, refunded: 0, refundedAt: 0 },
        });
        const whole = { ...of(a, 5), settled: 2, refunded: 1, refundedAt: AT + 9 };
        expect(await money(a, -1, c, 100)).toEqual({ plans: [whole, of(b, 1), of(c, 3)], next: null });
        expect(await money(a, -1, b, 100)).toEqual({ plans: [whole, of(b, 1)], next: null });
        expect(await money(a, -1, c, 2)).toEqual({
          plans: [{ ...of(a, 2), settled: 1, refunded: 1, refundedAt: AT + 9 }],
          next: { planId: a, index: 1 },
        });
        expect(await money(a, 1, c, 5)).toEqual({
          plans: [{ ...of(a, 3), settled: 1 }, of(b, 1), of(c, 1)],
          next: { planId: c, index: 0 },
        });
        expect(await money(c, 0, c, 2)).toEqual({ plans: [of(c, 2)], next: { planId: c, index: 2 } });
        expect(await money(c, 2, c, 2)).toEqual({ plans: [], next: null });
      });
    });

    test('is asked for by requests to send, in the order of their ids', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        for (const n of [2, 0, 1]) await addPlan(tx, businessId, idOf(AT, n), 1, { createdAt: AT + n });
        await addPlan(tx, businessId, idOf(AT, 3), 1, { state: 'staged' });
        await addPlan(tx, businessId, idOf(AT, 4), 1, { state: 'draft' });
        await tx.plans.answered([{ planId: idOf(AT, 1), count: 1 }], AT + 50);
        const plan = (n: number, doneAt: number | null = null) => ({
          ...{ id: idOf(AT, n), businessId, createdAt: AT + n, doneAt },
        });
        expect(await tx.plans.requests(0, 10)).toEqual([plan(0), plan(1, AT + 50), plan(2)]);
        expect(await tx.plans.requests(idOf(AT), 1)).toEqual([plan(1, AT + 50)]);
      });
    });
  });

  describe('ledger faults', () => {
    const faults = () => theStore().read((reader) => reader.ledger.faults());

    /** A business with 100 credits and a plan of 5 messages, all sound. */
    async function sound(): Promise<{ businessId: number; planId: number }> {
      return theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const planId = idOf(AT, ++nextId);
        await book(tx, businessId, 'top-up', 100);
        await addPlan(tx, businessId, planId, 5);
        await book(tx, businessId, 'reserve', 5, planId);
        return { businessId, planId };
      });
    }
    const settle = (tx: Tx, planId: number, charge: 'settle' | 'release' | 'none') =>
      tx.messages.move({
        ranges: [{ planId, from: 0, to: 1 }],
        from: ['accepted'],
        to: charge === 'settle' ? 'submitted' : 'failed',
        charge,
        at: AT,
      });

    test('are none while everything agrees', async () => {
      expect(await faults()).toEqual([]);
      const { businessId, planId } = await sound();
      await sound();
      expect(await faults()).toEqual([]);
      await theStore().transact(async (tx) => {
        await settle(tx, planId, 'settle');
        await book(tx, businessId, 'settle', 2, planId);
        await book(tx, businessId, 'refund', 1);
        await book(tx, businessId, 'correction', -3);
      });
      expect(await faults()).toEqual([]);
    });

    test.each([
      ['available credits that no entry explains', 1, 0],
      ['reserved credits that no entry explains', 0, 1],
      ['credits that moved without an entry', -1, 1],
    ])('name the business: %s', async (_what, available, reserved) => {
      const { businessId } = await sound();
      await sound();
      await theStore().transact((tx) => tx.businesses.moveCredits(businessId, available, reserved));
      expect(await faults()).toEqual([
        {
          businessId,
          planId: null,
          what: `balance ${95 + available}/${5 + reserved}, entries say 95/5`,
        },
      ]);
    });

    test('name a business whose credits come from nowhere at all', async () => {
      const businessId = await theStore().transact(async (tx) => {
        const id = await addBusiness(tx);
        await tx.businesses.moveCredits(id, 7, 0);
        return id;
      });
      expect(await faults()).toEqual([{ businessId, planId: null, what: 'balance 7/0, entries say 0/0' }]);
    });

    test.each(['settle', 'release'] as const)(
      'name the plan whose messages say more than its entries: %s',
      async (charge) => {
        const { businessId, planId } = await sound();
        await sound();
        await theStore().transact((tx) => settle(tx, planId, charge));
        const found = await faults();
        expect(found).toEqual([{ businessId, planId, what: expect.stringContaining(`${charge}d 2`) }]);
      },
    );

    test.each(['settle', 'release'] as const)(
      'name the plan whose entries say more than its messages: %s',
      async (kind) => {
        const { businessId, planId } = await sound();
        await theStore().transact((tx) => book(tx, businessId, kind, 2, planId));
        expect((await faults()).map(({ planId }) => planId)).toEqual([planId]);
      },
    );

    test('name a plan without its reserve, and one without its messages', async () => {
      const [noReserve, noMessages] = await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await book(tx, businessId, 'top-up', 9);
        await addPlan(tx, businessId, idOf(AT, 1_000), 2);
        await addPlan(tx, businessId, idOf(AT, 1_001), 0);
        await book(tx, businessId, 'reserve', 2, idOf(AT, 1_001));
        return [idOf(AT, 1_000), idOf(AT, 1_001)];
      });
      expect((await faults()).map(({ planId }) => planId)).toEqual([noReserve, noMessages]);
    });

    test('see a settle that was booked as a release', async () => {
      const { businessId, planId } = await sound();
      await theStore().transact(async (tx) => {
        await settle(tx, planId, 'settle');
        await book(tx, businessId, 'release', 2, planId);
      });
      expect((await faults()).map(({ planId }) => planId)).toEqual([planId]);
    });
  });

  describe('events', () => {
    test('are read in order after an id, of one business or of all', async () => {
      const event = (id: number, businessId: number) => ({
        id,
        businessId,
        at: AT + id,
        body: { kind: 'signature.changed' as const, signatureId: id },
      });
      await theStore().transact(async (tx) => {
        expect(await tx.events.last()).toBe(0);
        const events = [event(3, 1), event(5, 2), event(8, 1), event(9, 1)];
        await tx.events.add(events.slice(0, 1));
        await tx.events.add(events.slice(1));
        expect(await tx.events.last()).toBe(9);
        expect(await tx.events.after(0, ALL, 10)).toEqual(events);
        expect(await tx.events.after(3, ALL, 2)).toEqual(events.slice(1, 3));
        expect(await tx.events.after(0, { ...ALL, businessId: 1 }, 10)).toEqual([events[0], events[2], events[3]]);
        expect(await tx.events.after(3, { ...ALL, businessId: 1 }, 1)).toEqual([events[2]]);
        expect(await tx.events.after(9, ALL, 10)).toEqual([]);
        expect(await tx.events.page(0, ALL, 10)).toEqual({ events, next: null });
        expect(await tx.events.page(0, ALL, events.length)).toEqual({ events, next: null });
        expect(await tx.events.page(3, { ...ALL, businessId: 1 }, 1)).toEqual({
          events: [events[2]],
          next: events[2]!.id,
        });
        const reviewed = {
          id: 11,
          businessId: 1,
          at: AT,
          body: { kind: 'signature.review' as const, signatureId: 1, state: 'approved' as const, reason: '' },
        };
        await tx.events.add([reviewed]);
        expect(await tx.events.after(0, { ...ALL, kind: 'signature.review' }, 10)).toEqual([reviewed]);
        const found = { events: [reviewed], next: null };
        expect(await tx.events.page(0, { ...ALL, kind: 'signature.review' }, 10)).toEqual(found);
        expect(await tx.events.page(0, { ...ALL, kind: 'signature.review', businessId: 1 }, 10)).toEqual(found);
        expect(await tx.events.page(0, { ...ALL, states: ['rejected', 'approved'] }, 10)).toEqual(found);
        expect(await tx.events.after(0, { ...ALL, states: ['rejected', 'approved'] }, 10)).toEqual([reviewed]);
        expect(await tx.events.after(0, { ...ALL, states: ['rejected'] }, 10)).toEqual([]);
      });
      await expect(theStore().transact((tx) => tx.events.add([event(3, 1)]))).rejects.toThrow();
    });
  });
}

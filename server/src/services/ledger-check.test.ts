import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { accept, answerAccepted, NUMBER, open, openSender, report, type Sender } from '../../test/traffic.ts';
import { type CheckPace, checkLedger } from './ledger-check.ts';
import { openMonths } from './ledger-months.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 1_000 });
});
afterEach(() => desk.close());

const ALWAYS: CheckPace = { goOn: async () => true };
const DAY = 86_400_000;

/** Sends to `count` numbers, of which a carrier accepts all. */
async function sent(count: number): Promise<number> {
  const planId = await accept(desk, sender, count);
  await open(desk, [{ planId, from: 0, to: count - 1 }]);
  await answerAccepted(
    desk,
    Array.from({ length: count }, (_, index) => ({
      ...{ planId, index, recipient: NUMBER + index, carrierIds: [`${planId}-${index}`] },
    })),
  );
  return planId;
}

describe('the check of the ledger', () => {
  test('finds nothing while all agree, also where refunds come long after a plan has ended', async () => {
    await desk.do('setPayOnDelivery', { actor: ADMIN, business: { businessId: sender.businessId }, on: true });
    const planId = await sent(3);
    desk.clock.advance(2 * DAY);
    await sent(2);
    await report(desk, `${planId}-1`, 'undelivered', { recipient: NUMBER + 1 });
    desk.clock.advance(DAY);
    await accept(desk, sender, 5);
    expect(await desk.faults()).toEqual([]);
    const asked = await desk.ask('findMessage', { businessId: null, planId, index: 1 });
    expect(asked!.ledger.map(({ kind, credits }) => [kind, credits])).toEqual([
      ['reserve', 3],
      ['settle', 3],
      ['refund', 1],
    ]);
  });

  test('names balances, and plans, that nothing explains, as one look at everything does', async () => {
    const planId = await sent(3);
    await sent(2);
    await desk.store.transact(async (tx) => {
      await tx.businesses.moveCredits(sender.businessId, 7, 0);
      const undelivered = { from: ['submitted'], to: 'undelivered', charge: 'none', at: desk.clock.now() } as const;
      await tx.messages.move({ ranges: [{ planId, from: 0, to: 1 }], ...undelivered });
      await tx.messages.refund([{ planId, from: 0, to: 1 }]);
    });
    const faults = await desk.faults();
    expect(faults.map(({ businessId, planId }) => [businessId, planId])).toEqual([
      [sender.businessId, null],
      [sender.businessId, planId],
    ]);
  });

  test('ends when it is told to, at any step', async () => {
    await sent(2);
    await desk.store.transact((tx) => tx.businesses.moveCredits(sender.businessId, 1, 0));
    let whole = 0;
    const counting: CheckPace = { goOn: async () => ++whole > 0 };
    expect(await checkLedger(desk, counting)).toHaveLength(1);
    for (let steps = 0; steps < whole; steps++) {
      let left = steps;
      expect((await checkLedger(desk, { goOn: async () => left-- > 0 })).length).toBeLessThanOrEqual(1);
      expect(left).toBe(-1);
    }
  });
});

describe('months', () => {
  const openings = () => desk.ask('listOpenings', { businessId: sender.businessId, before: null, limit: 100 });
  const startOf = (text: string) => Date.parse(`${text}-01T00:00:00Z`);
  const monthAt = (at: number) => new Date(at).toISOString().slice(0, 7);

  test('are opened with what was there, once, when they have begun', async () => {
    const begun = desk.clock.now();
    await sent(3);
    expect(await openMonths(desk, desk.clock.now(), ALWAYS)).toEqual([]);
    expect(await openings()).toEqual([]);
    desk.clock.advance(70 * DAY);
    await sent(4);
    await accept(desk, sender, 5);
    desk.clock.advance(40 * DAY);
    for (let twice = 0; twice < 2; twice++) {
      expect(await openMonths(desk, desk.clock.now(), ALWAYS)).toEqual([]);
      const found = await openings();
      expect(found.map(({ available, reserved }) => [available, reserved])).toEqual([
        [988, 5],
        [997, 0],
      ]);
      const [second, first] = found.map(({ at }) => at);
      expect(first).toBe(startOf(monthAt(begun + 31 * DAY)));
      expect(second).toBe(startOf(monthAt(begun + 101 * DAY)));
    }
    expect(await desk.faults()).toEqual([]);
    await sent(1);
    expect(await desk.faults()).toEqual([]);
  });

  test('are not opened before nobody writes in the one before', async () => {
    await sent(1);
    const next = startOf(monthAt(desk.clock.now() + 31 * DAY));
    await openMonths(desk, next + 599_999, ALWAYS);
    expect(await openings()).toEqual([]);
    await openMonths(desk, next + 600_000, ALWAYS);
    expect(await openings()).toMatchObject([{ at: next, available: 999, reserved: 0 }]);
  });

  test('tell where entries do not come to what the last of them left', async () => {
    await desk.store.transact((tx) =>
      tx.ledger.add([
        {
          ...{ id: tx.nextId('ledger'), businessId: sender.businessId, planId: null, kind: 'top-up', credits: 5 },
          ...{ availableAfter: 7, reservedAfter: 0, reason: '', at: desk.clock.now() },
        },
      ]),
    );
    const month = monthAt(desk.clock.now() + 31 * DAY);
    const faults = await openMonths(desk, startOf(month) + DAY, ALWAYS);
    expect(faults).toEqual([
      { businessId: sender.businessId, planId: null, what: `balance 7/0, entries say 1005/0 (before ${month})` },
    ]);
    expect(await openings()).toMatchObject([{ available: 1_005, reserved: 0 }]);
  });

  test('need not be added up again: what was written before does not count twice', async () => {
    await sent(3);
    desk.clock.advance(40 * DAY);
    await openMonths(desk, desk.clock.now(), ALWAYS);
    // What stood before the opening is not looked at any more.
    await desk.store.transact((tx) =>
      tx.ledger.add([
        {
          ...{ id: 1, businessId: sender.businessId, planId: null, kind: 'top-up', credits: 5 },
          ...{ availableAfter: 5, reservedAfter: 0, reason: '', at: 1 },
        },
      ]),
    );
    expect(await checkLedger(desk)).toEqual([]);
  });
});

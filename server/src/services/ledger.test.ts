import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { accept, answerAccepted, answerFailed, open, openSender, type Sender, toSend } from '../../test/traffic.ts';
import { effectOf } from '../domain/ledger.ts';
import type { BusinessRef } from './ledger.ts';

let desk: TestDesk;
let sender: Sender;
let business: BusinessRef;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 10 });
  business = { businessId: sender.businessId };
  await desk.newEvents();
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const topUp = (credits: number, actor = ADMIN, to = business) =>
  desk.do('topUp', { actor, business: to, credits, reason: 'paid' });
const correct = (credits: number, reason = 'mistake', actor = ADMIN, to = business) =>
  desk.do('correctBalance', { actor, business: to, credits, reason });
const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const statement = (before: number | null = null, limit = 100) =>
  desk.ask('statement', { businessId: sender.businessId, before, limit });

describe('credits', () => {
  test('are added and corrected, with an entry and an event each', async () => {
    expect(await topUp(5)).toEqual({ available: 15, reserved: 0, repeated: false });
    await accept(desk, sender, 4);
    expect(await correct(-11)).toEqual({ available: 0, reserved: 4, repeated: false });
    expect(await correct(2, 'gift')).toEqual({ available: 2, reserved: 4, repeated: false });
    expect(await balance()).toEqual({ available: 2, reserved: 4 });
    expect(
      (await statement()).map(({ kind, credits, availableAfter, reservedAfter, reason }) => [
        kind,
        credits,
        availableAfter,
        reservedAfter,
        reason,
      ]),
    ).toEqual([
      ['correction', 2, 2, 4, 'gift'],
      ['correction', -11, 0, 4, 'mistake'],
      ['reserve', 4, 11, 4, ''],
      ['top-up', 5, 15, 0, 'paid'],
      ['top-up', 10, 10, 0, 'first credits'],
    ]);
    const bodies = (await desk.newEvents()).map(({ body }) => body).filter(({ kind }) => kind.startsWith('balance'));
    expect(bodies).toEqual([
      { kind: 'balance.topped-up', credits: 5, available: 15 },
      { kind: 'balance.corrected', credits: -11, available: 0, reason: 'mistake' },
      { kind: 'balance.corrected', credits: 2, available: 2, reason: 'gift' },
    ]);
  });

  test('go to a business by name too, and to nobody else', async () => {
    const name = (await desk.ask('findBusiness', { businessId: sender.businessId }))!.name;
    expect(await topUp(1, ADMIN, { businessName: name })).toEqual({ available: 11, reserved: 0, repeated: false });
    expect(await refusalOf(topUp(1, ADMIN, { businessName: 'nobody' }))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(correct(1, 'x', ADMIN, { businessId: 999 }))).toEqual({ code: 'businessNotFound' });
    await expect(desk.ask('balanceOf', { businessId: 999 })).rejects.toMatchObject({
      refusal: { code: 'businessNotFound' },
    });
  });

  test('are moved by the administrator only', async () => {
    expect(await refusalOf(topUp(1, sender.actor))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(correct(1, 'x', sender.actor))).toEqual({ code: 'adminOnly' });
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_000_000_001, 2 ** 53])(
    'are not topped up by %d',
    async (credits) => {
      expect(await refusalOf(topUp(credits))).toMatchObject({ code: 'invalidField', field: 'credits' });
    },
  );

  test.each([0, 0.5, Number.NaN, 1_000_000_000_001, -1_000_000_000_001])('are not corrected by %d', async (credits) => {
    expect(await refusalOf(correct(credits))).toMatchObject({ code: 'invalidField', field: 'credits' });
  });

  test('are not corrected without a reason, nor below zero; what is reserved is not there to be taken', async () => {
    expect(await refusalOf(correct(1, ' '))).toMatchObject({ code: 'invalidField', field: 'reason' });
    await accept(desk, sender, 4);
    expect(await refusalOf(correct(-7))).toEqual({ code: 'balanceTooLow', needed: 7, available: 6 });
    expect(await correct(-6)).toEqual({ available: 0, reserved: 4, repeated: false });
  });

  test('stay below 2^53, reserved ones counted', async () => {
    const most = 1_000_000_000_000;
    // Nine thousand top-ups would take long; the store is asked for what they would make.
    await desk.store.transact(async (tx) => {
      const credits = 2 ** 53 - 2 * most;
      const after = await tx.businesses.moveCredits(sender.businessId, credits, 0);
      await tx.ledger.add([
        {
          id: tx.nextId('ledger'),
          businessId: sender.businessId,
          planId: null,
          kind: 'top-up',
          credits,
          availableAfter: after.available,
          reservedAfter: after.reserved,
          reason: '',
          at: 0,
        },
      ]);
    });
    await accept(desk, sender, 4);
    await topUp(most);
    expect(await refusalOf(topUp(most - 10))).toEqual({ code: 'balanceLimit' });
    expect(await topUp(most - 11)).toEqual({ available: 2 ** 53 - 1 - 4, reserved: 4, repeated: false });
    expect(await refusalOf(topUp(1))).toEqual({ code: 'balanceLimit' });
  });

  test('are read a part at a time', async () => {
    for (let i = 1; i <= 5; i++) await topUp(i);
    const first = await statement(null, 2);
    const second = await statement(first.at(-1)!.id, 2);
    expect([...first, ...second].map(({ credits }) => credits)).toEqual([5, 4, 3, 2]);
  });

  test('are what their entries make of them, one after the other, whatever was done', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('topUp' as const), credits: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant('correct' as const), credits: fc.integer({ min: -20, max: 20 }) }),
      fc.record({ do: fc.constant('send' as const), count: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ do: fc.constant('settle' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('release' as const), count: fc.integer({ min: 1, max: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25, size: 'max' }), async (steps) => {
        sender = await openSender(desk, { credits: 30 });
        business = { businessId: sender.businessId };
        const open_: { planId: number; index: number; recipient: number }[] = [];
        for (const step of steps) {
          if (step.do === 'topUp') await topUp(step.credits);
          else if (step.do === 'correct') await correct(step.credits).catch(() => {});
          else if (step.do === 'send') {
            const [settled] = await desk.together(['acceptPlan', toSend(sender, step.count)]);
            if (!('value' in settled!)) continue;
            const { planId } = settled.value as { planId: number };
            open_.push(...(await open(desk, [{ planId, from: 0, to: step.count }])));
          } else {
            const some = open_.splice(0, step.count);
            if (step.do === 'settle') {
              await answerAccepted(
                desk,
                some.map((message) => ({ ...message, carrierIds: ['x'] })),
              );
            } else for (const message of some) await answerFailed(desk, message, 'never');
          }
        }
        let available = 0;
        let reserved = 0;
        for (const entry of (await statement(null, 1_000)).reverse()) {
          const effect = effectOf(entry.kind, entry.credits);
          available += effect.available;
          reserved += effect.reserved;
          expect([entry.availableAfter, entry.reservedAfter]).toEqual([available, reserved]);
          expect(Math.min(available, reserved)).toBeGreaterThanOrEqual(0);
        }
        expect(await balance()).toEqual({ available, reserved });
        expect(await desk.faults()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

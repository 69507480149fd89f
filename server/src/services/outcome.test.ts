import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  leaseDue,
  messageOf,
  NUMBER,
  nextRetry as nextRetryOf,
  open,
  openDue,
  openSender,
  planOf,
  report,
  type Sender,
  statesOf,
} from '../../test/traffic.ts';
import type { Category } from '../domain/category.ts';
import type { EventBody } from '../domain/event.ts';

let desk: TestDesk;
let sender: Sender;
let planId: number;

/** A plan of `count` messages, all claimed for channel 1. */
async function dispatching(count: number, category?: Category): Promise<void> {
  sender = await openSender(desk, { credits: 100, ...(category && { category }) });
  planId = await accept(desk, sender, count);
  await open(desk, [{ planId, from: 0, to: count - 1 }]);
  await desk.newEvents();
  desk.notices.length = 0;
}

beforeEach(async () => {
  desk = await TestDesk.open();
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const accepted = (...indexes: number[]) =>
  indexes.map((index) => ({ planId, index, recipient: NUMBER + index, carrierIds: [`c${index}`] }));
const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const states = () => statesOf(desk, planId);
const bodies = async (): Promise<EventBody[]> => (await desk.newEvents()).map(({ body }) => body);
const entries = async () =>
  (await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 100 }))
    .map(({ kind, credits, availableAfter, reservedAfter }) => [kind, credits, availableAfter, reservedAfter])
    .reverse()
    .slice(2);
const attempts = async (index = 0) => (await desk.ask('findMessage', { businessId: null, planId, index }))!.attempts;
const nextRetry = () => nextRetryOf(desk);
const lease = async () => (await leaseDue(desk)).map(({ index }) => index);
const decide = () => desk.do('decideUncertain', { limit: 100 });
/** Leases the retries and claims them again, as relay and dispatcher do. */
async function again(): Promise<number[]> {
  return (await openDue(desk)).map(({ index }) => index);
}

describe('messages a carrier accepts', () => {
  test('are submitted and paid, one entry a plan; the plan is done with the last', async () => {
    await dispatching(5);
    await answerAccepted(desk, accepted(3, 0, 1));
    expect(await states()).toEqual(['submitted', 'submitted', 'dispatching', 'submitted', 'dispatching']);
    expect(await messageOf(desk, planId, 1)).toMatchObject({ reserved: 1, settled: 1, released: 0 });
    expect(await balance()).toEqual({ available: 95, reserved: 2 });
    expect(await entries()).toEqual([['settle', 3, 95, 2]]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', left: 2, doneAt: null });
    expect(await bodies()).toEqual([
      {
        kind: 'message.state',
        state: 'submitted',
        runs: [
          [planId, 0, 1],
          [planId, 3, 3],
        ],
      },
    ]);
    desk.clock.advance(5);
    await answerAccepted(desk, accepted(2, 4));
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0, doneAt: desk.clock.now() });
    expect(await balance()).toEqual({ available: 95, reserved: 0 });
    expect((await bodies()).at(-1)).toEqual({ kind: 'plan.state', plans: [planId], state: 'done' });
  });

  test('are paid once, however often that is said', async () => {
    await dispatching(2);
    await answerAccepted(desk, accepted(0, 1));
    await bodies();
    await answerAccepted(desk, accepted(0, 1));
    await desk.together(['recordOutcomes', again2()], ['recordOutcomes', again2()]);
    expect(await entries()).toEqual([['settle', 2, 98, 0]]);
    expect(await bodies()).toEqual([]);
    expect(await planOf(desk, planId)).toMatchObject({ left: 0 });
  });
  const again2 = () => ({
    channelId: 1,
    receipts: true,
    failed: [{ planId, index: 0, recipient: NUMBER, outcome: 'never' as const, error: 'late' }],
    accepted: {
      planIds: Float64Array.of(planId),
      indexes: Uint32Array.of(1),
      recipients: Float64Array.of(NUMBER + 1),
      parts: Uint8Array.of(1),
      carrierIds: ['c1'],
    },
  });

  test('wait for no second report when that is said again after their first', async () => {
    await dispatching(2);
    await answerAccepted(desk, accepted(0, 1));
    await report(desk, 'c0');
    // As after a start, when the flight log tells it once more.
    await answerAccepted(desk, accepted(0, 1));
    expect(await report(desk, 'c0', 'rejected')).toEqual({ matched: 0, parked: 1 });
    expect(await report(desk, 'c1', 'delivered', { recipient: NUMBER + 1 })).toEqual({ matched: 1, parked: 0 });
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  test('of several plans and businesses are kept apart', async () => {
    await dispatching(1);
    const [first, firstSender] = [planId, sender];
    await dispatching(2);
    await answerAccepted(desk, [
      { planId, index: 1, recipient: NUMBER + 1, carrierIds: ['a'] },
      { planId: first, index: 0, recipient: NUMBER, carrierIds: ['b'] },
    ]);
    expect(await desk.ask('balanceOf', { businessId: firstSender.businessId })).toEqual({ available: 99, reserved: 0 });
    expect(await balance()).toEqual({ available: 98, reserved: 1 });
    expect((await planOf(desk, first)).state).toBe('done');
    expect((await planOf(desk, planId)).state).toBe('running');
  });
});

describe('messages a carrier refuses', () => {
  test.each([
    ['never', 'refused'],
    ['elsewhere', 'failed'],
  ] as const)('for good (%s) are %s and given back', async (outcome, state) => {
    await dispatching(2);
    await answerFailed(desk, { planId, index: 1 }, outcome, '0x0B');
    expect(await messageOf(desk, planId, 1)).toMatchObject({ state, error: '0x0B', settled: 0, released: 1 });
    expect(await balance()).toEqual({ available: 99, reserved: 1 });
    expect(await entries()).toEqual([['release', 1, 99, 1]]);
    expect(await planOf(desk, planId)).toMatchObject({ left: 1 });
    expect(await bodies()).toEqual([{ kind: 'message.state', state, runs: [[planId, 1, 1]], error: '0x0B' }]);
    await answerFailed(desk, { planId, index: 1 }, outcome, '0x0B');
    expect(await bodies()).toEqual([]);
    expect(await planOf(desk, planId)).toMatchObject({ left: 1 });
  });

  test('for good, many at once, are ended once each with what was said of each', async () => {
    await dispatching(5);
    const failed = [3, 0, 1, 1, 2].map((index) => ({
      planId,
      index,
      recipient: NUMBER + index,
      outcome: 'never' as const,
      error: index === 2 ? '0x0A' : '0x0B',
    }));
    await desk.do('recordOutcomes', { channelId: 1, receipts: true, accepted: packed(), failed });
    for (const { index, error } of failed) {
      expect(await messageOf(desk, planId, index)).toMatchObject({ state: 'refused', error, settled: 0, released: 1 });
    }
    expect((await messageOf(desk, planId, 4)).state).toBe('dispatching');
    expect(await planOf(desk, planId)).toMatchObject({ left: 1 });
    expect(await entries()).toEqual([['release', 4, 99, 1]]);
  });

  test('settle and release of one plan in one batch are two entries', async () => {
    await dispatching(3);
    await desk.together(
      ['recordOutcomes', { channelId: 1, receipts: true, accepted: packed(0, 2), failed: [] }],
      [
        'recordOutcomes',
        {
          channelId: 1,
          receipts: true,
          accepted: packed(),
          failed: [{ planId, index: 1, recipient: NUMBER + 1, outcome: 'never', error: '' }],
        },
      ],
    );
    expect(await entries()).toEqual([
      ['settle', 2, 97, 1],
      ['release', 1, 98, 0],
    ]);
    expect((await planOf(desk, planId)).state).toBe('done');
  });
  const packed = (...indexes: number[]) => ({
    planIds: Float64Array.from(indexes, () => planId),
    indexes: Uint32Array.from(indexes),
    recipients: Float64Array.from(indexes, (index) => NUMBER + index),
    parts: Uint8Array.from(indexes, () => 1),
    carrierIds: indexes.map((index) => `c${index}`),
  });

  test('for now wait, each time twice as long, and are opened again', async () => {
    await dispatching(1);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await answerFailed(desk, { planId, index: 0 }, 'later', '0x58');
      expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', error: '0x58' });
      expect(await nextRetry()).toBe(desk.clock.now() + waitMs);
      desk.clock.advance(waitMs - 1);
      expect(await again()).toEqual([]);
      desk.clock.advance(1);
      expect(await again()).toEqual([0]);
      expect(await nextRetry()).toBe(null);
    }
    expect((await attempts()).map(({ number, repeat }) => [number, repeat])).toEqual(
      [2, 3, 4, 5, 6, 7, 8, 9].map((number) => [number, false]),
    );
    expect(await balance()).toEqual({ available: 99, reserved: 1 });
    await answerAccepted(desk, accepted(0));
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', attempts: 9, repeats: 0 });
    expect(await balance()).toEqual({ available: 99, reserved: 0 });
  });

  test('for now tell that they wait', async () => {
    await dispatching(1);
    await answerFailed(desk, { planId, index: 0 }, 'later', '0x58');
    expect(await bodies()).toEqual([{ kind: 'message.state', state: 'queued', runs: [[planId, 0, 0]], error: '0x58' }]);
    expect(desk.notices).toEqual([{ kind: 'workWaiting' }]);
  });

  test('are leased to one relay at a time; a task that was lost comes again', async () => {
    await dispatching(1);
    await answerFailed(desk, { planId, index: 0 }, 'later');
    desk.clock.advance(1_000);
    expect(await lease()).toEqual([0]);
    expect(await lease()).toEqual([]);
    desk.clock.advance(60_000);
    expect(await lease()).toEqual([0]);
  });
});

describe('messages of which nothing left', () => {
  test('wait as if nothing had been tried', async () => {
    await dispatching(2);
    await answerFailed(desk, { planId, index: 1 }, 'notSent');
    expect(await messageOf(desk, planId, 1)).toMatchObject({ state: 'accepted', attempts: 0, channelId: null });
    expect(await bodies()).toEqual([{ kind: 'message.state', state: 'accepted', runs: [[planId, 1, 1]] }]);
    expect(desk.notices).toEqual([{ kind: 'workWaiting' }]);
    expect(await again()).toEqual([1]);
    expect(await messageOf(desk, planId, 1)).toMatchObject({ state: 'dispatching', attempts: 1 });
    expect(await attempts(1)).toEqual([]);
  });

  test('are not touched when something has become of them since', async () => {
    await dispatching(1);
    await answerAccepted(desk, accepted(0));
    await bodies();
    await answerFailed(desk, { planId, index: 0 }, 'notSent');
    await answerFailed(desk, { planId, index: 0 }, 'later');
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    expect(await states()).toEqual(['submitted']);
    expect(await bodies()).toEqual([]);
    expect(await nextRetry()).toBe(null);
    expect(await decide()).toEqual({ decided: 0, nextAt: null });
  });
});

describe('messages whose outcome is unknown', () => {
  const unknown = () => answerFailed(desk, { planId, index: 0 }, 'unknown', 'no answer in time');

  test('are uncertain, neither paid nor given back, and still left', async () => {
    await dispatching(1);
    await unknown();
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'uncertain', settled: 0, released: 0 });
    expect(await balance()).toEqual({ available: 99, reserved: 1 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', left: 1 });
    expect(await bodies()).toEqual([
      { kind: 'message.state', state: 'uncertain', runs: [[planId, 0, 0]], error: 'no answer in time' },
    ]);
  });

  test.each([
    ['verification', 0],
    ['notification', 60_000],
  ] as const)('of a %s are repeated once, flagged, after %i ms, then unknown and paid', async (category, waitMs) => {
    await dispatching(1, category);
    await unknown();
    await bodies();
    if (waitMs > 0) {
      desk.clock.advance(waitMs - 1);
      expect(await decide()).toEqual({ decided: 0, nextAt: desk.clock.now() + 1 });
      desk.clock.advance(1);
    }
    expect(await decide()).toEqual({ decided: 1, nextAt: null });
    expect(await bodies()).toEqual([{ kind: 'message.state', state: 'queued', runs: [[planId, 0, 0]], repeat: true }]);
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', repeats: 1 });
    expect(await again()).toEqual([0]);
    expect(await attempts()).toMatchObject([{ number: 2, repeat: true }]);

    await unknown();
    desk.clock.advance(3_600_000 - 1);
    expect(await decide()).toMatchObject({ decided: 0 });
    desk.clock.advance(1);
    await bodies();
    expect(await decide()).toEqual({ decided: 1, nextAt: null });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'unknown', settled: 1, released: 0, repeats: 1 });
    expect(await balance()).toEqual({ available: 99, reserved: 0 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await bodies()).toEqual([
      { kind: 'message.state', state: 'unknown', runs: [[planId, 0, 0]] },
      { kind: 'plan.state', plans: [planId], state: 'done' },
    ]);
  });

  test('because their link broke are repeated as often as is set', async () => {
    await desk.close();
    desk = await TestDesk.open({ settings: { lostRepeats: 3 } });
    sender = await openSender(desk, { credits: 100 });
    await dispatching(1, 'verification');
    const lost = { planId, index: 0, linkLost: true };
    for (const repeats of [1, 2, 3]) {
      await answerFailed(desk, lost, 'unknown', 'the link was lost before the answer');
      expect(await decide()).toEqual({ decided: 1, nextAt: null });
      expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', repeats });
      expect(await again()).toEqual([0]);
    }
    await answerFailed(desk, lost, 'unknown', 'the link was lost before the answer');
    expect(await decide()).toEqual({ decided: 0, nextAt: desk.clock.now() + 3_600_000 });
    expect(await balance()).toEqual({ available: 99, reserved: 1 });
  });

  test('of marketing are never repeated', async () => {
    await dispatching(1, 'marketing');
    await unknown();
    desk.clock.advance(3_600_000 - 1);
    expect(await decide()).toMatchObject({ decided: 0 });
    desk.clock.advance(1);
    await decide();
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'unknown', attempts: 1, repeats: 0 });
    expect(await nextRetry()).toBe(null);
  });

  test('are repeated once only, though the repeat is refused for now in between', async () => {
    await dispatching(1, 'verification');
    await unknown();
    await decide();
    await again();
    await answerFailed(desk, { planId, index: 0 }, 'later');
    desk.clock.advance(60_000);
    expect(await again()).toEqual([0]);
    await unknown();
    desk.clock.advance(3_599_999);
    expect(await decide()).toMatchObject({ decided: 0 });
    expect((await attempts()).map(({ number, repeat }) => [number, repeat])).toEqual([
      [2, true],
      [3, false],
    ]);
  });

  test('whose answer comes after all are settled by it, and nothing is decided any more', async () => {
    await dispatching(2, 'verification');
    await unknown();
    await answerAccepted(desk, accepted(0));
    expect(await states()).toEqual(['submitted', 'dispatching']);
    expect(await balance()).toEqual({ available: 98, reserved: 1 });
    await decide();
    expect(await states()).toEqual(['submitted', 'dispatching']);
    expect(await nextRetry()).toBe(null);
    await report(desk, 'c0');
    expect(await states()).toEqual(['delivered', 'dispatching']);
  });

  test('are paid once, though the carrier had taken both', async () => {
    await dispatching(1, 'verification');
    await unknown();
    await decide();
    await again();
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['first'] }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['second'] }]);
    expect(await entries()).toEqual([['settle', 1, 99, 0]]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
  });
});

describe('after a start', () => {
  test('what did not leave waits again, the rest is uncertain', async () => {
    await dispatching(4);
    await answerAccepted(desk, accepted(3));
    await bodies();
    desk.restart();
    expect(
      await desk.do('recoverDispatching', { left: [{ planId, index: 1 }], channelId: null, limit: 1_000 }),
    ).toMatchObject({ uncertain: 1, waiting: 2 });
    expect(await states()).toEqual(['accepted', 'uncertain', 'accepted', 'submitted']);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ attempts: 0 });
    expect(await planOf(desk, planId)).toMatchObject({ left: 3 });
    expect((await bodies()).map((body) => 'state' in body && [body.state, 'runs' in body && body.runs])).toEqual([
      [
        'accepted',
        [
          [planId, 0, 0],
          [planId, 2, 2],
        ],
      ],
      ['uncertain', [[planId, 1, 1]]],
    ]);
    expect(await again()).toEqual([0, 2]);
  });

  test('all are uncertain when nobody knows what left', async () => {
    await dispatching(3);
    desk.restart();
    expect(await desk.do('recoverDispatching', { left: null, channelId: null, limit: 1_000 })).toMatchObject({
      uncertain: 3,
      waiting: 0,
    });
    expect(await states()).toEqual(['uncertain', 'uncertain', 'uncertain']);
    desk.restart();
    expect(await desk.do('recoverDispatching', { left: null, channelId: null, limit: 1_000 })).toMatchObject({
      uncertain: 0,
      waiting: 0,
    });
  });

  test('what was leased to a queue that is gone is due at once', async () => {
    await dispatching(2);
    await answerFailed(desk, { planId, index: 0 }, 'notSent');
    expect(await leaseDue(desk)).toHaveLength(1);
    expect(await leaseDue(desk)).toEqual([]);
    desk.restart();
    await desk.do('recoverDispatching', { left: [], channelId: null, limit: 1_000 });
    expect(await leaseDue(desk)).toHaveLength(2);
  });

  test('a repeat that did not leave is still a repeat', async () => {
    await dispatching(1, 'verification');
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    await decide();
    await again();
    desk.restart();
    expect(await desk.do('recoverDispatching', { left: [], channelId: null, limit: 1_000 })).toMatchObject({
      uncertain: 0,
      waiting: 1,
    });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', attempts: 1, repeats: 1 });
    expect(await again()).toEqual([0]);
    expect(await attempts()).toMatchObject([{ number: 2, repeat: true }]);
  });
});

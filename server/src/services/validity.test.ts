import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  expire,
  leaseDue,
  messageOf,
  NUMBER,
  nextRetry,
  numbers,
  open,
  openSender,
  planOf,
  type Sender,
  statesOf,
} from '../../test/traffic.ts';
import { settle } from '../../test/workers.ts';
import { createLogger } from '../lib/log.ts';
import { ExpiryWatch } from '../workers/expiry-watch.ts';

const CREDITS = 10_000;
let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: CREDITS, category: 'verification' });
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const VALID_MS = 600_000;

describe('the validity of a plan', () => {
  test('runs from its acceptance, or from its start', async () => {
    const now = desk.clock.now();
    expect((await planOf(desk, await accept(desk, sender, 1))).expiresAt).toBe(now + VALID_MS);
    const startAt = now + 3_600_000;
    const later = { ...sender, request: { ...sender.request, startAt } };
    const planId = await accept(desk, later, 1);
    expect((await planOf(desk, planId)).expiresAt).toBe(startAt + VALID_MS);
    desk.clock.advance(3_600_000 + 5_000);
    await desk.do('startPlans', { limit: 10 });
    expect((await planOf(desk, planId)).expiresAt).toBe(startAt + 5_000 + VALID_MS);
  });

  test('ends what waits, gives its credits back and says so; what was sent stays', async () => {
    const planId = await accept(desk, sender, 5);
    await open(desk, [{ planId, from: 0, to: 2 }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['a'] }]);
    await answerFailed(desk, { planId, index: 1 }, 'later');
    desk.clock.advance(VALID_MS - 1);
    await expire(desk);
    expect(await statesOf(desk, planId)).toEqual(['submitted', 'queued', 'dispatching', 'accepted', 'accepted']);
    await desk.newEvents();
    desk.clock.advance(1);
    // Nothing is claimed any more, although nobody has ended it yet.
    expect(await open(desk, [{ planId, from: 1, to: 4 }])).toEqual([]);
    expect(await open(desk, [{ planId, from: 3, to: 3 }])).toEqual([]);
    await expire(desk);
    const ended = ['submitted', 'expired_unsent', 'dispatching', 'expired_unsent', 'expired_unsent'];
    expect(await statesOf(desk, planId)).toEqual(ended);
    expect(await messageOf(desk, planId, 3)).toMatchObject({ released: 1, error: expect.stringContaining('validity') });
    expect(await balance()).toEqual({ available: CREDITS - 2, reserved: 1 });
    const events = (await desk.newEvents()).map(({ body }) => body);
    expect(events).toEqual([
      { kind: 'message.state', state: 'expired_unsent', runs: expect.any(Array), error: expect.any(String) },
    ]);
    await expire(desk);
    expect(await statesOf(desk, planId)).toEqual(ended);
    await answerAccepted(desk, [{ planId, index: 2, recipient: NUMBER + 2, carrierIds: ['c'] }]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await nextRetry(desk).then(() => leaseDue(desk))).toEqual([]);
  });

  test('ends a paused plan, too', async () => {
    const planId = await accept(desk, sender, 2);
    await desk.do('pausePlan', { actor: sender.actor, planId });
    desk.clock.advance(VALID_MS);
    await expire(desk);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await balance()).toEqual({ available: CREDITS, reserved: 0 });
  });

  test.each(['later', 'notSent'] as const)('bounds how long a message is tried: %s', async (outcome) => {
    const planId = await accept(desk, sender, 2);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    desk.clock.advance(VALID_MS - 1);
    await answerFailed(desk, { planId, index: 0 }, outcome);
    desk.clock.advance(1);
    await answerFailed(desk, { planId, index: 1 }, outcome);
    const waits = outcome === 'later' ? 'queued' : 'accepted';
    expect(await statesOf(desk, planId)).toEqual([waits, 'expired_unsent']);
    await expire(desk);
    expect(await statesOf(desk, planId)).toEqual(['expired_unsent', 'expired_unsent']);
    expect(await balance()).toEqual({ available: CREDITS, reserved: 0 });
  });

  test('bounds the repeat of a message that may have arrived: it waits for its report then', async () => {
    const planId = await accept(desk, sender, 2);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    await desk.do('decideUncertain', { limit: 10 });
    expect((await messageOf(desk, planId, 0)).repeats).toBe(1);
    desk.clock.advance(VALID_MS);
    await answerFailed(desk, { planId, index: 1 }, 'unknown');
    await desk.do('decideUncertain', { limit: 10 });
    await expire(desk);
    // One waited to be repeated, the other would have been.
    expect(await statesOf(desk, planId)).toEqual(['uncertain', 'uncertain']);
    desk.clock.advance(3_600_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await statesOf(desk, planId)).toEqual(['unknown', 'unknown']);
    expect(await balance()).toEqual({ available: CREDITS - 2, reserved: 0 });
  });
});

describe('the watch over what expires', () => {
  let watch: ExpiryWatch;
  beforeEach(async () => {
    watch = new ExpiryWatch(desk, desk.clock, createLogger('silent'));
    await watch.start();
    await settle();
  });
  afterEach(() => watch.stop());

  /** Lets time pass, and the watch look at its end. */
  const pass = async (ms: number) => {
    desk.clock.advance(ms - 1_000);
    await settle();
    desk.clock.advance(1_000);
    for (let i = 0; i < 5; i++) await settle();
  };

  test('ends large and small plans of all lanes when their time is over, and nothing before', async () => {
    const slow = await openSender(desk, { credits: CREDITS, category: 'marketing' });
    const large = await accept(desk, sender, numbers(2_500));
    await pass(10_000);
    const small = [];
    for (let i = 0; i < 40; i++) small.push(await accept(desk, sender, 1));
    const advert = await accept(desk, slow, 3);
    await pass(VALID_MS - 5_000);
    expect(await planOf(desk, large)).toMatchObject({ state: 'done', left: 0 });
    expect(await planOf(desk, small[0]!)).toMatchObject({ state: 'running', left: 1 });
    await pass(5_000);
    for (const planId of small) expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await planOf(desk, advert)).toMatchObject({ state: 'running', left: 3 });
    await pass(259_200_000);
    expect(await statesOf(desk, advert)).toEqual(['expired_unsent', 'expired_unsent', 'expired_unsent']);
    expect(await balance()).toEqual({ available: CREDITS, reserved: 0 });
  });

  test('passes by plans that stay open for want of an answer', async () => {
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await pass(VALID_MS);
    let looked = 0;
    const { do: act } = desk;
    desk.do = (verb, input) => {
      if (verb === 'expireUnsent') looked++;
      return act.call(desk, verb, input) as never;
    };
    await pass(5_000);
    await pass(5_000);
    expect(looked).toBe(0);
    const later = await accept(desk, sender, 1);
    await pass(VALID_MS);
    expect(looked).toBe(1);
    expect(await statesOf(desk, later)).toEqual(['expired_unsent']);
    expect(await statesOf(desk, planId)).toEqual(['dispatching']);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerInParts,
  expire,
  leaseDue,
  messageOf,
  NUMBER,
  open,
  openSender,
  planOf,
  report,
  type Sender,
  statesOf,
} from '../../test/traffic.ts';
import type { Category } from '../domain/category.ts';
import type { EventBody } from '../domain/event.ts';
import { packRanges } from './packed.ts';

/** Three parts with its signature. */
const LONG = 'x'.repeat(150);

let desk: TestDesk;
let sender: Sender;
let planId: number;

/** A plan of one message of three parts, claimed for channel 1. */
async function dispatching(category: Category = 'notification', text = LONG): Promise<void> {
  sender = await openSender(desk, { credits: 100, category, text });
  planId = await accept(desk, sender, 1);
  await open(desk, [{ planId, from: 0, to: 0 }]);
  await desk.newEvents();
}

beforeEach(async () => {
  desk = await TestDesk.open();
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const state = async () => (await statesOf(desk, planId))[0];
const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const decide = () => desk.do('decideUncertain', { limit: 100 });
const bodies = async (): Promise<EventBody[]> => (await desk.newEvents()).map(({ body }) => body);
const entries = async () =>
  (await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 100 }))
    .map(({ kind, credits }) => [kind, credits])
    .reverse()
    .slice(2);
const kept = () => desk.store.transact((tx) => tx.inParts.any());
/** Leases what is due and claims it again; what the carrier has of it. */
async function again() {
  const due = await leaseDue(desk);
  const { begun } = await desk.do('openAttempts', { channelId: 1, ranges: packRanges([]), retries: due });
  return begun?.get(0) ?? null;
}
const answer = (letters: string, given?: Parameters<typeof answerInParts>[3]) =>
  answerInParts(desk, { planId, index: 0 }, letters, given);

describe('a long message of which the carrier wants some parts later', () => {
  test('waits, and is opened again for those only, with the reference it had', async () => {
    await dispatching();
    await answer('aln', { reference: 9 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', settled: 0, released: 0, error: 'later' });
    expect(await balance()).toEqual({ available: 97, reserved: 3 });
    expect(await leaseDue(desk)).toEqual([]);
    desk.clock.advance(1_000);
    expect(await again()).toEqual({ reference: 9, round: 1, carrierIds: ['id-0', null, null] });
    await answer('aan', { round: 1 });
    expect(await state()).toBe('queued');
    expect(await again()).toEqual({ reference: 0, round: 2, carrierIds: ['id-0', 'id-1', null] });
    await answer('aaa', { round: 2 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', settled: 3, attempts: 3, repeats: 0 });
    expect(await entries()).toEqual([['settle', 3]]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await kept()).toBe(false);
    for (const id of ['id-0', 'id-1', 'id-2']) await report(desk, id);
    expect(await state()).toBe('delivered');
  });

  test('is tried again at once when nothing of them had left', async () => {
    await dispatching();
    await answer('ann');
    expect(await state()).toBe('queued');
    expect(await again()).toMatchObject({ carrierIds: ['id-0', null, null] });
  });

  test('stays with the channel that has the others', async () => {
    await dispatching();
    await answer('ann');
    expect(await leaseDue(desk)).toMatchObject([{ planId, channelId: 1 }]);
  });

  test('that is given back unsent keeps what is known', async () => {
    await dispatching();
    await answer('ann');
    await again();
    desk.restart();
    expect(await desk.do('recoverDispatching', { left: [], channelId: null, limit: 1_000 })).toMatchObject({
      uncertain: 0,
      waiting: 1,
    });
    expect(await state()).toBe('queued');
    expect(await again()).toMatchObject({ round: 1, carrierIds: ['id-0', null, null] });
  });

  test.each([
    ['cancelled', async () => desk.do('cancelPlan', { actor: sender.actor, planId })],
    ['expired_unsent', async () => desk.clock.advance(300_000_000)],
  ] as const)('and that is %s meanwhile pays for what the carrier has', async (end, happen) => {
    await dispatching();
    await answer('aal');
    await happen();
    await expire(desk);
    for (const id of await desk.ask('openSweeps', { limit: 10 })) await desk.do('sweepPlan', { planId: id });
    expect(await messageOf(desk, planId)).toMatchObject({ state: end, settled: 2, released: 1 });
    expect((await messageOf(desk, planId)).error).toContain('accepted: 2 of 3 parts');
    expect(await entries()).toEqual([
      ['settle', 2],
      ['release', 1],
    ]);
    expect(await balance()).toEqual({ available: 98, reserved: 0 });
    expect((await planOf(desk, planId)).doneAt).not.toBe(null);
    expect(await kept()).toBe(false);
  });

  test('and whose plan ended while it was sent ends as well', async () => {
    await dispatching();
    await answer('ann');
    await again();
    await desk.do('cancelPlan', { actor: sender.actor, planId });
    await answer('aln', { round: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'cancelled', settled: 1, released: 2 });
  });
});

describe('a long message of which the carrier refuses a part for good', () => {
  test.each([
    ['x', 'refused', 'never'],
    ['e', 'failed', 'elsewhere'],
  ])('(%s) is %s: what it has is paid, the rest comes back', async (letter, end, error) => {
    await dispatching();
    await answer(`a${letter}u`);
    expect(await messageOf(desk, planId)).toMatchObject({
      state: end,
      settled: 2,
      released: 1,
      error: `${error} (accepted: 1 of 3 parts, unknown: 1)`,
    });
    expect(await balance()).toEqual({ available: 98, reserved: 0 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await kept()).toBe(false);
    // The parts are reported all the same: the text is not whole.
    expect(await report(desk, 'id-0')).toMatchObject({ matched: 1 });
    expect(await state()).toBe(end);
    await decide();
    expect(await state()).toBe(end);
  });
});

describe('a long message of which the outcome of a part is unknown', () => {
  test('is repeated once with what was not accepted, flagged, and paid once', async () => {
    await dispatching();
    await answer('aun');
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'uncertain', error: 'lost' });
    desk.clock.advance(60_000);
    await decide();
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'queued', repeats: 1 });
    expect(await again()).toEqual({ reference: 0, round: 1, carrierIds: ['id-0', null, null] });
    await answer('aaa', { round: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', settled: 3 });
    expect(await entries()).toEqual([['settle', 3]]);
  });

  test('and that is not repeated pays for what the carrier may have, and gets the rest back', async () => {
    await dispatching('marketing');
    await answer('aun');
    desk.clock.advance(3_600_000);
    await decide();
    expect(await messageOf(desk, planId)).toMatchObject({
      state: 'unknown',
      settled: 2,
      released: 1,
      error: 'accepted: 1 of 3 parts, unknown: 1',
    });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done' });
    expect(await kept()).toBe(false);
  });

  test('goes on with the others when its answer comes after all', async () => {
    await dispatching();
    await answer('aun');
    await bodies();
    await answer('nan', { round: null });
    expect(await bodies()).toMatchObject([{ state: 'queued' }]);
    expect(await again()).toMatchObject({ carrierIds: ['id-0', 'id-1', null] });
    await decide();
    await answer('nna', { round: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', repeats: 0 });
  });

  test('waits on when another part is still unknown, and is submitted with the last', async () => {
    await dispatching();
    await answer('auu');
    await answer('nan', { round: null });
    expect(await state()).toBe('uncertain');
    await answer('nna', { round: null });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', settled: 3 });
    desk.clock.advance(60_000);
    await decide();
    expect(await state()).toBe('submitted');
    for (const id of ['id-0', 'id-1', 'id-2']) await report(desk, id);
    expect(await state()).toBe('delivered');
  });

  test('ends with its plan when a late answer tells that the rest was never sent', async () => {
    await dispatching();
    await answer('aun');
    await desk.do('cancelPlan', { actor: sender.actor, planId });
    await answer('nan', { round: null });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'cancelled', settled: 2, released: 1 });
  });

  test('is as good as sent in whole when nobody knows what left of a later try', async () => {
    await dispatching('marketing');
    await answer('ann');
    await again();
    desk.restart();
    await desk.do('recoverDispatching', { left: null, channelId: null, limit: 1_000 });
    desk.clock.advance(3_600_000);
    await decide();
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'unknown', settled: 3, released: 0 });
  });
});

describe('an answer in parts', () => {
  test('that is told again changes nothing', async () => {
    await dispatching();
    await answer('ann');
    await bodies();
    await answer('ann');
    await answer('aux');
    expect(await bodies()).toEqual([]);
    // Not even when the rest is being sent.
    await again();
    await bodies();
    await answer('aux');
    expect(await bodies()).toEqual([]);
    expect(await state()).toBe('dispatching');
    await answer('naa', { round: 1 });
    await answer('naa', { round: 1 });
    await answer('nxn', { round: null });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'submitted', settled: 3 });
    expect(await entries()).toEqual([['settle', 3]]);
  });

  test('of a message that is answered already changes nothing', async () => {
    await dispatching();
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['1', '2', '3'] }]);
    await answer('aux');
    await answer('nna', { round: null });
    expect(await state()).toBe('submitted');
    expect(await kept()).toBe(false);
  });
});

describe('reports on a long message that is not wholly accepted', () => {
  test('are counted before the rest is', async () => {
    await dispatching();
    await answer('aan');
    await report(desk, 'id-1');
    await report(desk, 'id-0');
    expect(await state()).toBe('queued');
    await again();
    await answer('nna', { round: 1 });
    expect(await state()).toBe('submitted');
    await report(desk, 'id-2');
    expect(await state()).toBe('delivered');
  });

  test('that came before their answer are applied with it', async () => {
    await dispatching();
    await report(desk, 'id-0');
    await report(desk, 'id-2');
    await answer('ann');
    await again();
    await answer('naa', { round: 1 });
    await report(desk, 'id-1');
    expect(await state()).toBe('delivered');
  });

  test('decide when a part was not delivered, once the rest is accepted', async () => {
    await dispatching();
    await answer('aan');
    await report(desk, 'id-0', 'undelivered', { error: '027' });
    await report(desk, 'id-1', 'expired');
    expect(await state()).toBe('queued');
    await again();
    await bodies();
    await answer('nna', { round: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'undelivered', error: '027', settled: 3 });
    expect((await bodies()).flatMap((body) => ('runs' in body ? [body.state] : []))).toEqual([
      'submitted',
      'undelivered',
    ]);
  });

  test('speak of all parts that share an id', async () => {
    await dispatching();
    await answer('ann', { ids: ['same', 'same', 'same'] });
    await again();
    await answer('naa', { round: 1, ids: ['same', 'same', 'same'] });
    expect(await state()).toBe('submitted');
    await report(desk, 'same');
    expect(await state()).toBe('delivered');
  });
});

describe('a carrier that gives all parts of a text one id', () => {
  test('reports on the message with it', async () => {
    await dispatching();
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['one', 'one', 'one'] }]);
    expect(await report(desk, 'one')).toMatchObject({ matched: 1 });
    expect(await state()).toBe('delivered');
  });

  test('or two of three', async () => {
    await dispatching();
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['one', 'two', 'one'] }]);
    await report(desk, 'one');
    expect(await state()).toBe('submitted');
    await report(desk, 'two');
    expect(await state()).toBe('delivered');
  });
});

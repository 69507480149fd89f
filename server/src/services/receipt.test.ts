import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  addTemplate,
  answerAccepted,
  answerFailed,
  answerInParts,
  messageOf,
  NUMBER,
  numbers,
  open,
  openDue,
  openSender,
  planOf,
  report,
  type Sender,
  statesOf,
  toSend,
} from '../../test/traffic.ts';
import type { Report } from '../store/store.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

/** A plan to these numbers, claimed for a channel. */
async function dispatching(recipients: number | number[] = 1, channelId = 1): Promise<number> {
  const planId = await accept(desk, sender, recipients);
  await open(desk, [{ planId, from: 0, to: 10_000 }], channelId);
  return planId;
}

/** A plan to these numbers, accepted by the carrier with these ids. */
async function submitted(carrierIds: string[], recipients = numbers(carrierIds.length), channelId = 1) {
  const planId = await dispatching(recipients, channelId);
  const messages = carrierIds.map((id, index) => ({ planId, index, recipient: recipients[index]!, carrierIds: [id] }));
  await answerAccepted(desk, messages, { channelId });
  await desk.newEvents();
  return planId;
}

const MATCHED = { matched: 1, parked: 0 };
const PARKED = { matched: 0, parked: 1 };
const bodies = async () => (await desk.newEvents()).map(({ body }) => body);

describe('a report', () => {
  test.each(['delivered', 'undelivered', 'expired', 'rejected'] as const)('%s ends its message', async (state) => {
    const planId = await submitted(['a', 'b']);
    desk.clock.advance(5);
    const balance = await desk.ask('balanceOf', { businessId: sender.businessId });
    expect(await report(desk, 'a', state, { error: '011' })).toEqual(MATCHED);
    const error = state === 'delivered' ? '' : '011';
    expect(await messageOf(desk, planId)).toMatchObject({
      state,
      error,
      finalAt: desk.clock.now(),
      settled: 1,
      released: 0,
      refunded: 0,
    });
    expect(await statesOf(desk, planId)).toEqual([state, 'submitted']);
    expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toEqual(balance);
    expect(await bodies()).toEqual([{ kind: 'message.state', state, runs: [[planId, 0, 0]], ...(error && { error }) }]);
  });

  test('that comes again changes nothing', async () => {
    const planId = await submitted(['a']);
    await report(desk, 'a');
    await bodies();
    expect(await report(desk, 'a')).toEqual(PARKED);
    expect(await report(desk, 'a', 'rejected')).toEqual(PARKED);
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
    expect(await bodies()).toEqual([]);
  });

  test('that comes twice in one batch counts once', async () => {
    const planId = await submitted(['a']);
    const one: Report = {
      channelId: 1,
      carrierId: 'a',
      recipient: NUMBER,
      state: 'delivered',
      error: '',
      userReference: null,
      at: 0,
    };
    expect(await desk.do('recordReceipts', { batch: null, reports: [one, { ...one, state: 'rejected' }] })).toEqual({
      matched: 1,
      parked: 1,
    });
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('is matched by channel, id and destination', async () => {
    const planId = await submitted(['a']);
    expect(await report(desk, 'b')).toEqual(PARKED);
    expect(await report(desk, 'A')).toEqual(PARKED);
    expect(await report(desk, 'a', 'delivered', { channelId: 2 })).toEqual(PARKED);
    expect(await report(desk, 'a', 'delivered', { recipient: NUMBER + 1 })).toEqual(PARKED);
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    expect(await report(desk, 'a', 'delivered', { recipient: null })).toEqual(MATCHED);
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('means the newest open message where ids repeat', async () => {
    const old = await submitted(['a', 'a']);
    desk.clock.advance(1_000);
    const young = await submitted(['a']);
    await report(desk, 'a');
    expect([await statesOf(desk, old), await statesOf(desk, young)]).toEqual([
      ['submitted', 'submitted'],
      ['delivered'],
    ]);
    await report(desk, 'a', 'expired');
    await report(desk, 'a', 'rejected', { recipient: NUMBER + 1 });
    expect(await statesOf(desk, old)).toEqual(['expired', 'rejected']);
  });

  test('many of one id in a batch each find their own message, however old it is', async () => {
    const old = await submitted(['a', 'a'], [NUMBER + 7, NUMBER + 8]);
    // Past what is kept in memory.
    desk.clock.advance(600_000);
    const young = await submitted(['a'], [NUMBER]);
    const one = (recipient: number): Report => ({
      channelId: 1,
      carrierId: 'a',
      recipient,
      state: 'delivered',
      error: '',
      userReference: null,
      at: 0,
    });
    expect(
      await desk.do('recordReceipts', { batch: null, reports: [one(NUMBER), one(NUMBER + 8), one(NUMBER + 7)] }),
    ).toEqual({
      matched: 3,
      parked: 0,
    });
    expect([await statesOf(desk, old), await statesOf(desk, young)]).toEqual([
      ['delivered', 'delivered'],
      ['delivered'],
    ]);
  });

  test('many in one batch are one event a state, and each finds its message', async () => {
    const planId = await submitted(['a', 'b', 'c', 'd']);
    const one = (carrierId: string, index: number, state: Report['state'], error = ''): Report => ({
      channelId: 1,
      carrierId,
      recipient: NUMBER + index,
      state,
      error,
      userReference: null,
      at: 0,
    });
    await desk.do('recordReceipts', {
      batch: null,
      reports: [
        one('d', 3, 'delivered'),
        one('a', 0, 'delivered'),
        one('b', 1, 'delivered'),
        one('c', 2, 'expired', '3'),
      ],
    });
    expect(await statesOf(desk, planId)).toEqual(['delivered', 'delivered', 'expired', 'delivered']);
    expect(await bodies()).toEqual([
      {
        kind: 'message.state',
        state: 'delivered',
        runs: [
          [planId, 3, 3],
          [planId, 0, 1],
        ],
      },
      { kind: 'message.state', state: 'expired', runs: [[planId, 2, 2]], error: '3' },
    ]);
  });

  test('finds its message after a start too', async () => {
    const planId = await submitted(['a']);
    desk.restart();
    await report(desk, 'a');
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('is not waited for where none was asked for', async () => {
    const planId = await dispatching();
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['a'] }], { receipts: false });
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    expect(await report(desk, 'a')).toEqual(PARKED);
  });
});

describe('an early report', () => {
  test('waits for the answer it speaks of', async () => {
    const planId = await dispatching(2);
    expect(await report(desk, 'a', 'undelivered', { error: '9' })).toEqual(PARKED);
    await desk.newEvents();
    await answerAccepted(desk, [
      { planId, index: 0, recipient: NUMBER, carrierIds: ['a'] },
      { planId, index: 1, recipient: NUMBER + 1, carrierIds: ['b'] },
    ]);
    expect(await statesOf(desk, planId)).toEqual(['undelivered', 'submitted']);
    expect(await messageOf(desk, planId)).toMatchObject({ settled: 1, error: '9' });
    expect((await bodies()).map((body) => 'state' in body && body.state)).toEqual(['submitted', 'undelivered', 'done']);
    expect(await report(desk, 'a')).toEqual(PARKED);
  });

  test('of another destination goes on waiting', async () => {
    const planId = await dispatching();
    await report(desk, 'a', 'delivered', { recipient: NUMBER + 5 });
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['a'] }]);
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    const other = await dispatching([NUMBER + 5]);
    await answerAccepted(desk, [{ planId: other, index: 0, recipient: NUMBER + 5, carrierIds: ['a'] }]);
    expect(await statesOf(desk, other)).toEqual(['delivered']);
  });

  test('is an orphan when nothing comes for it in ten minutes', async () => {
    await report(desk, 'a', 'expired', { error: '9' });
    const at = desk.clock.now();
    const orphan = () => desk.do('orphanReports', { limit: 10 });
    desk.clock.advance(600_000);
    expect(await orphan()).toEqual({ taken: 0, orphaned: 0 });
    desk.clock.advance(1);
    expect(await orphan()).toEqual({ taken: 1, orphaned: 1 });
    const planId = await submitted(['a']);
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    expect(await desk.ask('countOrphans', {})).toBe(1);
    expect(await desk.ask('listOrphans', { channelId: 1, before: null, limit: 10 })).toEqual([
      { id: 1, channelId: 1, carrierId: 'a', recipient: NUMBER, state: 'expired', error: '9', at },
    ]);
    expect(await desk.ask('listOrphans', { channelId: 2, before: null, limit: 10 })).toEqual([]);
  });

  test('that only repeats another is none', async () => {
    await submitted(['a']);
    await report(desk, 'a');
    await report(desk, 'a');
    await report(desk, 'a', 'delivered', { recipient: null });
    await report(desk, 'a', 'delivered', { recipient: NUMBER + 1 });
    desk.clock.advance(600_001);
    expect(await desk.do('orphanReports', { limit: 10 })).toEqual({ taken: 3, orphaned: 1 });
  });
});

describe('reports on a long message', () => {
  let planId: number;
  beforeEach(async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(150));
    const request = { ...sender.request, templateId };
    ({ planId } = await desk.do('acceptPlan', toSend(sender, 1, { request })));
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['1', '2', '3'] }]);
    await desk.newEvents();
  });

  test('deliver it with the last part, in whatever order, counting none twice', async () => {
    expect(await messageOf(desk, planId)).toMatchObject({ segments: 3, settled: 3 });
    await report(desk, '3');
    await report(desk, '3');
    await report(desk, '1');
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    expect(await bodies()).toEqual([]);
    await report(desk, '2');
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('deliver it in one batch too', async () => {
    const one = (carrierId: string): Report => ({
      channelId: 1,
      carrierId,
      recipient: NUMBER,
      state: 'delivered',
      error: '',
      userReference: null,
      at: 0,
    });
    expect(await desk.do('recordReceipts', { batch: null, reports: [one('2'), one('1'), one('3')] })).toEqual({
      matched: 3,
      parked: 0,
    });
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('end it with the first part that did not arrive', async () => {
    await report(desk, '1');
    await report(desk, '2', 'expired', { error: '5' });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'expired', error: '5' });
    await report(desk, '3');
    expect(await statesOf(desk, planId)).toEqual(['expired']);
  });

  test('count over a start', async () => {
    await report(desk, '1');
    desk.restart();
    await report(desk, '2');
    await report(desk, '3');
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });
});

describe('a report with an id nobody knows', () => {
  async function uncertain(recipient = NUMBER, channelId = 1, userReference: number | null = null): Promise<number> {
    const planId = await dispatching([recipient], channelId);
    await desk.do('recordOutcomes', {
      channelId,
      receipts: true,
      accepted: {
        planIds: new Float64Array(),
        indexes: new Uint32Array(),
        recipients: new Float64Array(),
        parts: new Uint8Array(),
        carrierIds: [],
      },
      failed: [{ planId, index: 0, recipient, outcome: 'unknown', error: 'no answer', userReference }],
    });
    await desk.newEvents();
    return planId;
  }

  /** Looks at what is parked again, once everything sent before it must have been answered. */
  async function settle(): Promise<void> {
    desk.clock.advance(35_000);
    await desk.do('settleParked', { limit: 10 });
  }

  test('is the answer to the one uncertain message it can speak of, once no other can have it', async () => {
    const planId = await uncertain();
    expect(await report(desk, 'x', 'undelivered', { error: '7' })).toEqual(PARKED);
    desk.clock.advance(34_999);
    expect(await desk.do('settleParked', { limit: 10 })).toEqual({ settled: 0 });
    desk.clock.advance(1);
    expect(await desk.do('settleParked', { limit: 10 })).toEqual({ settled: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'undelivered', error: '7', settled: 1, released: 0 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect((await bodies()).map((body) => 'state' in body && body.state)).toEqual(['submitted', 'undelivered', 'done']);
    expect(await desk.do('decideUncertain', { limit: 10 })).toEqual({ decided: 0, nextAt: null });
    expect(await report(desk, 'x')).toEqual(PARKED);
    await settle();
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toMatchObject({ carrierIds: ['x'] });
  });

  test('belongs to the message that was being dispatched to the same number, not to the uncertain one', async () => {
    const lost = await uncertain();
    const other = await dispatching([NUMBER]);
    await report(desk, 'x');
    expect(await statesOf(desk, lost)).toEqual(['uncertain']);
    await answerAccepted(desk, [{ planId: other, index: 0, recipient: NUMBER, carrierIds: ['x'] }]);
    await settle();
    expect([await statesOf(desk, lost), await statesOf(desk, other)]).toEqual([['uncertain'], ['delivered']]);
  });

  test('is no answer to a message that was sent after it came', async () => {
    await report(desk, 'x');
    desk.clock.advance(1);
    const planId = await uncertain();
    await settle();
    expect(await statesOf(desk, planId)).toEqual(['uncertain']);
  });

  test('is no answer while there are two such messages, and is one when only one is left', async () => {
    const [one, two] = [await uncertain(), await uncertain()];
    await report(desk, 'x');
    await settle();
    expect([await statesOf(desk, one), await statesOf(desk, two)]).toEqual([['uncertain'], ['uncertain']]);
    await answerAccepted(desk, [{ planId: one, index: 0, recipient: NUMBER, carrierIds: ['c'] }]);
    await settle();
    expect([await statesOf(desk, one), await statesOf(desk, two)]).toEqual([['submitted'], ['delivered']]);
  });

  test('is the answer at once to the attempt whose number it gives back', async () => {
    const one = await uncertain(NUMBER, 1, 500);
    const two = await uncertain(NUMBER, 1, 501);
    expect(await report(desk, 'x', 'expired', { userReference: 501 })).toEqual(MATCHED);
    expect([await statesOf(desk, one), await statesOf(desk, two)]).toEqual([['uncertain'], ['expired']]);
    expect(await report(desk, 'y', 'delivered', { userReference: 502 })).toEqual(PARKED);
    expect(await report(desk, 'y', 'delivered', { userReference: 500, recipient: NUMBER + 1 })).toEqual(PARKED);
    expect(await report(desk, 'z', 'delivered', { userReference: 500 })).toEqual(MATCHED);
    expect(await statesOf(desk, one)).toEqual(['delivered']);
  });

  test('is the answer to a part of a long message: the others go on waiting for theirs', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(150));
    const request = { ...sender.request, templateId };
    const { planId } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerInParts(desk, { planId, index: 0 }, 'auu', { userReference: 65_535 });
    await report(desk, 'id-0');
    // By its number it is the third part, by its place in the day any of them.
    await report(desk, 'x', 'delivered', { userReference: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'uncertain' });
    await report(desk, 'y');
    await settle();
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'delivered', settled: 3 });
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toMatchObject({ carrierIds: ['id-0', 'y', 'x'] });
  });

  describe('on a long message', () => {
    let planId: number;
    beforeEach(async () => {
      const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(150));
      const request = { ...sender.request, templateId };
      ({ planId } = await desk.do('acceptPlan', toSend(sender, 1, { request })));
      await open(desk, [{ planId, from: 0, to: 0 }]);
    });
    const state = async () => (await messageOf(desk, planId)).state;

    const carrierIds = async () => (await desk.ask('reportsOfMessage', { planId, index: 0 }))?.carrierIds;

    test('is an answer with as many others as there are parts in doubt, however often each comes', async () => {
      await answerInParts(desk, { planId, index: 0 }, 'auu');
      await report(desk, 'id-0');
      for (let i = 0; i < 3; i++) await report(desk, 'x');
      await settle();
      expect(await state()).toBe('uncertain');
      await report(desk, 'y');
      await settle();
      expect(await state()).toBe('delivered');
      expect(await carrierIds()).toEqual(['id-0', 'x', 'y']);
    });

    test('answers for one part, though it comes again and names another', async () => {
      await answerInParts(desk, { planId, index: 0 }, 'auu', { userReference: 500 });
      await report(desk, 'x', 'delivered', { userReference: 501 });
      await report(desk, 'x', 'delivered', { userReference: 502 });
      await settle();
      expect(await state()).toBe('uncertain');
    });

    test('is no answer once parts were sent twice, unless it names its part', async () => {
      await answerInParts(desk, { planId, index: 0 }, 'uun');
      desk.clock.advance(60_000);
      await desk.do('decideUncertain', { limit: 10 });
      await openDue(desk);
      await answerInParts(desk, { planId, index: 0 }, 'auu', { round: 1, userReference: 500 });
      for (const id of ['x', 'y', 'z']) await report(desk, id);
      await settle();
      expect(await state()).toBe('uncertain');
      await report(desk, 'b', 'delivered', { userReference: 501 });
      await report(desk, 'c', 'delivered', { userReference: 502 });
      await report(desk, 'id-0');
      expect(await state()).toBe('delivered');
    });
  });

  test.each<[string, { recipient?: number | null; channelId?: number }]>([
    ['another destination', { recipient: NUMBER + 1 }],
    ['no destination', { recipient: null }],
    ['another channel', { channelId: 2 }],
  ])('is no answer with %s', async (_what, given) => {
    const planId = await uncertain();
    expect(await report(desk, 'x', 'delivered', given)).toEqual(PARKED);
    await settle();
    expect(await statesOf(desk, planId)).toEqual(['uncertain']);
  });

  test('is no answer after a day', async () => {
    const planId = await uncertain();
    desk.clock.advance(86_400_001);
    await report(desk, 'x');
    await settle();
    expect(await statesOf(desk, planId)).toEqual(['uncertain']);
  });

  test('is no answer to a message that was repeated meanwhile', async () => {
    const planId = await uncertain();
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    await report(desk, 'x');
    await settle();
    expect(await statesOf(desk, planId)).toEqual(['queued']);
  });

  test('is no answer to a message that failed', async () => {
    const planId = await dispatching();
    await answerFailed(desk, { planId, index: 0 }, 'never');
    await report(desk, 'x');
    await settle();
    expect(await statesOf(desk, planId)).toEqual(['refused']);
  });
});

describe('messages without a report', () => {
  const DAY = 86_400_000;
  const age = async (limit = 10) => {
    let after = null;
    const sums = { dropped: 0, unreported: 0 };
    do {
      const aged: Awaited<ReturnType<typeof step>> = await step(after, limit);
      sums.dropped += aged.dropped;
      sums.unreported += aged.unreported;
      after = aged.next;
    } while (after !== null);
    return sums;
  };
  const step = (after: Parameters<typeof desk.do<'ageReceipts'>>[1]['after'], limit: number) =>
    desk.do('ageReceipts', {
      awaitingBefore: desk.clock.now() - 3 * DAY,
      forgottenBefore: desk.clock.now() - 14 * DAY,
      after,
      limit,
    });

  test('become unreported in time, a late report still counts, and in the end none does', async () => {
    const planId = await submitted(['a', 'b', 'c']);
    await report(desk, 'c', 'delivered', { recipient: NUMBER + 2 });
    await desk.newEvents();
    desk.clock.advance(3 * DAY);
    expect(await age()).toEqual({ dropped: 0, unreported: 0 });
    desk.clock.advance(1);
    expect(await age()).toEqual({ dropped: 0, unreported: 2 });
    expect(await statesOf(desk, planId)).toEqual(['unreported', 'unreported', 'delivered']);
    expect(await bodies()).toEqual([
      {
        kind: 'message.state',
        state: 'unreported',
        runs: [
          [planId, 0, 0],
          [planId, 1, 1],
        ],
      },
    ]);
    expect(await age()).toEqual({ dropped: 0, unreported: 0 });
    expect(await report(desk, 'a')).toEqual(MATCHED);
    expect(await statesOf(desk, planId)).toEqual(['delivered', 'unreported', 'delivered']);
    desk.clock.advance(11 * DAY);
    expect(await age()).toEqual({ dropped: 1, unreported: 0 });
    expect(await report(desk, 'b', 'delivered', { recipient: NUMBER + 1 })).toEqual(PARKED);
  });

  test('are found a part at a time, long ones once', async () => {
    const short = await submitted(['a', 'b', 'c', 'd', 'e']);
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(150));
    const request = { ...sender.request, templateId };
    const { planId: long } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
    await open(desk, [{ planId: long, from: 0, to: 0 }]);
    await answerAccepted(desk, [{ planId: long, index: 0, recipient: NUMBER, carrierIds: ['1', '2', '3'] }]);
    desk.clock.advance(3 * DAY + 1);
    expect(await age(2)).toEqual({ dropped: 0, unreported: 6 });
    expect(new Set([...(await statesOf(desk, short)), ...(await statesOf(desk, long))])).toEqual(
      new Set(['unreported']),
    );
  });
});

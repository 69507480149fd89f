import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerFailed,
  leaseDue,
  messageOf,
  NUMBER,
  open,
  openSender,
  type Sender,
  statesOf,
  waitingOf,
} from '../../test/traffic.ts';
import type { PlanPlace } from '../store/store.ts';
import { packRanges } from './packed.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
});
afterEach(() => desk.close());

describe('opening attempts', () => {
  test('claims each message once, however often and in what tasks it comes', async () => {
    const planId = await accept(desk, sender, 6);
    const task = (from: number, to: number) => ({
      channelId: 1,
      ranges: packRanges([{ planId, from, to }]),
      retries: [],
    });
    const settled = await desk.together(
      ['openAttempts', task(0, 3)],
      ['openAttempts', task(2, 4)],
      ['openAttempts', task(0, 9)],
      ['openAttempts', task(0, 9)],
    );
    const claimed = settled.map((each) => [
      ...('value' in each ? (each.value as { indexes: Uint32Array }).indexes : []),
    ]);
    expect(claimed).toEqual([[0, 1, 2, 3], [4], [5], []]);
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['dispatching']));
    expect(await messageOf(desk, planId, 3)).toMatchObject({ attempts: 1, channelId: 1 });
  });

  test('says so in one event a business, in unbroken runs', async () => {
    const planId = await accept(desk, sender, 5);
    const other = await openSender(desk);
    const foreign = await accept(desk, other, 2);
    await open(desk, [{ planId, from: 2, to: 2 }]);
    await desk.newEvents();
    await open(desk, [
      { planId, from: 0, to: 4 },
      { planId: foreign, from: 0, to: 1 },
    ]);
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual([
      [
        sender.businessId,
        {
          kind: 'message.state',
          state: 'dispatching',
          runs: [
            [planId, 0, 1],
            [planId, 3, 4],
          ],
        },
      ],
      [other.businessId, { kind: 'message.state', state: 'dispatching', runs: [[foreign, 0, 1]] }],
    ]);
  });

  test('takes what it claims off the list of retries, and nothing else', async () => {
    const planId = await accept(desk, sender, 3);
    await open(desk, [{ planId, from: 0, to: 2 }]);
    for (const index of [0, 1, 2]) await answerFailed(desk, { planId, index }, 'later');
    desk.clock.advance(1_000);
    const due = await leaseDue(desk, 2);
    expect(due.map(({ index, category }) => [index, category])).toEqual([
      [0, 'notification'],
      [1, 'notification'],
    ]);
    expect(await open(desk, [], 1, due.slice(0, 1))).toHaveLength(1);
    expect((await leaseDue(desk, 9)).map(({ index }) => index)).toEqual([2]);
    desk.clock.advance(60_000);
    expect((await leaseDue(desk, 9)).map(({ index }) => index)).toEqual([1, 2]);
  });

  test('leaves what a retry speaks of to that retry, however often older tasks come', async () => {
    const planId = await accept(desk, sender, 2);
    const all = [{ planId, from: 0, to: 1 }];
    await open(desk, all);
    await answerFailed(desk, { planId, index: 0 }, 'later');
    expect(await open(desk, all, 2)).toEqual([]);
    desk.clock.advance(1_000);
    const first = await leaseDue(desk);
    expect(first).toMatchObject([{ index: 0, attempts: 1 }]);
    // It stands in a queue for too long, and is leased and published again: either task may have it.
    desk.clock.advance(60_000);
    expect(await leaseDue(desk)).toMatchObject([{ index: 0, attempts: 1 }]);
    expect(await open(desk, all, 2, first)).toHaveLength(1);
    await answerFailed(desk, { planId, index: 0 }, 'later');
    expect(await open(desk, all, 2, first)).toEqual([]);
    desk.clock.advance(60_000);
    const second = await leaseDue(desk);
    expect(second).toMatchObject([{ index: 0, attempts: 2 }]);
    // A batch may hold the same message several times.
    expect(await open(desk, all, 3, [...second, ...first, ...second])).toHaveLength(1);
    expect(await desk.ask('nextRetry', { category: 'notification' })).toBe(null);
  });
});

describe('what waits', () => {
  test('is told by lane and in the order it came', async () => {
    const code = await openSender(desk, { category: 'verification' });
    const [first, second] = [await accept(desk, sender, 3), await accept(desk, sender, 1)];
    const urgent = await accept(desk, code, 1);
    const running = async (category: 'verification' | 'notification', after: PlanPlace | null = null) =>
      desk.ask('runningPlans', { category, after, limit: 10 });
    const ids = (plans: readonly { id: number }[]) => plans.map(({ id }) => id);
    const waiting = await running('notification');
    expect(ids(waiting)).toEqual([first, second]);
    expect(ids(await running('notification', waiting[0]!))).toEqual([second]);
    expect(ids(await running('verification'))).toEqual([urgent]);
    const ofOne = { category: 'notification', after: 0, limit: 1 } as const;
    const page = await desk.ask('runningPlansOf', { ...ofOne, businessId: sender.businessId });
    expect([ids(page.plans), page.next]).toEqual([[first], first]);
    expect((await desk.ask('runningPlansOf', { ...ofOne, businessId: code.businessId })).plans).toEqual([]);
    expect(await desk.ask('runningPlan', { planId: first })).toMatchObject({ id: first, accepted: 3, segments: 1 });
    await open(desk, [{ planId: first, from: 1, to: 1 }]);
    expect(await waitingOf(desk, first)).toEqual([0, 2]);
    await open(desk, [{ planId: second, from: 0, to: 0 }]);
    await answerFailed(desk, { planId: second, index: 0, recipient: NUMBER }, 'never');
    expect(ids(await running('notification'))).toEqual([first]);
    expect(await desk.ask('runningPlan', { planId: second })).toBe(null);
  });

  test('has a content, which is there for ever', async () => {
    const planId = await accept(desk, sender, 1);
    const { contentIds } = await desk.do('openAttempts', {
      channelId: 1,
      ranges: packRanges([{ planId, from: 0, to: 0 }]),
      retries: [],
    });
    expect(await desk.ask('findContent', { id: contentIds[0]! })).toEqual({
      id: contentIds[0],
      templateId: sender.request.templateId,
      templateText: 'Hello',
      signatureText: 'Signet',
      placement: 'prefix',
      brackets: 'fitting',
      category: 'notification',
    });
    expect(await desk.ask('findContent', { id: 999 })).toBe(null);
  });
});

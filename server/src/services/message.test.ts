import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  NUMBER,
  open,
  openDue,
  openSender,
  report,
  type Sender,
  toSend,
} from '../../test/traffic.ts';
import { timelineOf } from './message.ts';

let desk: TestDesk;
let sender: Sender;
let other: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  other = await openSender(desk);
});
afterEach(() => desk.close());

describe('looking at what was sent', () => {
  test('a plan shows its counts to its business, to the administrator, and to nobody else', async () => {
    const planId = await accept(desk, sender, 3);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    const find = (businessId: number | null, id = planId) => desk.ask('findPlan', { businessId, id });
    expect(await find(sender.businessId)).toMatchObject({
      plan: { id: planId, total: 3 },
      counts: { accepted: 1, dispatching: 2 },
    });
    expect(await find(null)).toEqual(await find(sender.businessId));
    expect(await find(other.businessId)).toBe(null);
    expect(await find(null, planId + 1)).toBe(null);
  });

  test('a plan is found by the whole of its uuid only', async () => {
    const request = { ...sender.request, dialect: 'tsms' as const };
    const { planId, uuid } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
    const find = (text: string, businessId = sender.businessId) =>
      desk.ask('findPlanByUuid', { businessId, uuid: text });
    expect((await find(uuid!))?.plan.id).toBe(planId);
    expect(await find(uuid!, other.businessId)).toBe(null);
    expect(await find(uuid!.toUpperCase())).toBe(null);
    // The same id, other random bits.
    const last = uuid!.endsWith('0') ? '1' : '0';
    expect(await find(`${uuid!.slice(0, -1)}${last}`)).toBe(null);
    expect(await find('no uuid')).toBe(null);
  });

  test('a staged plan is not there', async () => {
    const opened = await desk.do('stagePlan', { request: sender.request, idempotency: null });
    if (!('planId' in opened)) throw new Error('nothing was staged');
    expect(await desk.ask('findPlan', { businessId: null, id: opened.planId })).toBe(null);
    expect(await desk.ask('findMessage', { businessId: null, planId: opened.planId, index: 0 })).toBe(null);
  });

  test('a message shows all its attempts and the entries of its plan', async () => {
    const planId = await accept(desk, sender, 2);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerFailed(desk, { planId, index: 0 }, 'later');
    desk.clock.advance(1_000);
    await openDue(desk, 2);
    await answerAccepted(
      desk,
      [0, 1].map((index) => ({ planId, index, recipient: NUMBER + index, carrierIds: [`c${index}`] })),
      { channelId: 2 },
    );
    desk.clock.advance(3_600_000);
    await report(desk, 'c0', 'delivered', { channelId: 2 });
    const history = (await desk.ask('findMessage', { businessId: sender.businessId, planId, index: 0 }))!;
    expect(history.message).toMatchObject({ state: 'delivered', attempts: 2, channelId: 2, finalAt: desk.clock.now() });
    expect(history.attempts).toEqual([
      { number: 1, channelId: 1, openedAt: history.message.dispatchedAt!, repeat: false },
      { number: 2, channelId: 2, openedAt: history.message.dispatchedAt! + 1_000, repeat: false },
    ]);
    expect(timelineOf(history).map(({ state, channelId }) => [state, channelId])).toEqual([
      ['accepted', undefined],
      ['dispatching', 1],
      ['dispatching', 2],
      ['submitted', undefined],
      ['delivered', undefined],
    ]);
    expect(history.ledger.map(({ kind, credits }) => [kind, credits])).toEqual([
      ['reserve', 2],
      ['settle', 2],
    ]);
    const second = (await desk.ask('findMessage', { businessId: null, planId, index: 1 }))!;
    expect(second.attempts).toEqual([]);
    expect(await desk.ask('findMessage', { businessId: other.businessId, planId, index: 0 })).toBe(null);
    expect(await desk.ask('findMessage', { businessId: null, planId, index: 2 })).toBe(null);
  });

  test('lists show plans and messages of a business, newest first', async () => {
    const [first, foreign, second] = [
      await accept(desk, sender, 2),
      await accept(desk, other, 1),
      await accept(desk, sender, 1),
    ];
    const plans = async (businessId: number | null) =>
      (await desk.ask('listPlans', { businessId, state: null, before: null, limit: 10 })).map(({ id }) => id);
    expect(await plans(sender.businessId)).toEqual([second, first]);
    expect(await plans(null)).toEqual([second, foreign, first]);
    const filter = { planId: null, state: null, recipient: null, since: null, until: null, before: null, limit: 10 };
    const { messages, next } = await desk.ask('listMessages', { ...filter, businessId: sender.businessId });
    expect(messages.map(({ planId, index }) => [planId, index])).toEqual([
      [second, 0],
      [first, 1],
      [first, 0],
    ]);
    expect(next).toBe(null);
    expect((await desk.ask('messagesOfPlan', { planId: first, after: 0, limit: 5 })).map(({ index }) => index)).toEqual(
      [1],
    );
  });

  test('events are read by a business, or all of them', async () => {
    await accept(desk, sender, 1);
    await accept(desk, other, 1);
    const read = (businessId: number | null, after = 0, limit = 100) =>
      desk.ask('listEvents', { filter: { businessId, kind: null, states: null }, after, limit });
    const all = await read(null);
    expect(await read(sender.businessId)).toEqual(all.filter(({ businessId }) => businessId === sender.businessId));
    expect(await read(null, all[2]!.id, 2)).toEqual(all.slice(3, 5));
  });
});

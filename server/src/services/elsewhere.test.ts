import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerFailed,
  leaseDue,
  messageOf,
  NUMBER,
  nextRetry,
  open,
  openSender,
  type Sender,
} from '../../test/traffic.ts';
import type { RouteFields } from '../domain/route.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  for (const name of ['a', 'b', 'c', 'd']) {
    const smpp = { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret' };
    await desk.do('createChannel', { actor: ADMIN, name, enabled: true, smpp });
  }
});
afterEach(() => desk.close());

const addRoute = (more: Partial<RouteFields> = {}) =>
  desk.do('createRoute', {
    actor: ADMIN,
    position: null,
    fields: {
      name: 'r',
      enabled: true,
      countries: [],
      prefixes: [],
      categories: [],
      businesses: [],
      targets: [
        { channelId: 1, weight: 1 },
        { channelId: 2, weight: 1 },
      ],
      fallback: [3],
      sticky: false,
      ...more,
    },
  });
/** Sends a message over a channel that says it should go over another. `attempts`: how often it was tried before. */
const refusedBy = async (channelId: number, planId: number, index = 0, attempts = 0) => {
  expect(await open(desk, [], channelId, [{ planId, index, attempts }])).toHaveLength(1);
  await answerFailed(desk, { planId, index }, 'elsewhere', `no from ${channelId}`, channelId);
};

describe('a message that its carrier wants to go over another channel', () => {
  test('is due at once and knows who refused it, until every channel of its route has', async () => {
    await addRoute();
    const planId = await accept(desk, sender, 1);
    await refusedBy(1, planId);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'queued', error: 'no from 1' });
    expect(await nextRetry(desk)).toBe(desk.clock.now());
    expect((await leaseDue(desk)).map((retry) => retry.refusedBy)).toEqual([[1]]);
    await refusedBy(2, planId, 0, 1);
    expect((await leaseDue(desk)).map((retry) => retry.refusedBy)).toEqual([[1, 2]]);
    await refusedBy(3, planId, 0, 2);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'failed', error: 'no from 3', released: 1 });
    expect(await nextRetry(desk)).toBe(null);
    expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toMatchObject({
      available: 1_000,
      reserved: 0,
    });
    const history = (await desk.ask('findMessage', { businessId: null, planId, index: 0 }))!;
    expect(history.attempts.map(({ number, channelId }) => [number, channelId])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect((await desk.ask('findPlan', { businessId: null, id: planId }))!.plan.state).toBe('done');
    expect(await desk.faults()).toEqual([]);
  });

  test('may go back to one that was only busy', async () => {
    await addRoute({ fallback: [] });
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }], 1);
    await answerFailed(desk, { planId, index: 0 }, 'later', undefined, 1);
    await refusedBy(2, planId, 0, 1);
    expect((await leaseDue(desk)).map((retry) => retry.refusedBy)).toEqual([[2]]);
  });

  test('fails where no route fits, or nothing but disabled channels is left', async () => {
    await addRoute({ countries: ['GB'] });
    const first = await accept(desk, sender, 1);
    await refusedBy(1, first);
    expect(await messageOf(desk, first, 0)).toMatchObject({ state: 'failed' });
    await desk.do('editRoute', { actor: ADMIN, id: 1, fields: { countries: ['CN'] }, position: null });
    for (const id of [2, 3]) await desk.do('editChannel', { actor: ADMIN, id, enabled: false });
    const second = await accept(desk, sender, [NUMBER + 1]);
    await refusedBy(1, second);
    expect(await messageOf(desk, second, 0)).toMatchObject({ state: 'failed' });
    await desk.do('editChannel', { actor: ADMIN, id: 3, enabled: true });
    const third = await accept(desk, sender, [NUMBER + 2]);
    await refusedBy(1, third);
    expect(await messageOf(desk, third, 0)).toMatchObject({ state: 'queued' });
  });

  test('is not sent again once its plan is cancelled, and not by an answer that was recorded before', async () => {
    await addRoute();
    const planId = await accept(desk, sender, 2);
    await refusedBy(1, planId);
    await answerFailed(desk, { planId, index: 0 }, 'elsewhere', undefined, 1);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'queued', attempts: 1 });
    await open(desk, [{ planId, from: 1, to: 1 }], 1);
    await desk.do('cancelPlan', { actor: sender.actor, planId });
    await answerFailed(desk, { planId, index: 1 }, 'elsewhere', undefined, 1);
    expect(await messageOf(desk, planId, 1)).toMatchObject({ state: 'cancelled' });
    expect(await desk.faults()).toEqual([]);
  });

  test('goes elsewhere also when the answer comes after its time', async () => {
    await addRoute();
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }], 1);
    await answerFailed(desk, { planId, index: 0 }, 'unknown', undefined, 1);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'uncertain' });
    await answerFailed(desk, { planId, index: 0 }, 'elsewhere', undefined, 1);
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'queued', repeats: 0 });
    expect((await leaseDue(desk)).map((retry) => retry.refusedBy)).toEqual([[1]]);
    desk.clock.advance(3_600_000);
    expect((await desk.do('decideUncertain', { limit: 10 })).decided).toBe(0);
  });
});

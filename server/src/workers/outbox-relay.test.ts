import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  NUMBER,
  numbers,
  open,
  openSender,
  type Sender,
} from '../../test/traffic.ts';
import { settle } from '../../test/workers.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { createLogger } from '../lib/log.ts';
import { MemoryQueue } from '../queue/memory.ts';
import { taskSize } from '../queue/queue.ts';
import { OutboxRelay } from './outbox-relay.ts';

const CHANNEL = 1;

describe('the outbox relay', () => {
  let desk: TestDesk;
  let queue: MemoryQueue;
  let relay: OutboxRelay;
  let senders: Record<Category, Sender>;
  /** The channel that takes everything, and those that run. */
  let route: number | null;
  let running: Set<number>;

  beforeEach(async () => {
    desk = await TestDesk.open();
    queue = new MemoryQueue();
    route = CHANNEL;
    running = new Set([CHANNEL]);
    const sender = (category: Category) => openSender(desk, { credits: 1_000_000, category });
    senders = {
      verification: await sender('verification'),
      notification: await sender('notification'),
      marketing: await sender('marketing'),
    };
    relay = newRelay();
  });
  afterEach(async () => {
    await relay.stop();
    await desk.close();
  });

  const newRelay = () =>
    new OutboxRelay(
      desk,
      queue,
      { channelFor: () => route, runs: (id) => running.has(id) },
      desk.clock,
      createLogger('silent'),
    );
  /** Starts what a new process would. */
  const restart = async () => {
    await relay.stop();
    desk.restart();
    queue = new MemoryQueue();
    relay = newRelay();
    await relay.start();
    await settle();
  };
  const start = async () => {
    await relay.start();
    await settle();
  };
  const depth = (lane: Category, channelId = CHANNEL) => queue.depth({ channelId, lane });
  /** Takes everything out of a lane, as plan and index. */
  const drain = (lane: Category = 'notification', channelId = CHANNEL): string[] => {
    const places: string[] = [];
    for (let next = queue.take({ channelId, lane }); next !== null; next = queue.take({ channelId, lane })) {
      expect(next.task.channelId).toBe(channelId);
      for (const { planId, from, to } of next.task.ranges) {
        for (let index = from; index <= to; index++) places.push(`${planId}/${index}`);
      }
    }
    return places;
  };
  const places = (planId: number, count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `${planId}/${from + i}`);

  it('publishes each plan once, in the order they came, in its lane', async () => {
    await start();
    const expected: Record<Category, string[]> = { verification: [], notification: [], marketing: [] };
    for (let i = 0; i < 30; i++) {
      const lane = CATEGORIES[i % 3]!;
      expected[lane].push(...places(await accept(desk, senders[lane], 1 + i), 1 + i));
      if (i % 7 === 0) await settle();
    }
    await settle();
    for (const lane of CATEGORIES) expect(drain(lane)).toEqual(expected[lane]);
    desk.clock.advance(10_000);
    await settle();
    for (const lane of CATEGORIES) expect(drain(lane)).toEqual([]);
  });

  it('finds plans that were accepted before it started, and more than it lists at once', async () => {
    const requests = Array.from({ length: 2_300 }, (_, i): [string, unknown] => [
      'acceptPlan',
      {
        request: senders.notification.request,
        recipients: [NUMBER + i],
        parameters: { shared: null },
        idempotency: null,
      },
    ]);
    const planIds = (await desk.together(...requests)).map(
      (answer) => (answer as { value: { planId: number } }).value.planId,
    );
    await start();
    expect(drain()).toEqual(planIds.map((id) => `${id}/0`));
  });

  it('keeps a bounded piece in the queue, and tasks that are not too large', async () => {
    const planId = await accept(desk, senders.marketing, numbers(25_000));
    await start();
    expect(depth('marketing')).toBe(10_000);
    const seen: string[] = [];
    for (let next = queue.take({ channelId: CHANNEL, lane: 'marketing' }); next !== null; ) {
      expect(taskSize(next.task)).toBeLessThanOrEqual(500);
      for (const { planId, from, to } of next.task.ranges) {
        for (let index = from; index <= to; index++) seen.push(`${planId}/${index}`);
      }
      relay.nudge();
      await settle();
      expect(depth('marketing')).toBeLessThanOrEqual(10_000);
      next = queue.take({ channelId: CHANNEL, lane: 'marketing' });
    }
    expect(seen).toEqual(places(planId, 25_000));
  });

  it('waits for a channel', async () => {
    route = null;
    const planId = await accept(desk, senders.notification, 3);
    await start();
    desk.clock.advance(5_000);
    await settle();
    expect(depth('notification')).toBe(0);
    route = CHANNEL;
    relay.nudge();
    await settle();
    expect(drain()).toEqual(places(planId, 3));
  });

  it('gives what waits for a channel that is gone to the next, in the same lanes', async () => {
    await start();
    const planId = await accept(desk, senders.notification, 700);
    const urgent = await accept(desk, senders.verification, 2);
    await settle();
    running.clear();
    route = null;
    relay.nudge();
    await settle();
    expect(depth('notification')).toBe(700);
    route = 2;
    running.add(2);
    relay.nudge();
    await settle();
    expect(depth('notification')).toBe(0);
    expect(drain('notification', 2)).toEqual(places(planId, 700));
    expect(drain('verification', 2)).toEqual(places(urgent, 2));
  });

  it('leaves what waits for a channel that only is not the first any more', async () => {
    await start();
    await accept(desk, senders.notification, 5);
    await settle();
    route = 2;
    running.add(2);
    relay.nudge();
    await settle();
    expect(depth('notification')).toBe(5);
    running.delete(CHANNEL);
    relay.nudge();
    await settle();
    expect(depth('notification', 2)).toBe(5);
  });

  it('publishes a plan that was written in steps while newer ones were accepted', async () => {
    await start();
    const { request } = senders.marketing;
    const staging = await desk.do('stagePlan', { request, total: 3, idempotency: null });
    const { planId } = staging as { planId: number };
    const newer = await accept(desk, senders.marketing, 2);
    await settle();
    const recipients = numbers(3);
    const staged = { request, planId, recipients, parameters: { shared: null } };
    const { credits } = await desk.do('stageMessages', { ...staged, from: 0 });
    expect(newer).toBeGreaterThan(planId);
    expect(drain('marketing')).toEqual(places(newer, 2));
    await desk.do('acceptStaged', { request, planId, recipients, credits, idempotency: null });
    await settle();
    expect(drain('verification')).toEqual([]);
    expect(drain('marketing')).toEqual(places(planId, 3));
  });

  it('begins anew after a start, with what was never tried', async () => {
    await start();
    const first = await accept(desk, senders.notification, 6);
    await settle();
    const opened = await open(desk, [{ planId: first, from: 1, to: 3 }]);
    await answerAccepted(desk, [{ ...opened[1]!, carrierIds: ['a'] }]);
    const second = await accept(desk, senders.notification, 2);
    await restart();
    expect(drain()).toEqual([`${first}/0`, `${first}/4`, `${first}/5`, ...places(second, 2)]);
    const third = await accept(desk, senders.notification, 2);
    await settle();
    expect(drain()).toEqual(places(third, 2));
  });

  it('publishes a retry when it is due, once, and again when nobody claimed it', async () => {
    await start();
    const planId = await accept(desk, senders.notification, 2);
    await settle();
    drain();
    await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerFailed(desk, { planId, index: 1 }, 'later', 'ESME_RTHROTTLED');
    await settle();
    expect(drain()).toEqual([]);
    desk.clock.advance(1_000);
    await settle();
    expect(drain()).toEqual([`${planId}/1`]);
    desk.clock.advance(59_000);
    await settle();
    expect(drain()).toEqual([]);
    desk.clock.advance(2_000);
    await settle();
    const task = queue.take({ channelId: CHANNEL, lane: 'notification' })!.task;
    expect(task.retries).toEqual([{ planId, index: 1 }]);
    expect(await open(desk, task.ranges, CHANNEL, task.retries)).toHaveLength(1);
    desk.clock.advance(120_000);
    await settle();
    expect(drain()).toEqual([]);
  });

  it('drops a retry of a message that was claimed in another task', async () => {
    await start();
    const planId = await accept(desk, senders.notification, 1);
    await settle();
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'notSent');
    // Claimed through a task that knew nothing of the retry.
    await open(desk, [{ planId, from: 0, to: 0 }]);
    desk.clock.advance(300_000);
    await settle();
    expect(await desk.ask('nextRetry', {})).toBeNull();
  });

  it('looks again after the store failed it', async () => {
    await start();
    const { ask } = desk;
    desk.ask = () => Promise.reject(new Error('the store is away'));
    desk.clock.advance(1_500);
    await settle();
    const planId = await accept(desk, senders.notification, 2);
    await settle();
    desk.ask = ask;
    desk.clock.advance(3_000);
    await settle();
    expect(drain()).toEqual(places(planId, 2));
  });

  it('does nothing once it is stopped', async () => {
    await start();
    await relay.stop();
    await accept(desk, senders.notification, 2);
    desk.clock.advance(10_000);
    await settle();
    expect(depth('notification')).toBe(0);
  });
});

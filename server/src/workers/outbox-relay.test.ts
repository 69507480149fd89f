import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  NUMBER,
  nextRetry,
  numbers,
  open,
  openSender,
  type Sender,
} from '../../test/traffic.ts';
import { settle } from '../../test/workers.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { parseQuietHours, Rests } from '../domain/quiet-hours.ts';
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
  /** Channels whose link stays down. */
  let down: Set<number>;

  beforeEach(async () => {
    desk = await TestDesk.open();
    queue = new MemoryQueue();
    route = CHANNEL;
    running = new Set([CHANNEL]);
    down = new Set();
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

  const newRelay = (quiet: Rests | null = null) =>
    new OutboxRelay(
      desk,
      queue,
      {
        defaultChannel: () => route,
        runs: (id) => running.has(id),
        usable: (id) => running.has(id) && !down.has(id),
        look() {},
        takeBack: () => [],
      },
      desk.clock,
      createLogger('silent'),
      quiet,
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
  const drain = async (lane: Category = 'notification', channelId = CHANNEL): Promise<string[]> => {
    const places: string[] = [];
    while (depth(lane, channelId) > 0) {
      for (let next = queue.take({ channelId, lane }); next !== null; next = queue.take({ channelId, lane })) {
        expect(next.task.channelId).toBe(channelId);
        for (const { planId, from, to } of next.task.ranges) {
          for (let index = from; index <= to; index++) places.push(`${planId}/${index}`);
        }
        for (const { planId, index } of next.task.retries) places.push(`${planId}/${index}`);
      }
      relay.nudge();
      await settle();
    }
    return places;
  };
  const places = (planId: number, count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `${planId}/${from + i}`);

  describe('at a queue outside this process', () => {
    /** Loses what stands in it, with a word or without one. */
    class FarQueue extends MemoryQueue {
      override readonly ahead: number = 10;
      override reachable: boolean = true;
      readonly #lost: (() => void)[] = [];
      override onLost(listener: () => void): void {
        this.#lost.push(listener);
      }
      async lose(): Promise<void> {
        await this.drain({ channelId: CHANNEL, lane: 'notification' });
      }
      tellLost(): void {
        for (const listener of this.#lost) listener();
      }
    }
    let far: FarQueue;
    beforeEach(async () => {
      far = new FarQueue();
      queue = far;
      relay = newRelay();
      await start();
    });

    it('finds in the store what was lost, but for what was claimed', async () => {
      const planId = await accept(desk, senders.notification, 100);
      await settle();
      await open(desk, queue.take({ channelId: CHANNEL, lane: 'notification' })!.task.ranges, CHANNEL, []);
      const claimed = 100 - depth('notification');
      expect(claimed).toBeGreaterThan(0);
      await far.lose();
      far.tellLost();
      await settle();
      expect(await drain()).toEqual(places(planId, 100 - claimed, claimed));
    });

    it('finds also what was lost without a word, after a while', async () => {
      const planId = await accept(desk, senders.notification, 100);
      await settle();
      await far.lose();
      for (let s = 0; s < 32; s++) {
        desk.clock.advance(1_000);
        await settle();
      }
      expect(await drain()).toEqual(places(planId, 100));
    });

    it('publishes nothing while it cannot be reached, and everything afterwards', async () => {
      far.reachable = false;
      const planId = await accept(desk, senders.notification, 100);
      await settle();
      expect(depth('notification')).toBe(0);
      far.reachable = true;
      relay.nudge();
      await settle();
      expect(await drain()).toEqual(places(planId, 100));
    });

    it('makes tasks so small that those which come ahead are no more than the queue keeps', async () => {
      await accept(desk, senders.notification, 5_000);
      await settle();
      const whole = depth('notification');
      const first = queue.take({ channelId: CHANNEL, lane: 'notification' })!;
      expect(taskSize(first.task) * far.ahead).toBeLessThanOrEqual(whole);
    });
  });

  it('publishes each plan once, in the order they came, in its lane', async () => {
    await start();
    const expected: Record<Category, string[]> = { verification: [], notification: [], marketing: [] };
    for (let i = 0; i < 30; i++) {
      const lane = CATEGORIES[i % 3]!;
      expected[lane].push(...places(await accept(desk, senders[lane], 1 + i), 1 + i));
      if (i % 7 === 0) await settle();
    }
    await settle();
    for (const lane of CATEGORIES) expect(await drain(lane)).toEqual(expected[lane]);
    desk.clock.advance(10_000);
    await settle();
    for (const lane of CATEGORIES) expect(await drain(lane)).toEqual([]);
  });

  it('finds plans that were accepted before it started, and more than it lists at once', async () => {
    const requests = Array.from({ length: 2_300 }, (_, i): [string, unknown] => [
      'acceptPlan',
      {
        request: senders.notification.request,
        total: 1,
        recipients: [NUMBER + i],
        invalid: [],
        parameters: { shared: null },
        idempotency: null,
      },
    ]);
    const planIds = (await desk.together(...requests)).map(
      (answer) => (answer as { value: { planId: number } }).value.planId,
    );
    await start();
    expect(await drain()).toEqual(planIds.map((id) => `${id}/0`));
  });

  it('keeps a bounded piece in the queue, and tasks that are not too large', async () => {
    const planId = await accept(desk, senders.marketing, numbers(25_000));
    await start();
    // How fast the channel is nobody knows yet.
    expect(depth('marketing')).toBe(200);
    const seen: string[] = [];
    for (let next = queue.take({ channelId: CHANNEL, lane: 'marketing' }); next !== null; ) {
      expect(taskSize(next.task)).toBeLessThanOrEqual(500);
      for (const { planId, from, to } of next.task.ranges) {
        for (let index = from; index <= to; index++) seen.push(`${planId}/${index}`);
      }
      relay.nudge();
      await settle();
      expect(depth('marketing')).toBeLessThanOrEqual(200);
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
    expect(await drain()).toEqual(places(planId, 3));
  });

  it('gives what waits for a channel that is gone to the next, in the same lanes', async () => {
    await start();
    const planId = await accept(desk, senders.notification, 150);
    const urgent = await accept(desk, senders.verification, 2);
    await settle();
    running.clear();
    route = null;
    relay.nudge();
    await settle();
    expect(depth('notification')).toBe(150);
    route = 2;
    running.add(2);
    relay.nudge();
    await settle();
    expect(depth('notification')).toBe(0);
    expect(await drain('notification', 2)).toEqual(places(planId, 150));
    expect(await drain('verification', 2)).toEqual(places(urgent, 2));
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

  it('goes on once with tasks of which it could move only some', async () => {
    await start();
    const planId = await accept(desk, senders.notification, numbers(250));
    await settle();
    running.clear();
    route = null;
    for (let i = 0; i < 3; i++) {
      relay.nudge();
      await settle();
    }
    route = 2;
    running.add(2);
    relay.nudge();
    await settle();
    expect(await drain('notification', 2)).toEqual(places(planId, 250));
  });

  it('publishes a plan that was written in steps while newer ones were accepted', async () => {
    await start();
    const { request } = senders.marketing;
    const staging = await desk.do('stagePlan', { request, idempotency: null });
    const { planId } = staging as { planId: number };
    const newer = await accept(desk, senders.marketing, 2);
    await settle();
    const recipients = numbers(3);
    const staged = { request, planId, recipients, parameters: { shared: null } };
    const { credits } = await desk.do('stageMessages', { ...staged, from: 0 });
    expect(newer).toBeGreaterThan(planId);
    expect(await drain('marketing')).toEqual(places(newer, 2));
    await desk.do('acceptStaged', {
      request,
      planId,
      total: 3,
      accepted: 3,
      uncounted: recipients,
      invalid: 0,
      credits,
      idempotency: null,
    });
    await settle();
    expect(await drain('verification')).toEqual([]);
    expect(await drain('marketing')).toEqual(places(planId, 3));
  });

  it('begins anew after a start, with what was never tried', async () => {
    await start();
    const first = await accept(desk, senders.notification, 6);
    await settle();
    const opened = await open(desk, [{ planId: first, from: 1, to: 3 }]);
    await answerAccepted(desk, [{ ...opened[1]!, carrierIds: ['a'] }]);
    const second = await accept(desk, senders.notification, 2);
    await restart();
    expect(await drain()).toEqual([`${first}/0`, `${first}/4`, `${first}/5`, ...places(second, 2)]);
    const third = await accept(desk, senders.notification, 2);
    await settle();
    expect(await drain()).toEqual(places(third, 2));
  });

  it('publishes a retry when it is due, once, and again when nobody claimed it', async () => {
    await start();
    const planId = await accept(desk, senders.notification, 2);
    await settle();
    await drain();
    await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerFailed(desk, { planId, index: 1 }, 'later', 'ESME_RTHROTTLED');
    await settle();
    expect(await drain()).toEqual([]);
    desk.clock.advance(1_000);
    await settle();
    expect(await drain()).toEqual([`${planId}/1`]);
    desk.clock.advance(59_000);
    await settle();
    expect(await drain()).toEqual([]);
    desk.clock.advance(2_000);
    await settle();
    const task = queue.take({ channelId: CHANNEL, lane: 'notification' })!.task;
    expect(task).toMatchObject({ ranges: [], retries: [{ planId, index: 1, attempts: 1 }] });
    expect(await open(desk, task.ranges, CHANNEL, task.retries)).toHaveLength(1);
    desk.clock.advance(120_000);
    await settle();
    expect(await drain()).toEqual([]);
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
    expect(await nextRetry(desk)).toBeNull();
  });

  it('lets recipients rest during quiet hours, each by the clock of where it is', async () => {
    // It is eight in the morning in Shanghai, seven in the evening in New York, and midnight in UTC.
    expect(desk.clock.now() % 86_400_000).toBe(0);
    relay = newRelay(new Rests(parseQuietHours('20:00-09:00')!));
    await start();
    const newYork = 12_125_550_100;
    const mixed = await accept(desk, senders.marketing, [NUMBER, newYork, NUMBER + 1, newYork + 1]);
    const code = await accept(desk, senders.verification, [NUMBER]);
    const single = await accept(desk, senders.marketing, [NUMBER + 2]);
    await settle();
    expect(await drain('verification')).toEqual([`${code}/0`]);
    expect(await drain('marketing')).toEqual([`${mixed}/1`, `${mixed}/3`]);
    desk.clock.advance(3_599_000);
    await settle();
    const foreign = await accept(desk, senders.marketing, [newYork + 2]);
    await settle();
    expect(await drain('marketing')).toEqual([`${foreign}/0`]);
    // Nine in Shanghai: those go on, in the order they came, and New York rests.
    desk.clock.advance(2_000);
    await settle();
    const late = await accept(desk, senders.marketing, [newYork + 3, NUMBER + 3]);
    await settle();
    // Nobody has claimed what was published before, so it waits still, and rests as well.
    expect(await drain('marketing')).toEqual([`${mixed}/0`, `${mixed}/2`, `${single}/0`, `${late}/1`]);
    desk.clock.advance(13 * 3_600_000);
    await settle();
    desk.clock.advance(1_000);
    await settle();
    const again = await drain('marketing');
    expect(again).toEqual(expect.arrayContaining([`${mixed}/1`, `${mixed}/3`, `${foreign}/0`, `${late}/0`]));
  });

  it('does not send again what rests by now', async () => {
    const quiet = new Rests(parseQuietHours('20:00-09:00')!);
    await relay.stop();
    await desk.close();
    desk = await TestDesk.open({ settings: { quiet } });
    const sender = await openSender(desk, { category: 'marketing' });
    relay = newRelay(quiet);
    await start();
    const planId = await accept(desk, sender, [NUMBER, 12_125_550_100]);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    for (const index of [0, 1]) await answerFailed(desk, { planId, index }, 'later');
    await settle();
    await drain('marketing');
    desk.clock.advance(2_000);
    await settle();
    expect(await drain('marketing')).toEqual([`${planId}/1`]);
    // Nine in the morning in Shanghai.
    desk.clock.advance(3_600_000);
    await settle();
    desk.clock.advance(1_000);
    await settle();
    expect(await drain('marketing')).toContain(`${planId}/0`);
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
    expect(await drain()).toEqual(places(planId, 2));
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

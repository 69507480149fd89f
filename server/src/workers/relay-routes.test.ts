import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { accept, answerFailed, NUMBER, open, openSender, type Sender } from '../../test/traffic.ts';
import { settle } from '../../test/workers.ts';
import type { Category } from '../domain/category.ts';
import type { RouteFields } from '../domain/route.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';
import { createLogger } from '../lib/log.ts';
import { MemoryQueue } from '../queue/memory.ts';
import { OutboxRelay } from './outbox-relay.ts';

const CN = NUMBER;
const GB = 447_400_123_000;
const US = 12_015_550_100;
const LANES: readonly Category[] = ['verification', 'notification', 'marketing'];

describe('the outbox relay with routes', () => {
  let desk: TestDesk;
  let queue: MemoryQueue;
  let relay: OutboxRelay;
  let sender: Sender;
  let down: Set<number>;
  let running: Set<number>;
  /** Everything that was taken out of the queues, in order. */
  let sent: { channelId: number; place: string; recipient: number }[];

  beforeEach(async () => {
    desk = await TestDesk.open();
    queue = new MemoryQueue();
    down = new Set();
    running = new Set([1, 2, 3, 4]);
    sent = [];
    sender = await openSender(desk, { credits: 10_000_000 });
    for (const name of ['a', 'b', 'c', 'd']) {
      const smpp = { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret' };
      await desk.do('createChannel', { actor: ADMIN, name, enabled: true, smpp });
    }
    relay = new OutboxRelay(
      desk,
      queue,
      {
        defaultChannel: () => Math.min(...running),
        runs: (id) => running.has(id),
        usable: (id) => running.has(id) && !down.has(id),
        look() {},
        takeBack: () => [],
      },
      desk.clock,
      createLogger('silent'),
    );
  });
  afterEach(async () => {
    await relay.stop();
    await desk.close();
  });

  let names = 0;
  const addRoute = (fields: Partial<RouteFields>) =>
    desk.do('createRoute', {
      actor: ADMIN,
      position: null,
      fields: {
        name: `r${++names}`,
        enabled: true,
        countries: [],
        prefixes: [],
        categories: [],
        businesses: [],
        targets: [{ channelId: 1, weight: 1 }],
        fallback: [],
        sticky: false,
        ...fields,
      },
    });
  const to = (...targets: [channelId: number, weight: number][]): Pick<RouteFields, 'targets'> => ({
    targets: targets.map(([channelId, weight]) => ({ channelId, weight })),
  });
  const look = async () => {
    relay.nudge();
    await settle();
  };
  const start = async () => {
    await relay.start();
    await settle();
  };
  const depth = (channelId: number, lane: Category = 'notification') => queue.depth({ channelId, lane });
  /** Claims what waits in the queue of a channel as its dispatcher does; how many there were. */
  const take = async (channelId: number, most = Number.POSITIVE_INFINITY): Promise<number> => {
    let count = 0;
    for (const lane of LANES) {
      for (let next = count < most ? queue.take({ channelId, lane }) : null; next !== null; ) {
        const claimed = await open(desk, next.task.ranges, channelId, next.task.retries);
        for (const { planId, index, recipient } of claimed) {
          sent.push({ channelId, place: `${planId}/${index}`, recipient });
        }
        count += claimed.length;
        next = count < most ? queue.take({ channelId, lane }) : null;
      }
    }
    return count;
  };
  const drain = async (...channelIds: number[]) => {
    for (let taken = 1; taken > 0; ) {
      taken = 0;
      for (const channelId of channelIds) taken += await take(channelId);
      await look();
    }
  };
  const channelsOf = (recipients: readonly number[]) => {
    const channels = new Map(sent.map(({ recipient, channelId }) => [recipient, channelId]));
    return recipients.map((recipient) => channels.get(recipient) ?? null);
  };
  const countOf = (channelId: number) => sent.filter((each) => each.channelId === channelId).length;
  const expectOnce = (count: number) => {
    expect(new Set(sent.map(({ place }) => place)).size).toBe(count);
    expect(sent).toHaveLength(count);
  };
  const mixed = (count: number) =>
    Array.from({ length: count }, (_, i) => [CN, GB, US, 33_612_345_000][i % 4]! + Math.floor(i / 4));

  it('gives the messages of one plan to the channels of their routes', async () => {
    await addRoute({ countries: ['CN'], ...to([2, 1]) });
    await addRoute({ prefixes: ['447'], ...to([3, 1]) });
    await addRoute({ countries: ['US'], ...to([4, 1]) });
    await start();
    const recipients = mixed(2_000);
    await accept(desk, sender, recipients);
    await settle();
    await drain(1, 2, 3, 4);
    expectOnce(2_000);
    expect(channelsOf(recipients)).toEqual(recipients.map((_, i) => [2, 3, 4, 1][i % 4]));
  });

  it('puts a plan that goes one way into that line only', async () => {
    await addRoute({ countries: ['CN'], ...to([2, 1]) });
    await addRoute({ countries: ['GB'], ...to([3, 1]) });
    await start();
    const asked: unknown[] = [];
    const { ask } = desk;
    desk.ask = ((query: 'waitingMessages', input: never) => {
      if (query === 'waitingMessages') asked.push(input);
      return ask.call(desk, query, input);
    }) as typeof desk.ask;
    const recipients = Array.from({ length: 60 }, (_, i) => [CN, GB, 33_612_345_000][i % 3]! + i);
    for (const recipient of recipients) await accept(desk, sender, [recipient]);
    await settle();
    await drain(1, 2, 3);
    expectOnce(60);
    expect(channelsOf(recipients)).toEqual(recipients.map((_, i) => [2, 3, 1][i % 3]));
    expect(asked).toEqual([]);
  });

  it('lets no channel that is full or down hold up what goes by another', async () => {
    await addRoute({ countries: ['CN'], ...to([2, 1]) });
    await addRoute({ countries: ['GB'], ...to([3, 1]) });
    await start();
    const recipients = mixed(4_000);
    await accept(desk, sender, recipients);
    await settle();
    expect(depth(2)).toBe(200);
    await drain(3, 1);
    expect([countOf(3), countOf(1), depth(2)]).toEqual([1_000, 2_000, 200]);
    // One message makes room for one message.
    await drain(2);
    expectOnce(4_000);
  });

  it('shares a line between its channels by weight', async () => {
    await addRoute(to([1, 70], [2, 30]));
    await start();
    await accept(
      desk,
      sender,
      Array.from({ length: 2_000 }, (_, i) => CN + i),
    );
    await settle();
    await drain(1, 2);
    expectOnce(2_000);
    expect(Math.abs(countOf(1) - 1_400)).toBeLessThanOrEqual(200);
  });

  it('goes past a channel of a line that is slow, after a while', async () => {
    await addRoute(to([1, 70], [2, 30]));
    await start();
    await accept(
      desk,
      sender,
      Array.from({ length: 3_000 }, (_, i) => CN + i),
    );
    await settle();
    await drain(2);
    expect(depth(1)).toBe(200);
    expect(countOf(2)).toBeLessThan(300);
    for (let i = 0; i < 3; i++) {
      desk.clock.advance(1_000);
      await settle();
      await drain(2);
    }
    expect([countOf(2), depth(1)]).toEqual([2_800, 200]);
  });

  it('shares a channel between its lines in rounds', async () => {
    await addRoute({ countries: ['CN'], ...to([1, 1]) });
    await addRoute({ countries: ['GB'], ...to([1, 1]), fallback: [2] });
    await start();
    await accept(
      desk,
      sender,
      Array.from({ length: 10_000 }, (_, i) => CN + i),
    );
    await accept(
      desk,
      sender,
      Array.from({ length: 10_000 }, (_, i) => GB + i),
    );
    for (let i = 0; i < 20; i++) {
      await take(1);
      await look();
    }
    const chinese = sent.filter(({ recipient }) => recipient >= CN).length;
    expect(Math.abs(chinese - (sent.length - chinese))).toBeLessThanOrEqual(500);
  });

  it('moves what waits for a channel that stays down to the others of its line, and comes back', async () => {
    await addRoute({ ...to([1, 1]), fallback: [3, 2] });
    await start();
    await accept(
      desk,
      sender,
      Array.from({ length: 1_000 }, (_, i) => CN + i),
    );
    await settle();
    expect(depth(1)).toBe(200);
    down.add(1);
    await look();
    expect([depth(1), depth(3)]).toEqual([0, 200]);
    await drain(3);
    expectOnce(1_000);
    expect(countOf(3)).toBe(1_000);
    down.delete(1);
    await accept(desk, sender, [CN + 5_000]);
    await look();
    await drain(1, 3);
    expect(channelsOf([CN + 5_000])).toEqual([1]);
  });

  it('keeps what waits for the only channel of its line, down or not', async () => {
    await addRoute(to([2, 1]));
    await start();
    down.add(2);
    await accept(desk, sender, [CN]);
    await look();
    expect(await take(2)).toBe(0);
    down.delete(2);
    await look();
    expect(await take(2)).toBe(1);
    await accept(desk, sender, [CN + 1]);
    await settle();
    down.add(2);
    for (let i = 0; i < 3; i++) {
      desk.clock.advance(1_000);
      await look();
    }
    expect(depth(2)).toBe(1);
  });

  it('sends by other routes what waits when they change', async () => {
    const { id } = await addRoute(to([1, 1]));
    await start();
    await accept(
      desk,
      sender,
      Array.from({ length: 1_000 }, (_, i) => CN + i),
    );
    await settle();
    expect(await take(1, 100)).toBe(200);
    await look();
    await desk.do('editRoute', { actor: ADMIN, id, fields: to([2, 1]), position: null });
    await settle();
    expect(depth(1)).toBe(0);
    await drain(2, 1);
    expectOnce(1_000);
    expect([countOf(1), countOf(2)]).toEqual([200, 800]);
    await accept(desk, sender, [CN + 2_000]);
    await desk.do('deleteRoute', { actor: ADMIN, id });
    await settle();
    await drain(1, 2);
    expect(channelsOf([CN + 2_000])).toEqual([1]);
  });

  it('keeps a recipient to one channel of a sticky route, and moves only those of one that is down', async () => {
    await addRoute({ ...to([1, 1], [2, 1], [3, 2]), sticky: true });
    await start();
    const recipients = Array.from({ length: 400 }, (_, i) => CN + i);
    await accept(desk, sender, recipients);
    await settle();
    await drain(1, 2, 3);
    const first = channelsOf(recipients);
    expect(new Set(first)).toEqual(new Set([1, 2, 3]));
    await accept(desk, sender, recipients);
    await settle();
    await drain(3, 2, 1);
    expect(channelsOf(recipients)).toEqual(first);
    expectOnce(800);

    await accept(desk, sender, recipients);
    await settle();
    down.add(3);
    await look();
    await drain(1, 2);
    expectOnce(1_200);
    const without = channelsOf(recipients);
    expect(without.every((channelId, i) => (first[i] === 3 ? channelId !== 3 : channelId === first[i]))).toBe(true);

    await accept(desk, sender, recipients);
    await settle();
    down.delete(3);
    await look();
    await drain(1, 2, 3);
    expectOnce(1_600);
    expect(channelsOf(recipients)).toEqual(first);
  });

  it('sends elsewhere what a carrier wants there, at once, and never back', async () => {
    await addRoute({ ...to([1, 1], [2, 1]), fallback: [3] });
    await start();
    const recipients = Array.from({ length: 100 }, (_, i) => CN + i);
    const planId = await accept(desk, sender, recipients);
    await settle();
    for (let round = 0; round < 3; round++) {
      for (const channelId of [1, 2, 3]) {
        const before = sent.length;
        await take(channelId);
        for (const { place } of sent.slice(before)) {
          const index = Number(place.split('/')[1]);
          await answerFailed(desk, { planId, index }, 'elsewhere', undefined, channelId);
        }
        await look();
      }
    }
    for (const recipient of recipients) {
      const channels = sent.filter((each) => each.recipient === recipient).map(({ channelId }) => channelId);
      expect(channels.toSorted()).toEqual([1, 2, 3]);
      expect(channels[2]).toBe(3);
    }
    expect((await desk.ask('findPlan', { businessId: null, id: planId }))!.counts).toEqual({ failed: 100 });
  });

  it('sends elsewhere also what is kept to one channel, each number to a second of its own', async () => {
    await addRoute({ ...to([1, 1], [2, 1], [3, 1]), sticky: true, fallback: [4] });
    await start();
    const recipients = Array.from({ length: 90 }, (_, i) => CN + i);
    const rounds: (readonly (number | null)[])[] = [];
    const planId = await accept(desk, sender, recipients);
    await settle();
    for (let round = 0; round < 4; round++) {
      const before = sent.length;
      for (const channelId of [1, 2, 3, 4]) await take(channelId);
      rounds.push(channelsOf(recipients));
      expect(sent.length - before).toBe(90);
      for (const { place, channelId } of sent.slice(before)) {
        await answerFailed(desk, { planId, index: Number(place.split('/')[1]) }, 'elsewhere', undefined, channelId);
      }
      await look();
    }
    const [first, second, third, last] = rounds as [number[], number[], number[], number[]];
    expect(last).toEqual(recipients.map(() => 4));
    for (let i = 0; i < 90; i++) expect([first[i], second[i], third[i]].toSorted()).toEqual([1, 2, 3]);
    expect(new Set(second.filter((_, i) => first[i] === 1))).toEqual(new Set([2, 3]));
    expect((await desk.ask('findPlan', { businessId: null, id: planId }))!.counts).toEqual({ failed: 90 });
  });

  it('lets retries that wait for one channel hold up no others', async () => {
    await addRoute({ countries: ['CN'], ...to([2, 1]) });
    await addRoute({ countries: ['GB'], ...to([3, 1]) });
    await start();
    const chinese = await accept(
      desk,
      sender,
      Array.from({ length: 1_500 }, (_, i) => CN + i),
    );
    await settle();
    await drain(2);
    for (let index = 0; index < 1_500; index++)
      await answerFailed(desk, { planId: chinese, index }, 'later', undefined, 2);
    const british = await accept(desk, sender, [GB]);
    await settle();
    await drain(3);
    await answerFailed(desk, { planId: british, index: 0 }, 'later', undefined, 3);
    sent = [];
    for (let i = 0; i < 4; i++) {
      desk.clock.advance(1_000);
      await settle();
    }
    expect([depth(2), depth(3)]).toEqual([expect.any(Number), 1]);
    expect(depth(2)).toBeLessThan(1_500);
    await drain(3, 2);
    expectOnce(1_501);
  });

  it('begins anew again when it could not give back what it had taken', async () => {
    const { id } = await addRoute(to([1, 1]));
    await start();
    const planId = await accept(
      desk,
      sender,
      Array.from({ length: 300 }, (_, i) => CN + i),
    );
    await settle();
    await take(1);
    await look();
    await take(1);
    for (let index = 0; index < 10; index++) await answerFailed(desk, { planId, index }, 'later', undefined, 1);
    sent = [];
    desk.clock.advance(1_000);
    await settle();
    expect(depth(1)).toBe(10);
    const { do: commit } = desk;
    let refusals = 2;
    desk.do = ((verb: 'releaseRetries', input: never) => {
      if (verb !== 'releaseRetries' || refusals-- <= 0) return commit.call(desk, verb, input);
      return Promise.reject(new Error('the store is away'));
    }) as typeof desk.do;
    await desk.do('editRoute', { actor: ADMIN, id, fields: to([2, 1]), position: null });
    await settle();
    for (let i = 0; i < 70; i++) {
      desk.clock.advance(1_000);
      await settle();
    }
    await drain(2, 1);
    expectOnce(10);
    expect(countOf(2)).toBe(10);
  });

  it('leaves no message behind, whatever is changed while they wait', async () => {
    const { id } = await addRoute({ countries: ['CN'], ...to([1, 1], [2, 1]), fallback: [3] });
    await addRoute({ countries: ['GB'], ...to([2, 1], [3, 3]), sticky: true });
    await start();
    await accept(desk, sender, mixed(3_000));
    const changes = [
      () => down.add(2),
      () => desk.do('editRoute', { actor: ADMIN, id, fields: { sticky: true }, position: null }),
      () => down.delete(2),
      () => down.add(3),
      () => accept(desk, sender, mixed(1_000)),
      () => running.delete(4),
      () => desk.do('editRoute', { actor: ADMIN, id, fields: { enabled: false }, position: 2 }),
      () => down.delete(3),
      () => desk.do('deleteRoute', { actor: ADMIN, id }),
    ];
    for (const change of changes) {
      await change();
      await look();
      for (const channelId of [1, 2, 3, 4]) if (!down.has(channelId)) await take(channelId, 100);
      await look();
    }
    await drain(1, 2, 3);
    expectOnce(4_000);
  });

  it('opens lines of which nothing waits, over the channels that are usable', async () => {
    await addRoute({ countries: ['CN'], ...to([1, 7], [2, 3]) });
    await addRoute({ countries: ['GB'], ...to([2, 1], [3, 1]), sticky: true });
    await start();
    const lines = () =>
      relay.openLines('notification').map(({ key, inUse }) => [key, inUse.map(({ channelId }) => channelId)]);
    expect(lines()).toEqual([
      ['default', [1]],
      ['1*7,2*3', [1, 2]],
      ['~2*1,3*1@2', [2]],
      ['~2*1,3*1@3', [3]],
    ]);
    down.add(2);
    await look();
    expect(lines()).toEqual([
      ['default', [1]],
      ['1*7,2*3', [1]],
      ['~2*1,3*1@3', [3]],
    ]);
    await accept(
      desk,
      sender,
      Array.from({ length: 1_000 }, (_, i) => CN + i),
    );
    await settle();
    expect(lines().map(([key]) => key)).not.toContain('1*7,2*3');
  });
});

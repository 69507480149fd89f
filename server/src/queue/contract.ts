import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Delivery, DispatchTask, Queue, QueueName } from './queue.ts';

/** An empty queue for one test. */
export interface OpenedQueue {
  queue: Queue;
  /** Takes everything down that was made for it. */
  end(): Promise<void>;
}

const WAIT = { timeout: 20_000, interval: 5 };

/** What every queue promises (queue.ts). `open` gives an empty one, a new one for each test. */
export function queueContract(name: string, open: () => Promise<OpenedQueue>): void {
  describe(name, () => {
    let queue: Queue;
    let end: () => Promise<void>;
    beforeEach(async () => {
      ({ queue, end } = await open());
      queue.open(1);
      queue.open(2);
    });
    afterEach(() => end());
    const VERIFICATION: QueueName = { channelId: 1, lane: 'verification' };
    const MARKETING: QueueName = { channelId: 1, lane: 'marketing' };
    const task = (from: number, to: number, channelId = 1): DispatchTask => ({
      channelId,
      line: 'default',
      ranges: [{ planId: 5, from, to }],
      retries: [],
    });
    /** The next task; tasks may be under way for a moment. */
    const take = (from: QueueName): Promise<Delivery> =>
      vi.waitFor(() => {
        const delivery = queue.take(from);
        if (delivery === null) throw new Error('nothing has come');
        return delivery;
      }, WAIT);
    const isDeep = (of: QueueName, depth: number) => vi.waitFor(() => expect(queue.depth(of)).toBe(depth), WAIT);

    test('gives tasks whole and in the order they came', async () => {
      const rich: DispatchTask = {
        channelId: 1,
        line: '1*70,2*30>3',
        ranges: [
          { planId: 5, from: 0, to: 9 },
          { planId: Number.MAX_SAFE_INTEGER, from: 3, to: 3 },
        ],
        retries: [{ planId: Number.MAX_SAFE_INTEGER, index: 4, attempts: 2 }],
      };
      await queue.publish(VERIFICATION, rich);
      await queue.publish(VERIFICATION, task(10, 19));
      await queue.publish(VERIFICATION, task(20, 29));
      const taken = [];
      for (let i = 0; i < 3; i++) {
        const next = await take(VERIFICATION);
        taken.push(next.task);
        next.done();
      }
      expect(taken).toEqual([rich, task(10, 19), task(20, 29)]);
      await isDeep(VERIFICATION, 0);
      expect(queue.take(VERIFICATION)).toBe(null);
    });

    test('keeps channels and lanes apart', async () => {
      await queue.publish(VERIFICATION, task(0, 0));
      await queue.publish(MARKETING, task(1, 1));
      await queue.publish({ channelId: 2, lane: 'verification' }, task(2, 2, 2));
      expect((await take({ channelId: 2, lane: 'verification' })).task).toEqual(task(2, 2, 2));
      expect((await take(MARKETING)).task).toEqual(task(1, 1));
      expect((await take(VERIFICATION)).task).toEqual(task(0, 0));
      expect(queue.take({ channelId: 2, lane: 'marketing' })).toBe(null);
    });

    test('counts messages, not tasks', async () => {
      expect(queue.depth(VERIFICATION)).toBe(0);
      await queue.publish(VERIFICATION, { ...task(0, 9), ranges: [...task(0, 9).ranges, ...task(20, 20).ranges] });
      await queue.publish(VERIFICATION, { ...task(30, 33), retries: [{ planId: 5, index: 40, attempts: 1 }] });
      await isDeep(VERIFICATION, 16);
      expect(queue.depth(MARKETING)).toBe(0);
      (await take(VERIFICATION)).done();
      await isDeep(VERIFICATION, 5);
      (await take(VERIFICATION)).done();
      await isDeep(VERIFICATION, 0);
    });

    test('tells every listener when something has come, which can then be taken', async () => {
      const heard: unknown[] = [];
      queue.onArrival(() => heard.push('first'));
      queue.onArrival(() => heard.push(queue.take(VERIFICATION)?.task ?? null));
      await queue.publish(VERIFICATION, task(0, 0));
      await vi.waitFor(() => expect(heard).toEqual(['first', task(0, 0)]), WAIT);
    });

    test('tells when there is room again', async () => {
      await queue.publish(VERIFICATION, task(0, 9));
      await isDeep(VERIFICATION, 10);
      let room = 0;
      queue.onRoom(() => room++);
      (await take(VERIFICATION)).done();
      await vi.waitFor(() => expect(room).toBeGreaterThan(0), WAIT);
    });

    test('gives what could not be claimed again, before what came after it', async () => {
      for (const from of [0, 10, 20]) await queue.publish(VERIFICATION, task(from, from + 9));
      const first = await take(VERIFICATION);
      first.back();
      first.back();
      await isDeep(VERIFICATION, 30);
      const again = await take(VERIFICATION);
      expect(again.task).toEqual(task(0, 9));
      again.done();
      again.back();
      expect((await take(VERIFICATION)).task).toEqual(task(10, 19));
      expect((await take(VERIFICATION)).task).toEqual(task(20, 29));
      await isDeep(VERIFICATION, 0);
    });

    test('gives what was not done again when the channel is opened again, and nothing that was', async () => {
      for (const from of [0, 10, 20, 30]) await queue.publish(VERIFICATION, task(from, from + 9));
      (await take(VERIFICATION)).done();
      const held = [await take(VERIFICATION), await take(VERIFICATION)];
      await queue.close(1);
      // Too late: they are not its own any more.
      for (const delivery of held) delivery.done();
      await queue.publish(MARKETING, task(50, 59));
      queue.open(1);
      const again = [];
      for (let i = 0; i < 3; i++) again.push(await take(VERIFICATION));
      expect(again.map((delivery) => delivery.task)).toEqual([task(10, 19), task(20, 29), task(30, 39)]);
      expect((await take(MARKETING)).task).toEqual(task(50, 59));
      expect(queue.take(VERIFICATION)).toBe(null);
    });

    test('hands out everything that nobody has taken, in its order', async () => {
      for (const from of [0, 10, 20]) await queue.publish(VERIFICATION, task(from, from + 9));
      await queue.publish(MARKETING, task(50, 59));
      const held = await take(VERIFICATION);
      expect(await queue.drain(VERIFICATION)).toEqual([task(10, 19), task(20, 29)]);
      await isDeep(VERIFICATION, 0);
      expect(await queue.drain(VERIFICATION)).toEqual([]);
      held.done();
      await queue.close(1);
      queue.open(1);
      expect((await take(MARKETING)).task).toEqual(task(50, 59));
      expect(queue.take(VERIFICATION)).toBe(null);
    });

    test('hands out what waits for a channel that nobody has open', async () => {
      await queue.close(1);
      for (const from of [0, 10, 20]) await queue.publish(VERIFICATION, task(from, from + 9));
      await isDeep(VERIFICATION, 30);
      expect(await queue.drain(VERIFICATION)).toEqual([task(0, 9), task(10, 19), task(20, 29)]);
      await isDeep(VERIFICATION, 0);
    });
  });
}

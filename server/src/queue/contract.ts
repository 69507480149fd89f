import { beforeEach, describe, expect, test } from 'vitest';
import type { DispatchTask, Queue, QueueName } from './queue.ts';

/** What every queue promises (queue.ts). `open` gives an empty one, a new one for each test. */
export function queueContract(name: string, open: () => Promise<Queue>): void {
  describe(name, () => {
    let queue: Queue;
    beforeEach(async () => {
      queue = await open();
    });
    const VERIFICATION: QueueName = { channelId: 1, lane: 'verification' };
    const task = (from: number, to: number, channelId = 1): DispatchTask => ({
      channelId,
      ranges: [{ planId: 5, from, to }],
      retries: [],
    });

    test('gives tasks whole and in the order they came', async () => {
      const rich: DispatchTask = {
        channelId: 1,
        ranges: [
          { planId: 5, from: 0, to: 9 },
          { planId: Number.MAX_SAFE_INTEGER, from: 3, to: 3 },
        ],
        retries: [{ planId: Number.MAX_SAFE_INTEGER, index: 3 }],
      };
      await queue.publish(VERIFICATION, rich);
      await queue.publish(VERIFICATION, task(10, 19));
      await queue.publish(VERIFICATION, task(20, 29));
      const taken = [];
      for (let next = queue.take(VERIFICATION); next !== null; next = queue.take(VERIFICATION)) {
        taken.push(next.task);
        next.done();
      }
      expect(taken).toEqual([rich, task(10, 19), task(20, 29)]);
      expect(queue.take(VERIFICATION)).toBe(null);
    });

    test('keeps channels and lanes apart', async () => {
      await queue.publish(VERIFICATION, task(0, 0));
      await queue.publish({ channelId: 1, lane: 'marketing' }, task(1, 1));
      await queue.publish({ channelId: 2, lane: 'verification' }, task(2, 2, 2));
      expect(queue.take({ channelId: 2, lane: 'marketing' })).toBe(null);
      expect(queue.take({ channelId: 2, lane: 'verification' })?.task).toEqual(task(2, 2, 2));
      expect(queue.take({ channelId: 1, lane: 'marketing' })?.task).toEqual(task(1, 1));
      expect(queue.take(VERIFICATION)?.task).toEqual(task(0, 0));
    });

    test('counts messages, not tasks', async () => {
      expect(queue.depth(VERIFICATION)).toBe(0);
      await queue.publish(VERIFICATION, { ...task(0, 9), ranges: [...task(0, 9).ranges, ...task(20, 20).ranges] });
      await queue.publish(VERIFICATION, task(30, 34));
      expect(queue.depth(VERIFICATION)).toBe(16);
      expect(queue.depth({ channelId: 1, lane: 'marketing' })).toBe(0);
      queue.take(VERIFICATION)?.done();
      expect(queue.depth(VERIFICATION)).toBe(5);
      queue.take(VERIFICATION)?.done();
      expect(queue.depth(VERIFICATION)).toBe(0);
    });

    test('tells every listener when something has come, which can then be taken', async () => {
      const heard: unknown[] = [];
      queue.onArrival(() => heard.push('first'));
      queue.onArrival(() => heard.push(queue.take(VERIFICATION)?.task ?? null));
      await queue.publish(VERIFICATION, task(0, 0));
      expect(heard).toEqual(['first', task(0, 0)]);
    });
  });
}

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { haveRabbitmq, namesOf, TestRabbit } from '../../../test/rabbitmq.ts';
import { queueContract } from '../contract.ts';
import type { Delivery, DispatchTask, QueueName } from '../queue.ts';
import type { RabbitQueue } from './rabbitmq.ts';

const WAIT = { timeout: 60_000, interval: 5 };
const NAME: QueueName = { channelId: 1, lane: 'notification' };
const task = (from: number, to = from): DispatchTask => ({
  channelId: 1,
  line: 'default',
  ranges: [{ planId: 7, from, to }],
  retries: [],
});
const take = (queue: RabbitQueue, name = NAME): Promise<Delivery> =>
  vi.waitFor(() => {
    const delivery = queue.take(name);
    if (delivery === null) throw new Error('nothing has come');
    return delivery;
  }, WAIT);

describe.runIf(await haveRabbitmq())('with a server', () => {
  queueContract('RabbitQueue', async () => {
    const rabbit = new TestRabbit();
    return { queue: await rabbit.process(), end: () => rabbit.end() };
  });

  describe('RabbitQueue', () => {
    let rabbit: TestRabbit;
    beforeEach(() => {
      rabbit = new TestRabbit();
    });
    afterEach(() => rabbit.end());

    test('carries tasks from the process that publishes to the one that has the channel', async () => {
      const relay = await rabbit.process();
      const owner = await rabbit.process();
      for (let i = 0; i < 100; i++) await relay.publish(NAME, task(i));
      owner.open(1);
      for (let i = 0; i < 100; i++) {
        const next = await take(owner);
        expect(next.task).toEqual(task(i));
        next.done();
      }
      await vi.waitFor(() => expect(relay.depth(NAME)).toBe(0), WAIT);
    });

    test('gives the tasks of an owner that is gone to the next, but for those that were done', async () => {
      const relay = await rabbit.process();
      const owner = await rabbit.process();
      owner.open(1);
      for (let i = 0; i < 10; i++) await relay.publish(NAME, task(i));
      for (let i = 0; i < 3; i++) (await take(owner)).done();
      await take(owner);
      await owner.stop();
      const next = await rabbit.process();
      next.open(1);
      const again = [];
      for (let i = 3; i < 10; i++) again.push((await take(next)).task.ranges[0]!.from);
      expect(again).toEqual([3, 4, 5, 6, 7, 8, 9]);
    });

    test('takes a bounded number of tasks ahead, and knows about how much stands behind them', async () => {
      const relay = await rabbit.process();
      const owner = await rabbit.process();
      for (let i = 0; i < 100; i++) await relay.publish(NAME, task(i * 10, i * 10 + 9));
      expect(relay.depth(NAME)).toBe(1_000);
      owner.open(1);
      const heard = vi.fn();
      relay.onRoom(heard);
      await vi.waitFor(() => expect(relay.depth(NAME)).toBe((100 - owner.ahead) * 10), WAIT);
      expect(heard).toHaveBeenCalled();
      expect(owner.depth(NAME)).toBe(owner.ahead * 10);
    });

    test('leaves what an owner holds to it when the rest is taken back', async () => {
      const relay = await rabbit.process();
      const owner = await rabbit.process();
      owner.open(1);
      for (let i = 0; i < owner.ahead + 5; i++) await relay.publish(NAME, task(i));
      await vi.waitFor(() => expect(owner.depth(NAME)).toBe(owner.ahead), WAIT);
      const rest = await relay.drain(NAME);
      expect(rest.map(({ ranges }) => ranges[0]!.from)).toEqual([0, 1, 2, 3, 4].map((i) => owner.ahead + i));
    });

    test('tells that tasks are lost when their queue is deleted, and goes on with a new one', async () => {
      const relay = await rabbit.process();
      const owner = await rabbit.process();
      owner.open(1);
      const lost = vi.fn();
      relay.onLost(lost);
      await relay.publish(NAME, task(0));
      await take(owner);
      expect(lost).not.toHaveBeenCalled();
      await rabbit.deleteQueues();
      await vi.waitFor(() => expect(lost).toHaveBeenCalled(), WAIT);
      await relay.publish(NAME, task(1));
      expect((await take(owner)).task).toEqual(task(1));
    });

    test('connects again, tells that tasks may be lost, and has those again that were not done', async () => {
      const { queue, way } = await rabbit.processBehind();
      queue.open(1);
      const lost = vi.fn();
      queue.onLost(lost);
      await queue.publish(NAME, task(0));
      const held = await take(queue);
      way.cut();
      await vi.waitFor(() => expect(queue.reachable).toBe(false), WAIT);
      expect(queue.trouble).not.toBe(null);
      // Of the connection that is gone: nothing happens.
      held.done();
      await queue.publish(NAME, task(9));
      expect(queue.take(NAME)).toBe(null);
      expect(lost).not.toHaveBeenCalled();
      way.restore();
      await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), WAIT);
      expect(queue.trouble).toBe(null);
      await queue.publish(NAME, task(1));
      for (const expected of [task(0), task(1)]) {
        const next = await take(queue);
        expect(next.task).toEqual(expected);
        next.done();
      }
    });

    test('speaks TLS, to a server whose certificate is known', async () => {
      const { queue } = await rabbit.processBehind(true);
      queue.open(1);
      await queue.publish(NAME, task(0));
      expect((await take(queue)).task).toEqual(task(0));
    });

    test('throws away what is no task', async () => {
      const queue = await rabbit.process();
      queue.open(1);
      await queue.publish(NAME, task(0));
      (await take(queue)).done();
      const name = namesOf(rabbit.installation, [1]).find((each) => each.endsWith('notification'))!;
      const whole = '{"v":1,"c":1,"l":"default","r":[[7,1,2]],"again":[]}';
      const others = ['', 'x', 'null', '[]', '{}', whole.replace('1,', '2,'), whole.replace('7,1', '7,-1')];
      await rabbit.put(name, [...others, whole]);
      expect((await take(queue)).task).toEqual(task(1, 2));
      expect(queue.take(NAME)).toBe(null);
    });
  });
});

test('a server that is not there is said to be away, and waited for by nobody', async () => {
  const rabbit = new TestRabbit();
  const queue = rabbit.start({ host: '127.0.0.1', port: 1, vhost: '/', user: 'a', password: 'b', tls: null });
  await vi.waitFor(() => expect(queue.trouble).toContain('ECONNREFUSED'), WAIT);
  expect(queue.reachable).toBe(false);
  queue.open(1);
  await queue.publish(NAME, task(0));
  expect(queue.take(NAME)).toBe(null);
  expect(await queue.drain(NAME)).toEqual([]);
  await queue.stop();
});

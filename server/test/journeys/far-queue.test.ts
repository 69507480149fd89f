import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { deleteQueues, haveRabbitmq, namesOf, rabbitAddress } from '../rabbitmq.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { ledgerFaults, numbersFrom, openSender } from './sender.ts';

const MESSAGES = 1_500;

/** Tasks travel through RabbitMQ, which may be lost whole: the store knows what waits. */
describe.runIf(await haveRabbitmq())('a house whose tasks travel through RabbitMQ', () => {
  let house: House;
  let way: TcpProxy;
  const taken = new Map<string, number>();

  const installation = () => {
    const db = new DatabaseSync(join(house.dataDir, 'signet.db'), { readOnly: true });
    try {
      return (db.prepare("SELECT value FROM installation WHERE name = 'id'").get() as { value: string }).value;
    } finally {
      db.close();
    }
  };
  const queues = () => namesOf(installation(), [1]);

  afterEach(async () => {
    const names = queues();
    await house.stop();
    await way.end();
    await deleteQueues(names);
  });

  it('sends each message once, while queues are deleted and the server goes away', async () => {
    const address = rabbitAddress();
    way = await TcpProxy.to(address);
    const login = `${encodeURIComponent(address.user)}:${encodeURIComponent(address.password)}`;
    house = await startHouse({
      env: {
        SIGNET_QUEUE: `amqp://${login}@127.0.0.1:${way.port}/${encodeURIComponent(address.vhost)}`,
        SIGNET_FREQUENCY: 'off',
      },
      simulator: {
        answerMs: { min: 10, max: 30 },
        onSubmit(records: SubmitRecord[]) {
          for (const { destination } of records) taken.set(destination, (taken.get(destination) ?? 0) + 1);
        },
      },
      smpp: { window: 40 },
    });
    // Marketing is never claimed as it is accepted: all of it goes through the queue.
    const sender = await openSender(house, { credits: 10_000, category: 'marketing' });
    const first = await sender.send(numbersFrom(0, MESSAGES));
    await until(() => taken.size > 100, 'some to have left');
    await deleteQueues(queues());
    await until(() => taken.size > MESSAGES / 3, 'more to have left');
    way.cut();
    const second = await sender.send(numbersFrom(MESSAGES, 100));
    expect(taken.size).toBeLessThan(MESSAGES);
    way.restore();
    await sender.finished(first);
    await sender.finished(second);
    expect(taken.size).toBe(MESSAGES + 100);
    expect([...taken.values()].filter((times) => times > 1)).toEqual([]);
    expect(await sender.balance()).toEqual({ available: 10_000 - MESSAGES - 100, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
    expect(await house.terminate()).toBe(0);
  });
});

import { connect } from 'amqplib';
import { CATEGORIES } from '../src/domain/category.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { randomSecret } from '../src/lib/random.ts';
import type { RabbitAddress } from '../src/queue/rabbitmq/link.ts';
import { RabbitQueue } from '../src/queue/rabbitmq/rabbitmq.ts';
import { have } from './needs.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { LOCALHOST_TLS } from './tls.ts';

/** Where tests find a server: SIGNET_TEST_AMQP, or the usual place. */
const SERVER = process.env.SIGNET_TEST_AMQP || 'amqp://guest:guest@127.0.0.1:5672';

/** The same as an address. */
export function rabbitAddress(): RabbitAddress {
  const url = new URL(SERVER);
  return {
    host: url.hostname,
    port: Number(url.port || '5672'),
    vhost: decodeURIComponent(url.pathname.slice(1)) || '/',
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: null,
  };
}

/** Whether there is a RabbitMQ server for tests; where there is none they are left out, which is said plainly. */
export async function haveRabbitmq(): Promise<boolean> {
  const name = `a RabbitMQ server at ${new URL(SERVER).host}`;
  try {
    await (await connect(SERVER)).close();
    return have(name, true);
  } catch (error) {
    return have(`${name} (${(error as Error).message})`, false);
  }
}

/** The queues of channels of an installation, by their names on the server. */
export function namesOf(installation: string, channelIds: readonly number[]): string[] {
  return channelIds.flatMap((id) => CATEGORIES.map((lane) => `signet.${installation}.${id}.${lane}`));
}

/** Deletes queues with all that is in them, as somebody who looks after the server may. */
export async function deleteQueues(names: readonly string[]): Promise<void> {
  const model = await connect(SERVER);
  try {
    const channel = await model.createChannel();
    for (const name of names) await channel.deleteQueue(name);
  } finally {
    await model.close();
  }
}

/** Queues of an installation of its own, and what somebody may do to them on the server. */
export class TestRabbit {
  readonly installation = `test-${randomSecret(64)}`;
  readonly #queues: RabbitQueue[] = [];
  readonly #ways: TcpProxy[] = [];

  /** Another process of the installation; resolves when it is connected. */
  async process(address = rabbitAddress()): Promise<RabbitQueue> {
    const queue = this.start(address);
    await new Promise<void>((resolve) => {
      const look = () => (queue.reachable ? resolve() : systemClock.setTimer(look, 5));
      look();
    });
    return queue;
  }

  /** The same, connected or not. */
  start(address: RabbitAddress): RabbitQueue {
    const queue = new RabbitQueue(address, this.installation, { clock: systemClock, log: createLogger('silent') });
    void queue.start();
    this.#queues.push(queue);
    return queue;
  }

  /** A process that reaches the server by a way that can be cut, and speaks TLS or not. */
  async processBehind(tls = false): Promise<{ queue: RabbitQueue; way: TcpProxy }> {
    const address = rabbitAddress();
    const way = await TcpProxy.to(address, tls);
    this.#ways.push(way);
    const files = tls ? { ca: LOCALHOST_TLS.cert, cert: null, key: null } : null;
    return { queue: await this.process({ ...address, host: 'localhost', port: way.port, tls: files }), way };
  }

  /** Puts texts into a queue that are no tasks. */
  async put(queueName: string, texts: readonly string[]): Promise<void> {
    const model = await connect(SERVER);
    const channel = await model.createConfirmChannel();
    for (const text of texts) channel.sendToQueue(queueName, Buffer.from(text));
    await channel.waitForConfirms();
    await model.close();
  }

  deleteQueues(): Promise<void> {
    return deleteQueues(namesOf(this.installation, [1, 2]));
  }

  async end(): Promise<void> {
    for (const queue of this.#queues) await queue.stop();
    for (const way of this.#ways) await way.end();
    await this.deleteQueues();
  }
}

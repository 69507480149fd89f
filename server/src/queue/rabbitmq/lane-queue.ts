import type { Channel, ConsumeMessage } from 'amqplib';
import { Fifo } from '../../lib/fifo.ts';
import { type Delivery, type DispatchTask, type QueueName, taskSize } from '../queue.ts';
import { ReadyCount } from './ready-count.ts';

/** One queue of the server, as this process knows it. */
export class LaneQueue {
  readonly name: QueueName;
  /** Its name on the server. */
  readonly serverName: string;
  readonly ready = new ReadyCount();
  /** Came here and is not taken. */
  readonly here = new Fifo<RabbitDelivery>();
  /** Taken, and not ended. */
  readonly taken = new Set<RabbitDelivery>();
  /** Messages in {@link here}. */
  depthHere = 0;
  /** Whether its tasks are wanted here. */
  open = false;
  /** The consumer on the server, while there is one. */
  consumerTag: string | null = null;
  /** Whether the server has it, as far as this connection knows. */
  declared = false;
  /** Tasks published here that the server has not confirmed. */
  unconfirmed = 0;
  /** When something was published last, by the monotonic clock; null: never by this process. */
  publishedAt: number | null = null;
  /** When the server was asked last how many tasks it has. */
  askedAt = Number.NEGATIVE_INFINITY;

  constructor(name: QueueName, serverName: string) {
    this.name = name;
    this.serverName = serverName;
  }

  /** Messages that nobody has taken, about. */
  get depth(): number {
    return this.ready.messages + this.depthHere;
  }

  /** A task has come from the server. */
  came(task: DispatchTask, message: ConsumeMessage, channel: Channel): void {
    this.ready.left();
    this.put(new RabbitDelivery(this, task, message, channel), false);
  }

  put(delivery: RabbitDelivery, first: boolean): void {
    if (first) this.here.unshift(delivery);
    else this.here.push(delivery);
    this.depthHere += taskSize(delivery.task);
  }

  take(): RabbitDelivery | null {
    const delivery = this.here.shift();
    if (delivery === undefined) return null;
    this.depthHere -= taskSize(delivery.task);
    this.taken.add(delivery);
    return delivery;
  }

  /** What came is the server's again: all of it, in the order in which it came. */
  forget(): RabbitDelivery[] {
    const all = [...this.taken, ...this.here];
    this.taken.clear();
    this.here.clear();
    this.depthHere = 0;
    return all.sort((a, b) => a.message.fields.deliveryTag - b.message.fields.deliveryTag);
  }
}

/** A task that the server has given to this process, until it is told that it is done. */
export class RabbitDelivery implements Delivery {
  readonly task: DispatchTask;
  readonly message: ConsumeMessage;
  readonly #lane: LaneQueue;
  readonly #channel: Channel;

  constructor(lane: LaneQueue, task: DispatchTask, message: ConsumeMessage, channel: Channel) {
    this.task = task;
    this.message = message;
    this.#lane = lane;
    this.#channel = channel;
  }

  done(): void {
    // What was forgotten with its connection comes again, and does nothing then.
    if (this.#lane.taken.delete(this)) this.#channel.ack(this.message);
  }

  /** The server is not told: it may count how often a task comes back, and drop it. */
  back(): void {
    if (this.#lane.taken.delete(this)) this.#lane.put(this, true);
  }

  /** The server gives it to whoever asks next. */
  requeue(): void {
    this.#lane.ready.came(taskSize(this.task));
    this.#channel.nack(this.message, false, true);
  }
}

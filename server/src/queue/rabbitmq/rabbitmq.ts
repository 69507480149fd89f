import type { Channel, ConsumeMessage, Message } from 'amqplib';
import { CATEGORIES } from '../../domain/category.ts';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Service } from '../../lib/start-stop.ts';
import { type Delivery, type DispatchTask, type Queue, type QueueName, taskSize } from '../queue.ts';
import { LaneQueue } from './lane-queue.ts';
import { type Connected, type RabbitAddress, RabbitLink } from './link.ts';
import { readTask, writeTask } from './task-wire.ts';

/** Tasks that come here, in each lane of a channel that is open, before they are taken. */
const PREFETCH = 32;
/** Tasks published and not confirmed; with more of them the server counts as out of reach. */
const MAX_UNCONFIRMED = 1_000;
/** How often the server is asked how much stands in queues that are not empty, and whether the others are still there. */
const ASK_MS = 100;
const ASK_IDLE_MS = 1_000;
/** Queues that were given nothing for so long are not asked about. */
const IDLE_MS = 60_000;
/** Losses that are noticed within so long are told together. */
const TELL_MS = 50;
/** A queue that was deleted is not made again by who takes from it before whoever publishes has noticed. */
const REOPEN_MS = { min: 2_000, max: 10_000 };
/** The server forgets queues that nobody has used for so long. */
const EXPIRES_MS = 14 * 86_400_000;

/**
 * Queues of a RabbitMQ server: one for each lane of each channel, replicated where the server is a cluster, and named with
 * the installation they are of. Tasks are confirmed by the server when they are published, and by us when their messages
 * are claimed. All of this may fail: whatever may be lost is told, and found in the store again.
 */
export class RabbitQueue implements Queue, Service {
  readonly ahead = PREFETCH;
  readonly #prefix: string;
  #consumers = 0;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #link: RabbitLink;
  readonly #lanes = new Map<string, LaneQueue>();
  readonly #arrivals: (() => void)[] = [];
  readonly #rooms: (() => void)[] = [];
  readonly #losses: (() => void)[] = [];
  #connected: Connected | null = null;
  #blocked = false;
  #unconfirmed = 0;
  /** Something may be lost, and it has not been told. */
  #lost = false;
  #telling: Timer | null = null;
  #asking: Timer | null = null;
  #stopped = false;

  /** @param installation the id of the installation, in the names of all its queues */
  constructor(address: RabbitAddress, installation: string, deps: { clock: Clock; log: Logger }) {
    this.#prefix = `signet.${installation}`;
    this.#clock = deps.clock;
    this.#log = deps.log;
    const listener = {
      up: (connected: Connected) => this.#up(connected),
      down: () => this.#down(),
      blocked: (blocked: boolean) => {
        this.#blocked = blocked;
        this.#tell(this.#rooms);
      },
    };
    this.#link = new RabbitLink(address, this.#prefix, listener, deps);
  }

  /** Begins to connect, and does not wait for it: everything else works without. */
  async start(): Promise<void> {
    this.#link.start();
    this.#askLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#asking?.cancel();
    this.#telling?.cancel();
    for (const channelId of new Set([...this.#lanes.values()].map(({ name }) => name.channelId))) {
      await this.close(channelId);
    }
    await this.#link.stop();
  }

  get reachable(): boolean {
    return this.#connected !== null && !this.#blocked && this.#unconfirmed < MAX_UNCONFIRMED;
  }

  /** Why the server cannot be reached; null while it can. */
  get trouble(): string | null {
    if (this.#link.reason !== null) return this.#link.reason;
    if (this.#blocked) return 'the server takes nothing more for now';
    return this.reachable ? null : 'the server does not confirm what it is given';
  }

  async publish(name: QueueName, task: DispatchTask): Promise<void> {
    const lane = this.#lane(name);
    lane.publishedAt = this.#clock.monotonic();
    const connected = this.#connected;
    try {
      if (connected === null) throw new Error('there is no connection');
      if (!lane.declared) await this.#declare(lane, connected);
      if (this.#connected !== connected) throw new Error('the connection was lost');
      this.#send(lane, task, connected);
    } catch (error) {
      this.#log.debug({ err: error, queue: lane.serverName }, 'a task could not be published');
      this.#lose();
    }
  }

  open(channelId: number): void {
    for (const lane of this.#lanesOf(channelId)) {
      if (lane.open) continue;
      lane.open = true;
      this.#consume(lane, 0);
    }
  }

  async close(channelId: number): Promise<void> {
    for (const lane of this.#lanesOf(channelId)) {
      lane.open = false;
      await this.#leave(lane);
    }
  }

  take(name: QueueName): Delivery | null {
    const delivery = this.#lane(name).take();
    if (delivery !== null) this.#tell(this.#rooms);
    return delivery;
  }

  async drain(name: QueueName): Promise<DispatchTask[]> {
    const lane = this.#lane(name);
    const connected = this.#connected;
    const tasks: DispatchTask[] = [];
    if (connected === null) return tasks;
    try {
      // Once the server knows that no more is wanted, everything that was under way is here.
      await this.#cancel(lane, connected);
      for (let next = lane.take(); next !== null; next = lane.take()) {
        tasks.push(next.task);
        next.done();
      }
      await this.#declare(lane, connected);
      // What was published here is in the queue only once the server says so.
      await connected.publisher.waitForConfirms();
      await connected.control(async (channel) => {
        for (;;) {
          const message = await channel.get(lane.serverName, { noAck: true });
          if (message === false) break;
          const task = readTask(message.content);
          if (task !== null) tasks.push(task);
        }
      });
      lane.ready.empty();
    } catch (error) {
      this.#log.warn({ err: error, queue: lane.serverName }, 'tasks could not be taken back');
      this.#lose();
    }
    if (lane.open) this.#consume(lane, 0);
    return tasks;
  }

  depth(name: QueueName): number {
    return this.#lane(name).depth;
  }

  onArrival(listener: () => void): void {
    this.#arrivals.push(listener);
  }

  onRoom(listener: () => void): void {
    this.#rooms.push(listener);
  }

  onLost(listener: () => void): void {
    this.#losses.push(listener);
  }

  // ── the connection ────────────────────────────────────────────────────────────────────────────────────────────────

  #up(connected: Connected): void {
    this.#connected = connected;
    this.#blocked = false;
    this.#unconfirmed = 0;
    this.#log.info('RabbitMQ is there');
    connected.publisher.on('return', ({ fields }: Message) => this.#gone(fields.routingKey));
    connected.publisher.on('drain', () => this.#tell(this.#rooms));
    connected.intake.prefetch(PREFETCH).then(
      () => {
        for (const lane of this.#lanes.values()) if (lane.open) this.#consume(lane, 0);
      },
      () => this.#link.break(),
    );
    // What became of the queues meanwhile nobody can tell.
    for (const lane of this.#lanes.values()) if (lane.publishedAt !== null) this.#lost = true;
    this.#tellLostSoon();
    this.#tell(this.#rooms);
  }

  #down(): void {
    this.#connected = null;
    for (const lane of this.#lanes.values()) {
      lane.declared = false;
      lane.consumerTag = null;
      lane.unconfirmed = 0;
      lane.forget();
      lane.ready.empty();
    }
  }

  // ── publishing ────────────────────────────────────────────────────────────────────────────────────────────────────

  #send(lane: LaneQueue, task: DispatchTask, { publisher }: Connected): void {
    this.#unconfirmed++;
    lane.unconfirmed++;
    lane.ready.came(taskSize(task));
    const options = { persistent: true, mandatory: true, contentType: 'application/json' };
    publisher.sendToQueue(lane.serverName, writeTask(task), options, (error: unknown) => {
      if (this.#connected?.publisher !== publisher) return;
      lane.unconfirmed--;
      if (this.#unconfirmed-- === MAX_UNCONFIRMED) this.#tell(this.#rooms);
      if (error) this.#lose();
    });
  }

  async #declare(lane: LaneQueue, { control }: Connected): Promise<void> {
    await control((channel) =>
      channel.assertQueue(lane.serverName, {
        durable: true,
        expires: EXPIRES_MS,
        arguments: { 'x-queue-type': 'quorum' },
      }),
    );
    lane.declared = true;
  }

  /** A queue has been deleted. */
  #gone(serverName: string): void {
    for (const lane of this.#lanes.values()) {
      if (lane.serverName !== serverName) continue;
      this.#log.warn({ queue: serverName }, 'RabbitMQ has lost a queue');
      lane.declared = false;
      lane.ready.empty();
    }
    this.#lose();
  }

  #lose(): void {
    this.#lost = true;
    this.#tellLostSoon();
  }

  #tellLostSoon(): void {
    if (!this.#lost || this.#stopped || this.#connected === null) return;
    this.#telling ??= this.#clock.setTimer(() => {
      this.#telling = null;
      // A connection that was lost again meanwhile tells when it is back.
      if (!this.#lost || this.#connected === null) return;
      this.#lost = false;
      this.#tell(this.#losses);
    }, TELL_MS);
  }

  // ── how much there is ─────────────────────────────────────────────────────────────────────────────────────────────

  #askLater(): void {
    if (this.#stopped) return;
    this.#asking = this.#clock.setTimer(() => void this.#ask().finally(() => this.#askLater()), ASK_MS);
  }

  /** Looks how much is left of what was published here. */
  async #ask(): Promise<void> {
    const connected = this.#connected;
    if (connected === null) return;
    const now = this.#clock.monotonic();
    let room = false;
    for (const lane of this.#lanes.values()) {
      const before = lane.ready.messages;
      if (lane.publishedAt === null || !lane.declared) continue;
      if (before === 0 && (now - lane.publishedAt > IDLE_MS || now - lane.askedAt < ASK_IDLE_MS)) continue;
      lane.askedAt = now;
      lane.ready.asked(lane.unconfirmed);
      try {
        const { messageCount } = await connected.control((channel) => channel.checkQueue(lane.serverName));
        if (this.#connected !== connected) return;
        lane.ready.answered(messageCount);
      } catch (error) {
        if (this.#connected !== connected) return;
        if ((error as { code?: number }).code === NOT_FOUND) this.#gone(lane.serverName);
        else this.#log.warn({ err: error, queue: lane.serverName }, 'RabbitMQ does not tell what is in a queue');
      }
      room ||= lane.ready.messages < before;
    }
    if (room) this.#tell(this.#rooms);
  }

  // ── what comes in ─────────────────────────────────────────────────────────────────────────────────────────────────

  #consume(lane: LaneQueue, attempt: number): void {
    const connected = this.#connected;
    if (connected === null || this.#stopped) return;
    this.#beginConsuming(lane, connected).catch((error: unknown) => {
      if (this.#connected !== connected) return;
      this.#log.error({ err: error, queue: lane.serverName }, 'tasks of a queue cannot be had');
      this.#consumeLater(lane, attempt);
    });
  }

  #consumeLater(lane: LaneQueue, attempt: number): void {
    this.#clock.setTimer(
      () => {
        if (lane.open && lane.consumerTag === null) this.#consume(lane, attempt + 1);
      },
      nextDelayMs(attempt + 1, REOPEN_MS.min, REOPEN_MS.max),
    );
  }

  async #beginConsuming(lane: LaneQueue, connected: Connected): Promise<void> {
    const { intake } = connected;
    await this.#declare(lane, connected);
    if (!lane.open || lane.consumerTag !== null || this.#connected !== connected) return;
    const tag = `${lane.serverName}.${++this.#consumers}`;
    lane.consumerTag = tag;
    await intake.consume(lane.serverName, (message) => this.#came(lane, intake, message), { consumerTag: tag });
  }

  #came(lane: LaneQueue, intake: Channel, message: ConsumeMessage | null): void {
    if (message === null) {
      // The queue was deleted, and what had come of it belongs to nobody any more.
      lane.consumerTag = null;
      lane.forget();
      if (lane.publishedAt !== null) this.#gone(lane.serverName);
      this.#consumeLater(lane, 0);
      return;
    }
    const task = readTask(message.content);
    if (task === null) {
      this.#log.warn({ queue: lane.serverName }, 'something in a queue is no task of ours, and is thrown away');
      intake.nack(message, false, false);
      return;
    }
    lane.came(task, message, intake);
    this.#tell(this.#arrivals);
  }

  /** Lets the server give what came here and is not done to others. */
  async #leave(lane: LaneQueue): Promise<void> {
    const connected = this.#connected;
    if (connected !== null) {
      try {
        await this.#cancel(lane, connected);
      } catch {
        // With the connection everything becomes the server's again.
        this.#link.break();
      }
    }
    const had = lane.forget();
    if (this.#connected === null || this.#connected !== connected) return;
    // The server gives what comes back before what it has, in the order in which it comes back.
    for (const delivery of had) delivery.requeue();
  }

  async #cancel(lane: LaneQueue, { intake }: Connected): Promise<void> {
    const tag = lane.consumerTag;
    if (tag === null) return;
    lane.consumerTag = null;
    await intake.cancel(tag);
  }

  #lanesOf(channelId: number): LaneQueue[] {
    return CATEGORIES.map((lane) => this.#lane({ channelId, lane }));
  }

  #lane(name: QueueName): LaneQueue {
    const key = `${name.channelId}.${name.lane}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = new LaneQueue(name, `${this.#prefix}.${key}`);
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #tell(listeners: readonly (() => void)[]): void {
    for (const listener of listeners) listener();
  }
}

/** AMQP's reply code for a queue that does not exist. */
const NOT_FOUND = 404;

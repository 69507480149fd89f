import type { Answered, OutChannel, Outgoing } from '../channels/channel.ts';
import type { FlightLog } from '../channels/flight-log.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { type PreparedContent, prepareContent, textOf } from '../domain/content.ts';
import type { Parameters } from '../domain/template.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { Lru } from '../lib/lru.ts';
import type { DispatchTask, Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import { packRanges } from '../services/packed.ts';
import type { OpenedMessages } from '../store/store.ts';
import { OutcomeRecorder } from './outcome-recorder.ts';

/** Openings under way at once: one being committed while the next is being made up. */
const MAX_OPENINGS = 2;
/** How long a dispatcher rests when the store would not open attempts. */
const REST_MS = 1_000;

/**
 * Feeds one channel: takes tasks while the channel has room, opens their attempts in the store, hands the messages over,
 * and records what became of them. Everything moves in batches; the next batch gathers while the last one commits.
 */
export class Dispatcher {
  readonly #channel: OutChannel;
  readonly #desk: Desk;
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onTaken: () => void;
  readonly #recorder: OutcomeRecorder;
  readonly #contents = new Lru<number, PreparedContent>(1_000);
  /** Taken from the queue of its lane and not wholly claimed yet. */
  readonly #tasks: Record<Category, DispatchTask | null> = { verification: null, notification: null, marketing: null };
  readonly #openings = new Set<Promise<void>>();
  /** Messages claimed or being claimed that have not reached the channel. */
  readonly #opening: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Runs while the dispatcher rests. */
  #resting: Timer | null = null;
  /** Could not be opened; goes back to the queue after the rest. */
  #unopened: { lane: Category; task: DispatchTask }[] = [];
  #stopped = false;

  /**
   * @param receipts whether the channel asks for reports
   * @param onTaken told when tasks have left the queue
   */
  constructor(
    channel: OutChannel,
    receipts: boolean,
    deps: { desk: Desk; queue: Queue; flightLog: FlightLog; clock: Clock; log: Logger; onTaken: () => void },
  ) {
    this.#channel = channel;
    this.#desk = deps.desk;
    this.#queue = deps.queue;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onTaken = deps.onTaken;
    this.#recorder = new OutcomeRecorder(channel.id, receipts, deps);
  }

  /** There may be tasks, or room for them. */
  pump(): void {
    for (const lane of CATEGORIES) {
      while (!this.#stopped && this.#resting === null && this.#openings.size < MAX_OPENINGS) {
        const batch = this.#take(lane, this.#channel.room(lane) - this.#opening[lane]);
        if (batch === null) break;
        const opening: Promise<void> = this.#open(lane, batch).finally(() => {
          this.#openings.delete(opening);
          this.pump();
        });
        this.#openings.add(opening);
      }
    }
  }

  /** What the channel answered. */
  answered(batch: readonly Answered[]): void {
    this.#recorder.add(batch);
    this.pump();
  }

  /**
   * Takes no more tasks; resolves when what has been answered is recorded, and what was not claimed is back in the
   * queue. The channel must have stopped before.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#openings);
    await this.#recorder.stop();
    this.#resting?.cancel();
    for (const lane of CATEGORIES) {
      const task = this.#tasks[lane];
      this.#tasks[lane] = null;
      if (task !== null) this.#unopened.push({ lane, task });
    }
    await this.#giveBackUnopened();
  }

  /** Stops taking tasks; what is under way goes on. */
  pause(): void {
    this.#stopped = true;
  }

  #take(lane: Category, room: number): DispatchTask | null {
    const { id: channelId } = this.#channel;
    const batch: DispatchTask = { channelId, ranges: [], retries: [] };
    let left = room;
    while (left > 0) {
      this.#tasks[lane] ??= this.#nextTask(lane);
      const task = this.#tasks[lane];
      if (task === null) break;
      batch.retries.push(...task.retries);
      task.retries = [];
      while (left > 0 && task.ranges.length > 0) {
        const range = task.ranges[0]!;
        const count = Math.min(left, range.to - range.from + 1);
        batch.ranges.push({ planId: range.planId, from: range.from, to: range.from + count - 1 });
        left -= count;
        if (range.from + count > range.to) task.ranges.shift();
        else task.ranges[0] = { ...range, from: range.from + count };
      }
      if (task.ranges.length === 0) this.#tasks[lane] = null;
    }
    return batch.ranges.length === 0 ? null : batch;
  }

  #nextTask(lane: Category): DispatchTask | null {
    const delivery = this.#queue.take({ channelId: this.#channel.id, lane });
    if (delivery === null) return null;
    this.#onTaken();
    delivery.done();
    return { ...delivery.task, ranges: [...delivery.task.ranges] };
  }

  async #open(lane: Category, batch: DispatchTask): Promise<void> {
    const size = batch.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    this.#opening[lane] += size;
    try {
      const { channelId, ranges, retries } = batch;
      const opened = await this.#desk.do('openAttempts', { channelId, ranges: packRanges(ranges), retries });
      this.#channel.send(await this.#prepare(lane, opened));
    } catch (error) {
      this.#log.error({ err: error }, 'messages could not be opened for sending');
      this.#rest(lane, batch);
    } finally {
      this.#opening[lane] -= size;
    }
  }

  /** Leaves the store alone for a while, and then begins with what it would not open. */
  #rest(lane: Category, task: DispatchTask): void {
    this.#unopened.push({ lane, task });
    this.#resting ??= this.#clock.setTimer(() => {
      this.#resting = null;
      void this.#giveBackUnopened().then(() => this.pump());
    }, REST_MS);
  }

  async #giveBackUnopened(): Promise<void> {
    const tasks = this.#unopened;
    this.#unopened = [];
    for (const { lane, task } of tasks) await this.#queue.publish({ channelId: this.#channel.id, lane }, task);
  }

  /** Makes up the texts; a message whose text cannot be had now waits again. */
  async #prepare(lane: Category, opened: OpenedMessages): Promise<Outgoing[]> {
    const messages: Outgoing[] = [];
    const unsent: Answered[] = [];
    for (let i = 0; i < opened.planIds.length; i++) {
      const place = { planId: opened.planIds[i]!, index: opened.indexes[i]!, recipient: opened.recipients[i]! };
      const contentId = opened.contentIds[i]!;
      const content = this.#contents.get(contentId) ?? (await this.#loadContent(contentId));
      if (content === null) {
        unsent.push({ message: { ...place, text: '', lane }, outcome: NO_TEXT, place: -1 });
        continue;
      }
      const json = opened.parameters?.[i] ?? null;
      const parameters = json === null ? null : (JSON.parse(json) as Parameters);
      messages.push({ ...place, text: textOf(content, parameters), lane });
    }
    if (unsent.length > 0) this.#recorder.add(unsent);
    return messages;
  }

  /** Null when it cannot be read. */
  async #loadContent(id: number): Promise<PreparedContent | null> {
    try {
      const content = await this.#desk.ask('findContent', { id });
      if (content === null) throw new Error(`content ${id} is gone`);
      const prepared = prepareContent(content);
      this.#contents.set(id, prepared);
      return prepared;
    } catch (error) {
      this.#log.error({ err: error, contentId: id }, 'a text could not be read');
      return null;
    }
  }
}

const NO_TEXT = { kind: 'refused', retry: 'later', error: 'its text could not be read' } as const;

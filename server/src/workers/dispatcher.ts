import type { Answered, OutChannel, Outgoing } from '../channels/channel.ts';
import type { FlightLog } from '../channels/flight-log.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { type PreparedContent, prepareContent, textOf } from '../domain/content.ts';
import type { Parameters } from '../domain/template.ts';
import type { Logger } from '../lib/log.ts';
import { Lru } from '../lib/lru.ts';
import type { DispatchTask, Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { FailedMessage } from '../services/outcome.ts';
import { type AcceptedMessage, type AcceptedMessages, packAccepted, packRanges } from '../services/packed.ts';
import type { OpenedMessages } from '../store/store.ts';

/** Openings under way at once: one being committed while the next is being made up. */
const MAX_OPENINGS = 2;

/**
 * Feeds one channel: takes tasks while the channel has room, opens their attempts in the store, hands the messages over,
 * and records what became of them. Everything moves in batches; the next batch gathers while the last one commits.
 */
export class Dispatcher {
  readonly #channel: OutChannel;
  readonly #desk: Desk;
  readonly #queue: Queue;
  readonly #flightLog: FlightLog;
  readonly #log: Logger;
  readonly #onTaken: () => void;
  readonly #contents = new Lru<number, PreparedContent>(1_000);
  /** Taken from the queue of its lane and not wholly claimed yet. */
  #task: { lane: Category; task: DispatchTask } | null = null;
  readonly #openings = new Set<Promise<void>>();
  /** Messages claimed or being claimed that have not reached the channel. */
  #opening = 0;
  #answers: Answered[] = [];
  #recording: Promise<void> | null = null;
  #stopped = false;
  readonly #asksReceipts: boolean;

  /** @param onTaken told when tasks have left the queue */
  constructor(
    channel: OutChannel,
    asksReceipts: boolean,
    deps: { desk: Desk; queue: Queue; flightLog: FlightLog; log: Logger; onTaken: () => void },
  ) {
    this.#channel = channel;
    this.#asksReceipts = asksReceipts;
    this.#desk = deps.desk;
    this.#queue = deps.queue;
    this.#flightLog = deps.flightLog;
    this.#log = deps.log;
    this.#onTaken = deps.onTaken;
  }

  /** There may be tasks, or room for them. */
  pump(): void {
    while (!this.#stopped && this.#openings.size < MAX_OPENINGS) {
      const room = this.#channel.room - this.#opening;
      if (room <= 0) return;
      const batch = this.#take(room);
      if (batch === null) return;
      const opening: Promise<void> = this.#open(batch).finally(() => {
        this.#openings.delete(opening);
        this.pump();
      });
      this.#openings.add(opening);
    }
  }

  /** What the channel answered. */
  answered(batch: readonly Answered[]): void {
    for (const answer of batch) this.#answers.push(answer);
    this.#record();
    this.pump();
  }

  /**
   * Takes no more tasks; resolves when what has been answered is recorded, and what was not claimed is back in the
   * queue. The channel must have stopped before.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#openings);
    while (this.#recording !== null) await this.#recording;
    if (this.#task === null) return;
    const { lane, task } = this.#task;
    this.#task = null;
    await this.#queue.publish({ channelId: this.#channel.id, lane }, task);
  }

  /** Stops taking tasks; what is under way goes on. */
  pause(): void {
    this.#stopped = true;
  }

  #take(room: number): DispatchTask | null {
    const { id: channelId } = this.#channel;
    const batch: DispatchTask = { channelId, ranges: [], retries: [] };
    let left = room;
    while (left > 0) {
      this.#task ??= this.#nextTask(channelId);
      if (this.#task === null) break;
      const { task } = this.#task;
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
      if (task.ranges.length === 0) this.#task = null;
    }
    return batch.ranges.length === 0 ? null : batch;
  }

  #nextTask(channelId: number): { lane: Category; task: DispatchTask } | null {
    for (const lane of CATEGORIES) {
      const delivery = this.#queue.take({ channelId, lane });
      if (delivery === null) continue;
      this.#onTaken();
      delivery.done();
      return { lane, task: { ...delivery.task, ranges: [...delivery.task.ranges] } };
    }
    return null;
  }

  async #open(batch: DispatchTask): Promise<void> {
    const size = batch.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    this.#opening += size;
    try {
      const { channelId, ranges, retries } = batch;
      const opened = await this.#desk.do('openAttempts', { channelId, ranges: packRanges(ranges), retries });
      this.#channel.send(await this.#prepare(opened));
    } catch (error) {
      this.#log.error({ err: error }, 'messages could not be opened for sending');
    } finally {
      this.#opening -= size;
    }
  }

  async #prepare(opened: OpenedMessages): Promise<Outgoing[]> {
    const messages: Outgoing[] = [];
    for (let i = 0; i < opened.planIds.length; i++) {
      const contentId = opened.contentIds[i]!;
      const content = this.#contents.get(contentId) ?? (await this.#loadContent(contentId));
      const json = opened.parameters?.[i] ?? null;
      const parameters = json === null ? null : (JSON.parse(json) as Parameters);
      messages.push({
        planId: opened.planIds[i]!,
        index: opened.indexes[i]!,
        recipient: opened.recipients[i]!,
        text: textOf(content, parameters),
      });
    }
    return messages;
  }

  async #loadContent(id: number): Promise<PreparedContent> {
    const content = await this.#desk.ask('findContent', { id });
    if (content === null) throw new Error(`content ${id} is gone`);
    const prepared = prepareContent(content);
    this.#contents.set(id, prepared);
    return prepared;
  }

  #record(): void {
    if (this.#recording !== null || this.#answers.length === 0) return;
    const batch = this.#answers;
    this.#answers = [];
    this.#recording = this.#desk
      .do('recordOutcomes', {
        channelId: this.#channel.id,
        receipts: this.#asksReceipts,
        ...sortAnswers(batch),
      })
      .then(
        () => this.#recorded(batch),
        (error: unknown) => {
          // They stay in the flight log and are recorded from it at the next start.
          this.#log.error({ err: error, messages: batch.length }, 'answers could not be recorded');
        },
      )
      .finally(() => {
        this.#recording = null;
        this.#record();
      });
  }

  #recorded(batch: readonly Answered[]): void {
    const counts = new Map<number, number>();
    for (const { place } of batch) if (place >= 0) counts.set(place, (counts.get(place) ?? 0) + 1);
    for (const [place, count] of counts) this.#flightLog.recorded(place, count);
  }
}

/** Accepted messages in columns, the others one by one. */
function sortAnswers(batch: readonly Answered[]): { accepted: AcceptedMessages; failed: FailedMessage[] } {
  const accepted: AcceptedMessage[] = [];
  const failed: FailedMessage[] = [];
  for (const { message, outcome } of batch) {
    const { planId, index, recipient } = message;
    if (outcome.kind === 'accepted') {
      accepted.push({ planId, index, recipient, carrierIds: outcome.carrierIds });
    } else {
      const kind = outcome.kind === 'refused' ? outcome.retry : outcome.kind;
      failed.push({ planId, index, recipient, outcome: kind, error: 'error' in outcome ? outcome.error : '' });
    }
  }
  return { accepted: packAccepted(accepted), failed };
}

import type { Answered, OutChannel, Outgoing, PlanFacts } from '../channels/channel.ts';
import type { FlightLog } from '../channels/flight-log.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { type PreparedContent, prepareContent, textOf } from '../domain/content.ts';
import { MESSAGE_ERRORS } from '../domain/message-error.ts';
import type { Rests } from '../domain/quiet-hours.ts';
import type { Parameters } from '../domain/template.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { Lru } from '../lib/lru.ts';
import type { Queue } from '../queue/queue.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { OpenedAttempts } from '../services/dispatch.ts';
import type { Claimant } from '../services/ownership.ts';
import { packRanges } from '../services/packed.ts';
import type { OpenedMessages } from '../store/store.ts';
import type { LaneTask } from './channel-queues.ts';
import { type Batch, HeldTasks } from './held-tasks.ts';
import { OutcomeRecorder, type RefusalCount } from './outcome-recorder.ts';

/** Openings under way at once: one being committed while the next is being made up. */
const MAX_OPENINGS = 2;
/** How long a dispatcher rests when the store would not open attempts. */
const REST_MS = 1_000;

/** Whoever counts what routes do. */
export interface RouteCount extends RefusalCount {
  given(channelId: number, lane: Category, opened: OpenedMessages): void;
}

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
  readonly #quiet: Rests | null;
  readonly #claimant: Claimant | undefined;
  readonly #routes: RouteCount;
  readonly #recorder: OutcomeRecorder;
  readonly #contents = new Lru<number, PreparedContent>(1_000);
  /** Of channels that ask for them. */
  readonly #plans = new Lru<number, PlanFacts>(10_000);
  readonly #tasks: HeldTasks;
  readonly #openings = new Set<Promise<void>>();
  /** Messages claimed or being claimed that have not reached the channel. */
  readonly #opening: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Room set aside for messages that are being accepted. */
  readonly #granted: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Plans that were stopped while something was being opened. */
  readonly #stoppedPlans = new Set<number>();
  /** Runs while the dispatcher rests. */
  #resting: Timer | null = null;
  /** Its tasks are for others. */
  #aside = false;
  /** Messages handed to the channel so far. */
  readonly #handed: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  #stopped = false;

  /**
   * @param receipts whether the channel asks for reports
   */
  constructor(
    channel: OutChannel,
    receipts: boolean,
    deps: {
      desk: Desk;
      queue: Queue;
      flightLog: FlightLog;
      clock: Clock;
      log: Logger;
      /** In whose name messages are claimed; absent where only one process sends. */
      claimant?: Claimant | null;
      quiet?: Rests | null;
      routes: RouteCount;
    },
  ) {
    this.#channel = channel;
    this.#desk = deps.desk;
    this.#queue = deps.queue;
    this.#tasks = new HeldTasks(channel.id, deps.queue);
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#quiet = deps.quiet ?? null;
    this.#claimant = deps.claimant ?? undefined;
    this.#routes = deps.routes;
    this.#recorder = new OutcomeRecorder(channel.id, receipts, deps);
    this.#queue.open(channel.id);
  }

  /** There may be tasks, or room for them. */
  pump(): void {
    for (const lane of CATEGORIES) {
      while (!this.#stopped && this.#resting === null && this.#openings.size < MAX_OPENINGS) {
        const batch = this.#tasks.take(lane, this.#room(lane));
        if (batch === null) break;
        const opening: Promise<void> = this.#open(batch).finally(() => {
          this.#openings.delete(opening);
          if (this.#openings.size === 0) this.#stoppedPlans.clear();
          this.pump();
        });
        this.#openings.add(opening);
      }
    }
  }

  /** Sets room aside for up to `wanted` messages that are claimed as they are accepted; none while others wait. */
  grant(lane: Category, wanted: number): number {
    if (this.#stopped || this.#resting !== null || this.#tasks.waiting(lane)) return 0;
    const room = Math.max(0, Math.min(wanted, this.#room(lane)));
    this.#granted[lane] += room;
    return room;
  }

  /** Takes back room that was set aside and not used. */
  returned(lane: Category, room: number): void {
    // What an earlier dispatcher of the channel had set aside may come back to its successor.
    this.#granted[lane] = Math.max(0, this.#granted[lane] - room);
    this.pump();
  }

  /** Sends messages that were claimed as they were accepted. */
  async claimed(lane: Category, opened: OpenedMessages): Promise<void> {
    this.#routes.given(this.#channel.id, lane, opened);
    const messages = await this.#prepare(lane, opened);
    this.#granted[lane] = Math.max(0, this.#granted[lane] - opened.planIds.length);
    if (this.#stopped) {
      this.#recorder.add(messages.map((message) => ({ message, outcome: { kind: 'notSent' }, place: -1 })));
    } else this.#send(lane, messages);
  }

  #send(lane: Category, messages: Outgoing[]): void {
    this.#handed[lane] += messages.length;
    this.#channel.send(messages);
  }

  /** Nothing more of these plans is to be sent: what has not left is taken back. */
  stopPlans(planIds: ReadonlySet<number>): void {
    // What is being opened may have been claimed just before they were stopped.
    if (this.#openings.size > 0) for (const planId of planIds) this.#stoppedPlans.add(planId);
    this.#channel.recall(planIds);
  }

  /** Messages of a lane that have left the queue and not reached the channel yet. */
  claiming(lane: Category): number {
    return this.#opening[lane] + this.#tasks.size(lane);
  }

  /** Messages of a lane that the channel was handed so far. */
  handed(lane: Category): number {
    return this.#handed[lane];
  }

  /** What the channel answered. */
  answered(batch: readonly Answered[]): void {
    this.#recorder.add(batch);
    this.pump();
  }

  /**
   * Takes no more tasks; resolves when what has been answered is recorded, and what was not claimed is back in the
   * queue. The channel must have stopped before.
   * @param lasting whether to wait for a store that is away; otherwise the flight log keeps what it could not be told
   */
  async stop(lasting = false): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#openings);
    await this.#recorder.stop(lasting);
    this.#resting?.cancel();
    await this.#queue.close(this.#channel.id);
  }

  /** Hands over what it has taken from the queue and is not claiming. */
  takeBack(): LaneTask[] {
    return this.#tasks.takeBack();
  }

  /**
   * Whether the channel may be used: while it may not, tasks that came to it ahead are given back for other channels. Held
   * ones are claimed by whoever is first.
   */
  mayTake(usable: boolean): void {
    if (this.#stopped || usable !== this.#aside || this.#queue.ahead === 0) return;
    this.#aside = !usable;
    if (usable) {
      this.#queue.open(this.#channel.id);
      this.pump();
    } else
      this.#queue
        .close(this.#channel.id)
        .catch((error: unknown) => logFailure(this.#log, error, 'tasks could not be given back'));
  }

  /** Stops taking tasks; what is under way goes on. */
  pause(): void {
    this.#stopped = true;
  }

  #room(lane: Category): number {
    return this.#channel.room(lane) - this.#opening[lane] - this.#granted[lane];
  }

  async #open(batch: Batch): Promise<void> {
    const { lane, size, ranges, retries } = batch;
    this.#opening[lane] += size;
    let claimed = false;
    try {
      const channelId = this.#channel.id;
      const claimant = this.#claimant;
      const opened = await this.#desk.do('openAttempts', { channelId, ranges: packRanges(ranges), retries, claimant });
      if (opened.stale === true) throw new Error('the channel is not owned by this process any more');
      claimed = true;
      this.#tasks.claimed(batch);
      this.#routes.given(channelId, lane, opened);
      this.#send(lane, await this.#prepare(lane, opened));
    } catch (error) {
      logFailure(this.#log, error, 'messages could not be opened for sending');
      if (!claimed) this.#tasks.failed(batch);
      this.#rest();
    } finally {
      this.#opening[lane] -= size;
    }
  }

  /** Leaves the store alone for a while, and then begins with what it would not open. */
  #rest(): void {
    this.#resting ??= this.#clock.setTimer(() => {
      this.#resting = null;
      this.pump();
    }, REST_MS);
  }

  /** Makes up the texts; a message whose text or plan cannot be read now, or whose plan was stopped or whose recipient rests, waits again. */
  async #prepare(lane: Category, opened: OpenedAttempts): Promise<Outgoing[]> {
    const messages: Outgoing[] = [];
    const unsent: Answered[] = [];
    const { planIds, indexes, recipients, contentIds, parameters } = opened;
    const mayRest = lane === 'marketing' && this.#quiet !== null;
    let content = null as PreparedContent | null;
    const plans = this.#channel.asksForPlans ? await this.#factsOf(planIds) : null;
    for (let i = 0; i < planIds.length; i++) {
      const planId = planIds[i]!;
      const index = indexes[i]!;
      const recipient = recipients[i]!;
      if (this.#stoppedPlans.has(planId) || (mayRest && this.#rests(recipient))) {
        unsent.push({ message: { planId, index, recipient, text: '', lane }, outcome: { kind: 'notSent' }, place: -1 });
        continue;
      }
      const contentId = contentIds[i]!;
      if (content?.content.id !== contentId) {
        content = this.#contents.get(contentId) ?? (await this.#loadContent(contentId));
      }
      const plan = plans?.get(planId);
      if (content === null || (plans !== null && plan === undefined)) {
        unsent.push({ message: { planId, index, recipient, text: '', lane }, outcome: NO_TEXT, place: -1 });
        continue;
      }
      const json = parameters === null ? null : parameters[i]!;
      const values = json === null ? null : (JSON.parse(json) as Parameters);
      const text = textOf(content, values, recipient);
      const message: Outgoing = { planId, index, recipient, text, lane, content: content.content, parameters: values };
      const begun = opened.begun?.get(i);
      if (begun !== undefined) message.begun = begun;
      if (plan !== undefined) message.plan = plan;
      messages.push(message);
    }
    if (unsent.length > 0) this.#recorder.add(unsent);
    return messages;
  }

  /** What can be known of the plans of messages. */
  async #factsOf(planIds: Float64Array): Promise<ReadonlyMap<number, PlanFacts>> {
    const facts = new Map<number, PlanFacts>();
    const unknown: number[] = [];
    for (const planId of new Set(planIds)) {
      const known = this.#plans.get(planId);
      if (known === undefined) unknown.push(planId);
      else facts.set(planId, known);
    }
    if (unknown.length === 0) return facts;
    try {
      for (const { planId, businessId, expiresAt } of await this.#desk.ask('planFacts', { planIds: unknown })) {
        facts.set(planId, { businessId, expiresAt });
        this.#plans.set(planId, { businessId, expiresAt });
      }
    } catch (error) {
      logFailure(this.#log, error, 'plans could not be read');
    }
    return facts;
  }

  /** Whether quiet hours have begun for a recipient since the message was chosen: the channel may have been away for long. */
  #rests(recipient: number): boolean {
    return this.#quiet !== null && this.#quiet.until(recipient, this.#clock.now()) !== null;
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
      logFailure(this.#log, error, 'a text could not be read', { contentId: id });
      return null;
    }
  }
}

const NO_TEXT = { kind: 'refused', retry: 'later', error: MESSAGE_ERRORS.noText } as const;

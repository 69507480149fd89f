import type { Answered } from '../channels/channel.ts';
import type { FlightLog } from '../channels/flight-log.ts';
import type { NotOverMe } from '../domain/route-figure.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Desk, isStoreAway, logFailure } from '../services/desk.ts';
import type { FailedMessage } from '../services/outcome.ts';
import type { Claimant } from '../services/ownership.ts';
import { type AcceptedMessage, type AcceptedMessages, packAccepted } from '../services/packed.ts';
import type { AnsweredInParts } from '../services/part-outcome.ts';

/** Tries of a batch the store would not take, with a rest before each. */
const MAX_TRIES = 60;
const REST_MS = 1_000;

/** Whoever counts what refusals meant to routes. */
export interface RefusalCount {
  notOverMe(channelId: number, refused: readonly NotOverMe[]): void;
}

/** Carries a channel's answers to the store, a batch at a time: the next gathers while the last one commits. */
export class OutcomeRecorder {
  readonly #channelId: number;
  readonly #receipts: boolean;
  readonly #desk: Desk;
  readonly #flightLog: FlightLog;
  readonly #clock: Clock;
  readonly #routes: RefusalCount;
  readonly #log: Logger;
  #answers: Answered[] = [];
  #recording: Promise<void> | null = null;
  readonly #claimant: Claimant | undefined;
  #stopped = false;
  /** A stop waits for a store that is away. */
  #lasting = true;

  /** @param receipts whether the channel asks for reports */
  constructor(
    channelId: number,
    receipts: boolean,
    deps: {
      desk: Desk;
      flightLog: FlightLog;
      claimant?: Claimant | null;
      clock: Clock;
      log: Logger;
      routes: RefusalCount;
    },
  ) {
    this.#channelId = channelId;
    this.#receipts = receipts;
    this.#desk = deps.desk;
    this.#claimant = deps.claimant ?? undefined;
    this.#flightLog = deps.flightLog;
    this.#routes = deps.routes;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  add(batch: readonly Answered[]): void {
    for (const answer of batch) this.#answers.push(answer);
    this.#record();
  }

  /**
   * Resolves when everything added is recorded; what the store does not take now is left to the flight log.
   * @param lasting whether to wait for a store that is away
   */
  async stop(lasting = false): Promise<void> {
    this.#stopped = true;
    this.#lasting = lasting;
    while (this.#recording !== null) await this.#recording;
  }

  #record(): void {
    if (this.#recording !== null || this.#answers.length === 0) return;
    const batch = this.#answers;
    this.#answers = [];
    this.#recording = this.#recordBatch(batch).finally(() => {
      this.#recording = null;
      this.#record();
    });
  }

  async #recordBatch(batch: readonly Answered[]): Promise<void> {
    try {
      await this.#hand(batch);
    } catch (error) {
      logFailure(this.#log, error, 'answers could not be recorded', { messages: batch.length });
      if (!isStoreAway(error) || !(await this.#whenBack(batch))) await this.#tryAgain(batch);
    }
  }

  /** Tries a batch again until the store is there; false when it does not take it, or when nobody waits any more. */
  async #whenBack(batch: readonly Answered[]): Promise<boolean> {
    while (!this.#stopped || this.#lasting) {
      await sleep(this.#clock, REST_MS);
      try {
        await this.#hand(batch);
        return true;
      } catch (error) {
        if (!isStoreAway(error)) return false;
      }
    }
    return false;
  }

  /** One by one, so that an answer the store never takes keeps back no other. */
  async #tryAgain(batch: readonly Answered[]): Promise<void> {
    let left = batch;
    for (let tries = 0; left.length > 0 && tries < MAX_TRIES && !this.#stopped; tries++) {
      await sleep(this.#clock, REST_MS);
      const tried = await Promise.allSettled(left.map((answer) => this.#hand([answer])));
      left = left.filter((_, i) => tried[i]!.status === 'rejected');
    }
    // They stay in the flight log and are recorded from it at the next start.
    if (left.length > 0) this.#log.error({ messages: left.length }, 'answers wait for the next start to be recorded');
  }

  async #hand(batch: readonly Answered[]): Promise<void> {
    const outcomes = sortAnswers(batch);
    const channelId = this.#channelId;
    const claimant = this.#claimant;
    const receipts = this.#receipts;
    const refused = await this.#desk.do('recordOutcomes', { channelId, receipts, claimant, ...outcomes });
    if (refused.length > 0) this.#routes.notOverMe(channelId, refused);
    const counts = new Map<number, number>();
    for (const { place } of batch) if (place >= 0) counts.set(place, (counts.get(place) ?? 0) + 1);
    for (const [place, count] of counts) this.#flightLog.recorded(place, count);
  }
}

/** Accepted messages in columns, the others one by one. */
function sortAnswers(batch: readonly Answered[]): {
  accepted: AcceptedMessages;
  failed: FailedMessage[];
  inParts: AnsweredInParts[];
} {
  const accepted: AcceptedMessage[] = [];
  const failed: FailedMessage[] = [];
  const inParts: AnsweredInParts[] = [];
  for (const { message, outcome } of batch) {
    const { planId, index, recipient } = message;
    if (outcome.kind === 'accepted') {
      accepted.push({ planId, index, recipient, carrierIds: outcome.carrierIds });
    } else if (outcome.kind === 'inParts') {
      const { reference, round, userReference, parts } = outcome;
      inParts.push({ planId, index, recipient, reference, round, userReference, parts });
    } else {
      const kind = outcome.kind === 'refused' ? outcome.retry : outcome.kind;
      const error = 'error' in outcome ? outcome.error : '';
      const { userReference = null, linkLost = false } = outcome.kind === 'unknown' ? outcome : {};
      failed.push({ planId, index, recipient, outcome: kind, error, userReference, linkLost });
    }
  }
  return { accepted: packAccepted(accepted), failed, inParts };
}

import type { ChannelInbound } from '../channels/channel.ts';
import { senderNumber } from '../domain/inbound.ts';
import { readOptWord } from '../domain/words.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Counter, Metrics } from '../lib/metrics.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { Arrived, InboundCounts } from '../services/inbound.ts';
import type { WroteBack } from '../services/last-writer.ts';

/** SMS one command carries, about. */
const BATCH = 200;

interface Waiting {
  messages: Arrived[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Carries SMS from handsets to the store, a batch at a time: the next gathers while the last one commits. */
export class InboundIntake {
  readonly #desk: Desk;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #lastWithinMs: number;
  readonly #counters: Record<keyof InboundCounts, Counter>;
  #waiting: Waiting[] = [];
  #recording: Promise<void> | null = null;

  /** @param lastWithinMs how far back it is looked who wrote last to somebody who opts out; 0: not at all */
  constructor(deps: { desk: Desk; clock: Clock; log: Logger; metrics: Metrics; lastWithinMs: number }) {
    const { metrics } = deps;
    this.#desk = deps.desk;
    this.#log = deps.log;
    this.#clock = deps.clock;
    this.#lastWithinMs = deps.lastWithinMs;
    const counter = (result: string) =>
      metrics.counter('signet_inbound_total', 'SMS from handsets, by what became of them.', { result });
    this.#counters = {
      stored: counter('stored'),
      unmatched: counter('unmatched'),
      waiting: counter('part'),
      repeated: counter('repeated'),
      optedOut: counter('opted_out'),
      optedIn: counter('opted_in'),
      replied: counter('replied'),
    };
  }

  /** Resolves when the messages are safe; then the carrier may be told so. */
  take(channelId: number, batch: readonly ChannelInbound[]): Promise<void> {
    const messages = batch.map((message) => ({ channelId, ...message }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, resolve, reject });
      this.#record();
    });
  }

  /** Resolves when everything taken so far is recorded. */
  async idle(): Promise<void> {
    while (this.#recording !== null) await this.#recording;
  }

  #record(): void {
    if (this.#recording !== null || this.#waiting.length === 0) return;
    const batch = this.#next();
    this.#recording = this.#withWriters(batch.flatMap(({ messages }) => messages))
      .then((messages) => this.#desk.do('recordInbound', { messages }))
      .then(
        (counts) => {
          for (const result of Object.keys(counts) as (keyof InboundCounts)[])
            this.#counters[result].add(counts[result]);
          for (const { resolve } of batch) resolve();
        },
        (error: unknown) => {
          logFailure(this.#log, error, 'inbound messages could not be recorded');
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        this.#recording = null;
        this.#record();
      });
  }

  /** Adds who wrote last to those who opt out or in: it decides where the number they write to is nobody's. */
  async #withWriters(messages: Arrived[]): Promise<Arrived[]> {
    if (this.#lastWithinMs === 0) return messages;
    const asking = messages.flatMap((message): { message: Arrived; wrote: WroteBack }[] => {
      if (message.part !== null || readOptWord(message.text, null) === null) return [];
      const recipient = senderNumber(message.from, null);
      return recipient === null ? [] : [{ message, wrote: { channelId: message.channelId, recipient } }];
    });
    if (asking.length === 0) return messages;
    const since = this.#clock.now() - this.#lastWithinMs;
    const writers = await this.#desk.ask('lastWriters', { wrote: asking.map(({ wrote }) => wrote), since });
    const found = new Map(asking.map(({ message }, i) => [message, writers[i] ?? null]));
    return messages.map((message) => (found.has(message) ? { ...message, lastWriter: found.get(message)! } : message));
  }

  /** What came together stays together: its carrier gets one answer for all of it. */
  #next(): Waiting[] {
    let count = 0;
    let length = 0;
    while (length < this.#waiting.length && count < BATCH) count += this.#waiting[length++]!.messages.length;
    return this.#waiting.splice(0, length);
  }
}

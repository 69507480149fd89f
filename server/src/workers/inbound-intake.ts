import type { ChannelInbound } from '../channels/channel.ts';
import type { InboundArrival } from '../domain/inbound.ts';
import type { Logger } from '../lib/log.ts';
import type { Counter, Metrics } from '../lib/metrics.ts';
import type { Desk } from '../services/desk.ts';
import type { InboundCounts } from '../services/inbound.ts';

/** SMS one command carries, about. */
const BATCH = 200;

interface Waiting {
  messages: InboundArrival[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Carries SMS from handsets to the store, a batch at a time: the next gathers while the last one commits. */
export class InboundIntake {
  readonly #desk: Desk;
  readonly #log: Logger;
  readonly #counters: Record<keyof InboundCounts, Counter>;
  #waiting: Waiting[] = [];
  #recording: Promise<void> | null = null;

  constructor(desk: Desk, log: Logger, metrics: Metrics) {
    this.#desk = desk;
    this.#log = log;
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
    this.#recording = this.#desk
      .do('recordInbound', { messages: batch.flatMap(({ messages }) => messages) })
      .then(
        (counts) => {
          for (const result of Object.keys(counts) as (keyof InboundCounts)[])
            this.#counters[result].add(counts[result]);
          for (const { resolve } of batch) resolve();
        },
        (error: unknown) => {
          this.#log.error({ err: error }, 'inbound messages could not be recorded');
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        this.#recording = null;
        this.#record();
      });
  }

  /** What came together stays together: its carrier gets one answer for all of it. */
  #next(): Waiting[] {
    let count = 0;
    let length = 0;
    while (length < this.#waiting.length && count < BATCH) count += this.#waiting[length++]!.messages.length;
    return this.#waiting.splice(0, length);
  }
}

import type { ChannelReport } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Desk } from '../services/desk.ts';
import type { Report } from '../store/store.ts';

interface Waiting {
  reports: Report[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Carries carriers' reports to the store, a batch at a time: the next gathers while the last one commits. */
export class ReceiptIntake {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  #waiting: Waiting[] = [];
  #recording: Promise<void> | null = null;

  constructor(desk: Desk, clock: Clock, log: Logger) {
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the reports are safe; then the carrier may be told so. */
  take(channelId: number, batch: readonly ChannelReport[]): Promise<void> {
    const at = this.#clock.now();
    const reports = batch.map((report) => ({ group: channelId, at, ...report }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ reports, resolve, reject });
      this.#record();
    });
  }

  /** Resolves when everything taken so far is recorded. */
  async idle(): Promise<void> {
    while (this.#recording !== null) await this.#recording;
  }

  #record(): void {
    if (this.#recording !== null || this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#recording = this.#desk
      .do('recordReceipts', { reports: batch.flatMap(({ reports }) => reports) })
      .then(
        () => {
          for (const { resolve } of batch) resolve();
        },
        (error: unknown) => {
          this.#log.error({ err: error }, 'delivery reports could not be recorded');
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        this.#recording = null;
        this.#record();
      });
  }
}

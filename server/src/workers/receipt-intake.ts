import type { ChannelReport } from '../channels/channel.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import { packReports, type RawReport } from '../services/report-log.ts';
import type { Report } from '../store/store.ts';

interface Waiting {
  channelId: number;
  at: number;
  reports: readonly ChannelReport[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Carries carriers' reports to the store, a batch at a time: the next gathers while the last one commits. */
export class ReceiptIntake {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #keep: boolean;
  #waiting: Waiting[] = [];
  #recording: Promise<void> | null = null;

  /** @param keep whether reports are kept as carriers wrote them */
  constructor(desk: Desk, clock: Clock, log: Logger, keep: boolean) {
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
    this.#keep = keep;
  }

  /** Resolves when the reports are safe; then the carrier may be told so. */
  take(channelId: number, reports: readonly ChannelReport[]): Promise<void> {
    const at = this.#clock.now();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ channelId, at, reports, resolve, reject });
      this.#record();
    });
  }

  /** Resolves when everything taken so far is recorded. */
  async idle(): Promise<void> {
    while (this.#recording !== null) await this.#recording;
  }

  #record(): void {
    if (this.#recording !== null || this.#waiting.length === 0) return;
    const taken = this.#waiting;
    this.#waiting = [];
    const batch = this.#keep ? packReports(taken.flatMap(asTheyCame)) : null;
    this.#recording = this.#desk
      .do('recordReceipts', { reports: telling(taken), batch })
      .then(
        () => {
          for (const { resolve } of taken) resolve();
        },
        (error: unknown) => {
          logFailure(this.#log, error, 'delivery reports could not be recorded');
          for (const { reject } of taken) reject(error);
        },
      )
      .finally(() => {
        this.#recording = null;
        this.#record();
      });
  }
}

/** Those that say what became of a message, in the order they came. */
function telling(taken: readonly Waiting[]): Report[] {
  const told: Report[] = [];
  for (const { channelId, at, reports } of taken) {
    for (const { carrierId, recipient, state, error, userReference = null } of reports) {
      if (state === null || carrierId === '') continue;
      told.push({ channelId, carrierId, recipient, state, error, userReference, at });
    }
  }
  return told;
}

const asTheyCame = ({ channelId, at, reports }: Waiting): RawReport[] =>
  reports.map(({ carrierId, recipient, state, error, raw = '' }) => {
    return { channelId, carrierId, recipient, state, error, raw, at };
  });

import type { LogPage, LogQuestion } from '../../domain/exchange.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Service } from '../../lib/start-stop.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import { folderOf } from './log-file.ts';
import { trimLogs } from './log-room.ts';
import { LogWriter } from './log-writer.ts';

const LARGEST_FILE_OCTETS = 8 << 20;
/** With less room for all logs, files are smaller, so that there is always something to take away. */
const FILES_AT_LEAST = 16;
const TRIM_EVERY_MS = 3_600_000;

/** How much the logs of all channels keep. */
export interface LogLimits {
  /** Of all files together, about; 0: nothing is logged. */
  maxOctets: number;
  maxAgeMs: number;
}

/** Whoever looks through the files, on another thread than the one that sends. */
export interface LogReader {
  read(question: LogQuestion): Promise<LogPage>;
  close(): Promise<void>;
}

/** The logs of all channels: what is written, what is read, and what is taken away when there is too much. */
export class ChannelLogs implements Service {
  readonly #dir: string;
  readonly #limits: LogLimits;
  readonly #reader: LogReader;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #writers = new Map<number, LogWriter>();
  #timer: Timer | null = null;
  #trimming: Promise<void> | null = null;
  #trimAgain = false;
  #stopped = false;

  constructor(dir: string, limits: LogLimits, deps: { reader: LogReader; clock: Clock; log: Logger }) {
    this.#dir = dir;
    this.#limits = limits;
    this.#reader = deps.reader;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Whether exchanges are logged. */
  get on(): boolean {
    return this.#limits.maxOctets > 0;
  }

  /**
   * Where a channel notes its exchanges, the same log for every connector it has one after the other; null when nothing
   * is logged.
   */
  of(channelId: number): ExchangeLog | null {
    if (!this.on) return null;
    let writer = this.#writers.get(channelId);
    if (writer === undefined) {
      const fileOctets = Math.min(LARGEST_FILE_OCTETS, Math.ceil(this.#limits.maxOctets / FILES_AT_LEAST));
      writer = new LogWriter(folderOf(this.#dir, channelId), fileOctets, {
        clock: this.#clock,
        log: this.#log.child({ channel: channelId }),
        onNewFile: () => this.#trim(),
      });
      this.#writers.set(channelId, writer);
    }
    return writer;
  }

  /** Lines of a log, those of this moment included. */
  async read(question: LogQuestion): Promise<LogPage> {
    await this.#writers.get(question.channelId)?.flush();
    return this.#reader.read(question);
  }

  async start(): Promise<void> {
    this.#trim();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const writer of this.#writers.values()) await writer.close();
    await this.#trimming;
    await this.#reader.close();
  }

  /** Takes away what is too old or too much, now and every hour. */
  #trim(): void {
    if (this.#stopped) return;
    if (this.#trimming !== null) {
      this.#trimAgain = true;
      return;
    }
    this.#trimming = this.#trimOnce().finally(() => {
      this.#trimming = null;
      if (this.#trimAgain) {
        this.#trimAgain = false;
        this.#trim();
      }
    });
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(() => this.#trim(), TRIM_EVERY_MS);
  }

  async #trimOnce(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.endOldFile();
    const open = new Map([...this.#writers].map(([id, { file }]) => [String(id), file]));
    const limits = { maxOctets: this.#limits.maxOctets, keepAfter: this.#clock.now() - this.#limits.maxAgeMs };
    try {
      await trimLogs(this.#dir, limits, open);
    } catch (error) {
      this.#log.warn({ err: error, dir: this.#dir }, 'old channel logs could not be taken away');
    }
  }
}

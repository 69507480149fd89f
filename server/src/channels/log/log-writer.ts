import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Exchange } from '../../domain/exchange.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import { BLOCK_OCTETS, fileIn, filesIn, writtenBlock } from './log-file.ts';
import { RecordBlock } from './record.ts';

/** Lines are on disk, and can be read, after this long. */
const WRITE_AFTER_MS = 500;
/** Blocks that may wait for a slow disk; after that lines are left out: sending does not wait for its log. */
const MAX_WAITING_BLOCKS = 64;
/** A file is followed by the next one after this long, so that age can end it. */
const FILE_MS = 24 * 3_600_000;
/** How often a disk that refuses is complained about. */
const COMPLAIN_EVERY_MS = 60_000;

/** Writes the log of one channel: lines gather in memory and leave in blocks, each behind the last. */
export class LogWriter implements ExchangeLog {
  readonly #folder: string;
  readonly #fileOctets: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onNewFile: () => void;
  #block = new RecordBlock(BLOCK_OCTETS);
  /** Written out already, to be filled again: no more than ever waited together. */
  readonly #spares: RecordBlock[] = [];
  readonly #waiting: RecordBlock[] = [];
  #writing: Promise<void> | null = null;
  #timer: Timer | null = null;
  #handle: FileHandle | null = null;
  #file = 0;
  #octets = 0;
  #openedAt = 0;
  #leftOut = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param fileOctets a file is followed by the next one when it is this large
   * @param onNewFile told when a file was begun, so that there may be too many
   */
  constructor(folder: string, fileOctets: number, deps: { clock: Clock; log: Logger; onNewFile: () => void }) {
    this.#folder = folder;
    this.#fileOctets = fileOctets;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onNewFile = deps.onNewFile;
  }

  /** The file that is being written; 0 before the first. */
  get file(): number {
    return this.#file;
  }

  add(exchange: Exchange): void {
    if (this.#block.full) this.#seal();
    this.#block.add(exchange);
    this.#timer ??= this.#clock.setTimer(() => void this.flush(), WRITE_AFTER_MS);
  }

  /** Resolves when every line added so far can be read, or was left out. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#block.count > 0) this.#seal();
    await this.#writing;
  }

  /** Ends a file that has been open for long, though nothing follows: only then age can take it away. */
  async endOldFile(): Promise<void> {
    if (this.#handle === null || this.#clock.now() - this.#openedAt <= FILE_MS) return;
    await this.close();
    this.#file = 0;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#handle?.close();
    this.#handle = null;
  }

  #seal(): void {
    const block = this.#block;
    if (this.#waiting.length >= MAX_WAITING_BLOCKS) {
      this.#leftOut += block.count;
      block.clear();
      return;
    }
    this.#waiting.push(block);
    this.#block = this.#spares.pop() ?? new RecordBlock(BLOCK_OCTETS);
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    for (let block = this.#waiting[0]; block !== undefined; block = this.#waiting[0]) {
      try {
        await this.#append(await writtenBlock(block));
      } catch (error) {
        this.#leftOut += block.count;
        this.#complain(error);
      }
      this.#waiting.shift();
      block.clear();
      this.#spares.push(block);
    }
    // At once with the last look at what waits: what is sealed from here on begins a new round.
    this.#writing = null;
    if (this.#leftOut > 0) this.#complain(null);
  }

  async #append(octets: Buffer): Promise<void> {
    const old = this.#octets + octets.length > this.#fileOctets || this.#clock.now() - this.#openedAt > FILE_MS;
    if (this.#handle === null || old) await this.#nextFile();
    await this.#handle!.appendFile(octets);
    this.#octets += octets.length;
  }

  async #nextFile(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = Math.max(this.#file, filesIn(this.#folder).at(-1) ?? 0) + 1;
    this.#handle = await open(fileIn(this.#folder, file), 'ax', 0o600);
    this.#file = file;
    this.#octets = 0;
    this.#openedAt = this.#clock.now();
    this.#onNewFile();
  }

  #complain(error: unknown): void {
    const now = this.#clock.monotonic();
    if (now - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    this.#complainedAt = now;
    this.#log.warn(
      { err: error, lines: this.#leftOut },
      'lines of a channel log could not be written and are left out',
    );
    this.#leftOut = 0;
  }
}

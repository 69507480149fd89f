import { type FileHandle, open, readFile, rm, truncate } from 'node:fs/promises';
import { CommandFailed } from '../failure.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Layout } from './layout.ts';
import type { ValueSource } from './rows.ts';

/** Everything the requests of one send are made of, so that going on makes the same ones again. */
export interface SendOrder {
  url: string;
  user: string;
  signId: number;
  tempId: number;
  params: Record<string, string>;
  /** Rows of the file in one request. */
  batch: number;
  country: string;
  layout: Layout;
  sources: ValueSource[];
}

/** The journal's first line. */
export interface JournalHeader {
  signet_send: typeof FORMAT;
  /** Random; every idempotency key begins with it. */
  run: string;
  begun_at: string;
  file: Fingerprint & { records: number };
  order: SendOrder;
}

/**
 * What became of one request. A request is named by its part of the file: "12" is the thirteenth chunk, "12.0" and
 * "12.1" its halves when the server refused it as a whole, and so on.
 */
export type PartResult =
  | { result: 'accepted'; uuid: string; messages: number }
  | { result: 'split' }
  | { result: 'rejected'; code: 'too_often' | 'refused' | 'uncertain'; reason: string; rows: number };

type Line =
  | JournalHeader
  | { part: string; began: string }
  | ({ part: string } & PartResult)
  | { part: string; result: 'none' }
  | { chunk: number; rejected_bytes: number }
  | { finished_at: string };

/** Rises when requests of the same order would be cut or worded differently. */
const FORMAT = 1;

/**
 * The state of one send, kept beside the file as JSON lines that are only ever added to: a stop at any moment loses
 * nothing but a torn last line. A request is written down before it is made and again when it is answered.
 */
export class Journal {
  readonly header: JournalHeader;
  /** Chunks that are completely done. */
  chunksDone = 0;
  /** Length of the file of rejected rows after the last of them. */
  rejectedBytes = 0;
  finishedAt: string | null = null;
  /** Messages the server accepted. */
  messages = 0;
  /** The accepted requests' names. */
  readonly uuids: string[] = [];
  /** Rows the server refused, by code. */
  readonly rejected = new Map<string, number>();
  readonly #file: FileHandle;
  /** Parts of the chunk that is not done yet. */
  #parts = new Map<string, PartResult>();
  #began = new Map<string, string>();

  private constructor(file: FileHandle, header: JournalHeader) {
    this.#file = file;
    this.header = header;
  }

  /** Begins a journal. @throws EEXIST when there is one */
  static async create(path: string, header: Omit<JournalHeader, 'signet_send'>): Promise<Journal> {
    const full: JournalHeader = { signet_send: FORMAT, ...header };
    const journal = new Journal(await open(path, 'ax', 0o600), full);
    await journal.#append(full);
    await journal.#file.datasync();
    return journal;
  }

  /** Reads an existing journal to go on with it; null when there is none. */
  static async resume(path: string): Promise<Journal | null> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return null;
    // What follows the last line end was torn by a crash.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole === '') {
      await rm(path); // nothing was asked for before the first line was on disk
      return null;
    }
    await truncate(path, Buffer.byteLength(whole));
    const [header, ...lines] = whole
      .split('\n')
      .filter((line) => line !== '')
      .map(parsed);
    if (!header || !('signet_send' in header) || header.signet_send !== FORMAT || lines.includes(null)) {
      throw new CommandFailed(
        `${path} is not a journal this version of signet can go on with`,
        'Remove it, or use --restart, to send the whole file again.',
        { code: 'journal' },
      );
    }
    const journal = new Journal(await open(path, 'a'), header);
    for (const line of lines) journal.#read(line!);
    return journal;
  }

  /** What became of a part of the chunk at hand; undefined when that is not known. */
  resultOf(part: string): PartResult | undefined {
    return this.#parts.get(part);
  }

  /** When a part whose result is not known was first asked for (RFC 3339); undefined when it never was. */
  beganAt(part: string): string | undefined {
    return this.#began.get(part);
  }

  /** Notes that a request is about to be made; later attempts of the same one keep the first time. */
  async begin(part: string, at: string): Promise<void> {
    if (!this.#began.has(part)) await this.#write({ part, began: at });
  }

  async settle(part: string, result: PartResult): Promise<void> {
    await this.#write({ part, ...result });
  }

  /** The request left nothing at the server: as if it had never been made. */
  async forget(part: string): Promise<void> {
    await this.#write({ part, result: 'none' });
  }

  async finishChunk(chunk: number, rejectedBytes: number): Promise<void> {
    await this.#write({ chunk, rejected_bytes: rejectedBytes });
    await this.#file.datasync();
  }

  async finish(at: string): Promise<void> {
    await this.#write({ finished_at: at });
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(line: Line): Promise<void> {
    await this.#append(line);
    this.#read(line);
  }

  async #append(line: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
  }

  #read(line: Line): void {
    if ('began' in line) {
      this.#began.set(line.part, line.began);
    } else if ('result' in line) {
      this.#began.delete(line.part);
      if (line.result !== 'none') this.#count(line.part, line);
    } else if ('chunk' in line) {
      this.chunksDone = line.chunk + 1;
      this.rejectedBytes = line.rejected_bytes;
      this.#parts = new Map();
    } else if ('finished_at' in line) {
      this.finishedAt = line.finished_at;
    }
  }

  #count(part: string, result: PartResult): void {
    this.#parts.set(part, result);
    if (result.result === 'accepted') {
      this.messages += result.messages;
      this.uuids.push(result.uuid);
    } else if (result.result === 'rejected') {
      this.rejected.set(result.code, (this.rejected.get(result.code) ?? 0) + result.rows);
    }
  }
}

function parsed(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Line | null) : null;
  } catch {
    return null;
  }
}

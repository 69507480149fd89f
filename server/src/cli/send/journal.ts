import { type FileHandle, open, readFile, rm, truncate } from 'node:fs/promises';
import { CommandFailed } from '../failure.ts';
import type { Draft } from './draft.ts';
import type { Fingerprint } from './fingerprint.ts';

/** What is asked for with a file, so that going on asks for the same. */
export interface SendOrder {
  url: string;
  user: string;
  /** The query of the upload. */
  query: Record<string, string>;
}

/** The journal's first line. */
export interface JournalHeader {
  signet_send: typeof FORMAT;
  begun_at: string;
  file: Fingerprint;
  order: SendOrder;
}

type Line =
  | JournalHeader
  /** An upload is about to be made under this idempotency key. */
  | { upload: string }
  | { draft: Draft }
  | { confirmed_at: string };

/** Rises when a journal of before could not be gone on with. */
const FORMAT = 2;

/**
 * The state of one send, kept beside the file as JSON lines that are only ever added to: a stop at any moment loses
 * nothing but a torn last line.
 */
export class Journal {
  readonly header: JournalHeader;
  /** The idempotency key of the upload; null before the first. */
  key: string | null = null;
  /** The draft the server made of the file. */
  draft: Draft | null = null;
  /** When it was known that the draft is sent. */
  confirmedAt: string | null = null;
  readonly #file: FileHandle;
  readonly #path: string;

  private constructor(path: string, file: FileHandle, header: JournalHeader) {
    this.#path = path;
    this.#file = file;
    this.header = header;
  }

  /** Begins a journal. @throws EEXIST when there is one */
  static async create(path: string, header: Omit<JournalHeader, 'signet_send'>): Promise<Journal> {
    const full: JournalHeader = { signet_send: FORMAT, ...header };
    const journal = new Journal(path, await open(path, 'ax', 0o600), full);
    await journal.#append(full);
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
    const journal = new Journal(path, await open(path, 'a'), header);
    for (const line of lines) journal.#read(line!);
    return journal;
  }

  /** Notes that the file is about to be uploaded under this key. */
  begin(key: string): Promise<void> {
    return this.#write({ upload: key });
  }

  drafted(draft: Draft): Promise<void> {
    return this.#write({ draft });
  }

  confirmed(at: string): Promise<void> {
    return this.#write({ confirmed_at: at });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Forgets the send: nothing of it is at the server. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #write(line: Line): Promise<void> {
    await this.#append(line);
    this.#read(line);
  }

  async #append(line: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
    await this.#file.datasync();
  }

  #read(line: Line): void {
    if ('upload' in line) {
      this.key = line.upload;
      this.draft = null;
    } else if ('draft' in line) this.draft = line.draft;
    else if ('confirmed_at' in line) this.confirmedAt = line.confirmed_at;
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

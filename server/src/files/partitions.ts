import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** So many files: a million rows are then some fifteen thousand a file, which memory holds easily. */
const FILES = 64;
/** Characters gathered before they are written, over all files. */
const GATHERED = 4_000_000;

/** A row that waits on disk. */
export type ScatteredRow = readonly (string | number | null)[];

/**
 * Rows scattered over files by a key, so that those with one key are in one file: what belongs together is then found file by
 * file, however many rows there are.
 */
export class Partitions {
  static readonly count = FILES;

  readonly #folder: string;
  readonly #files: FileHandle[] = [];
  readonly #gathered: string[] = new Array(FILES).fill('');
  #size = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param folder a new one, which whoever asks removes */
  static async in(folder: string): Promise<Partitions> {
    const partitions = new Partitions(folder);
    await mkdir(folder, { mode: 0o700 });
    for (let i = 0; i < FILES; i++) partitions.#files.push(await open(partitions.#path(i), 'wx', 0o600));
    return partitions;
  }

  /** Adds a row; returns true when it is time to `flush`. */
  add(key: string, row: ScatteredRow): boolean {
    const line = `${JSON.stringify(row)}\n`;
    this.#gathered[hashOf(key) % FILES] += line;
    this.#size += line.length;
    return this.#size >= GATHERED;
  }

  async flush(): Promise<void> {
    for (const [i, lines] of this.#gathered.entries()) {
      if (lines === '') continue;
      this.#gathered[i] = '';
      await this.#files[i]!.appendFile(lines);
    }
    this.#size = 0;
  }

  /** Ends adding. */
  async end(): Promise<void> {
    await this.flush();
    await this.close();
  }

  async close(): Promise<void> {
    for (const file of this.#files.splice(0)) await file.close();
  }

  /** The rows of one of its {@link Partitions.count} files. */
  async part(i: number): Promise<ScatteredRow[]> {
    const lines = (await readFile(this.#path(i), 'utf8')).split('\n');
    return lines.slice(0, -1).map((line) => JSON.parse(line) as ScatteredRow);
  }

  #path(i: number): string {
    return join(this.#folder, String(i));
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Layout } from './layout.ts';
import type { Rejection } from './rows.ts';

/**
 * The rows that were not sent, each with its line and why, in the columns of the file they come from: corrected, it can
 * be sent itself. It is made when there is a first such row.
 */
export class RejectedFile {
  readonly path: string;
  readonly #header: string[];
  #file: FileHandle | null = null;
  #bytes = 0;

  constructor(path: string, layout: Layout) {
    this.path = path;
    this.#header = ['line', 'reason', ...(layout.header ?? unnamed(layout.numberColumn))];
  }

  /** Length so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps the first `bytes` of what an earlier run wrote. */
  async rewind(bytes: number): Promise<void> {
    if (bytes === 0) return rm(this.path, { force: true });
    this.#file = await open(this.path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null; // taken away meanwhile: a new one begins with the next rejection
      throw error;
    });
    if (this.#file === null) return;
    this.#bytes = Math.min(bytes, (await this.#file.stat()).size);
    await this.#file.truncate(this.#bytes);
  }

  async add(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    let text = '';
    if (this.#file === null) {
      this.#file = await open(this.path, 'w', 0o600);
      text = csvLine(this.#header);
    }
    for (const { record, reason } of rejections) text += csvLine([String(record.line), reason, ...record.cells]);
    const octets = Buffer.from(text);
    await this.#file.write(octets, 0, octets.length, this.#bytes);
    this.#bytes += octets.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/** Names for the columns of a file without a header, up to the numbers. */
function unnamed(numberColumn: number): string[] {
  return [...Array.from({ length: numberColumn }, (_, column) => `column${column + 1}`), 'mobile'];
}

/** RFC 4180 §2: quoted where it has to be. */
function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { must, Refused } from '../domain/refusals.ts';
import { unreadable } from './rows.ts';

/** Uploads taken in at a time, and of one owner. */
const MAX_UNDER_WAY = 32;
const MAX_OF_OWNER = 4;
/** Files worked on at a time; others wait for them. */
const MAX_AT_WORK = 2;

/** A file that has arrived whole. */
export interface SpooledFile {
  path: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Where uploads are kept while they are read: a workbook's directory stands at its end, and reading must not depend on
 * how fast somebody sends.
 */
export class Spool {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** Uploads under way by owner. */
  readonly #underWay = new Map<number, number>();
  #total = 0;
  #atWork = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Removes what a process before this one left. */
  async clean(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Takes an upload of somebody in, and removes it when `work` with it is done.
   * @throws Refused (overloaded, fileTooLarge, fileRefused when it breaks off, diskFull)
   */
  async with<T>(owner: number, upload: Readable, work: (file: SpooledFile) => Promise<T>): Promise<T> {
    const own = this.#underWay.get(owner) ?? 0;
    must(own < MAX_OF_OWNER && this.#total < MAX_UNDER_WAY, { code: 'overloaded', retryAfterS: 5 });
    this.#count(owner, 1);
    const path = join(this.#folder, randomUUID());
    try {
      const file = await this.#take(upload, path);
      return await this.#inTurn(() => work(file));
    } finally {
      this.#count(owner, -1);
      await rm(path, { force: true });
    }
  }

  #count(owner: number, by: 1 | -1): void {
    this.#total += by;
    const own = (this.#underWay.get(owner) ?? 0) + by;
    if (own === 0) this.#underWay.delete(owner);
    else this.#underWay.set(owner, own);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#atWork < MAX_AT_WORK) this.#atWork++;
    // The place is handed on, not freed.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#atWork--;
      else next();
    }
  }

  async #take(upload: Readable, path: string): Promise<SpooledFile> {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(path, 'wx', 0o600);
    try {
      // Not destroyed at a refusal: the request's connection is still needed for the answer.
      for await (const piece of upload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        must(bytes <= this.#maxBytes, { code: 'fileTooLarge', limitBytes: this.#maxBytes });
        hash.update(piece);
        await file.write(piece);
      }
    } catch (error) {
      throw this.#explained(upload, error);
    } finally {
      // What was not taken is read and dropped, so that a client which sends before it listens still sees the answer.
      upload.resume();
      await file.close();
    }
    return { path, bytes, sha256: hash.digest('hex') };
  }

  #explained(upload: Readable, error: unknown): unknown {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return new Refused({ code: 'diskFull', retryAfterS: 30 });
    return upload.destroyed ? unreadable('the upload broke off') : error;
  }
}

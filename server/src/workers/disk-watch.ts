import { statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';

const LOOK_EVERY_MS = 2_000;

/** Looks whether the disk of this process has the room that accepting needs. */
export class DiskWatch implements Service {
  readonly #dataDir: string;
  readonly #minFreeBytes: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  #timer: Timer | null = null;
  #stopped = false;
  #full = false;

  constructor(dataDir: string, minFreeBytes: number, clock: Clock, log: Logger) {
    this.#dataDir = dataDir;
    this.#minFreeBytes = minFreeBytes;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether the disk has less room than accepting needs. */
  get full(): boolean {
    return this.#full;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      void this.#look()
        .catch((error: unknown) => this.#log.error({ err: error }, 'the free space of the disk could not be read'))
        .then(() => this.#lookLater());
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#dataDir);
    const full = bavail * bsize < this.#minFreeBytes;
    if (full !== this.#full) {
      if (full) this.#log.error({ freeBytes: bavail * bsize }, 'the disk is nearly full: no new messages are accepted');
      else this.#log.info('the disk has room again: messages are accepted');
    }
    this.#full = full;
  }
}

import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { Desk } from './desk.ts';

/** Uses are written together this often: a key in constant use costs a row a minute, not a row a request. */
const WRITE_EVERY_MS = 60_000;

/** Remembers which API keys were used when, and writes it down now and then. What a kill takes is a minute at most. */
export class KeyUse implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  #used = new Map<number, number>();
  #timer: Timer | null = null;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(desk: Desk, clock: Clock, log: Logger) {
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
  }

  async start(): Promise<void> {}

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  /** A request has come with this key. */
  note(credentialId: number): void {
    this.#used.set(credentialId, this.#clock.now());
    if (this.#timer !== null || this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null;
      this.#writing = this.#write();
    }, WRITE_EVERY_MS);
  }

  async #write(): Promise<void> {
    if (this.#used.size === 0) return;
    const uses = [...this.#used].map(([id, at]) => ({ id, at }));
    this.#used = new Map();
    try {
      await this.#desk.do('noteKeyUses', { uses });
    } catch (error) {
      this.#log.warn({ err: error, keys: uses.length }, 'when API keys were used could not be written');
    }
  }
}

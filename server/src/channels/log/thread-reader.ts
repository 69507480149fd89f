import { Worker } from 'node:worker_threads';
import type { LogPage, LogQuestion } from '../../domain/exchange.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { LogReader } from './channel-logs.ts';
import type { Asked, Told } from './reader-thread.ts';

/** The thread goes when nobody has asked for this long: its memory is more than the logs'. */
const IDLE_MS = 60_000;

interface Waiting {
  resolve(page: LogPage): void;
  reject(error: Error): void;
}

/** Reads logs on a thread of its own, which is there while somebody asks. */
export class ThreadLogReader implements LogReader {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #idle: Timer | null = null;
  #nextId = 1;

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
  }

  read(question: LogQuestion): Promise<LogPage> {
    this.#idle?.cancel();
    this.#thread ??= this.#start();
    const id = this.#nextId++;
    this.#thread.postMessage({ id, question } satisfies Asked);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.#idle?.cancel();
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('./reader-thread.js', import.meta.url), { workerData: { dir: this.#dir } });
    thread.unref();
    thread.on('message', (told: Told) => {
      const waiting = this.#waiting.get(told.id);
      this.#waiting.delete(told.id);
      if ('page' in told) waiting?.resolve(told.page);
      else waiting?.reject(new Error(told.error));
      if (this.#waiting.size > 0) return;
      this.#idle = this.#clock.setTimer(() => {
        this.#thread = null;
        void thread.terminate();
      }, IDLE_MS);
    });
    thread.on('error', (error) => this.#ended(thread, error));
    thread.on('exit', () => this.#ended(thread, new Error('the thread that reads channel logs ended')));
    return thread;
  }

  #ended(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

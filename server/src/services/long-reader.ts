import type { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../lib/clock.ts';
import { unpackReplies } from './packed-accepts.ts';
import type { FromThread, ToThread } from './thread-desk.ts';

type Question = Extract<ToThread, { kind: 'queries' }>['queries'][number];

/** How long the thread waits for another question before it ends. */
const IDLE_MS = 60_000;

interface Thread {
  worker: Promise<Worker>;
  /** What it has not answered yet. */
  asked: Set<number>;
}

/**
 * A thread for questions that read very much, so that they hold up nobody's page. It begins with the first of them, and ends
 * when none has been asked for a while: what is asked once an hour need not keep a store open.
 */
export class LongReader {
  readonly #begin: () => Promise<Worker>;
  readonly #clock: Clock;
  readonly #answer: (message: FromThread) => void;
  readonly #lost: (ids: readonly number[]) => void;
  #thread: Thread | null = null;
  #idle: Timer | null = null;

  /**
   * @param begin starts a thread and resolves once it is ready
   * @param answer is given what the thread says
   * @param lost hears of questions that nobody will answer
   */
  constructor(
    begin: () => Promise<Worker>,
    clock: Clock,
    answer: (message: FromThread) => void,
    lost: (ids: readonly number[]) => void,
  ) {
    this.#begin = begin;
    this.#clock = clock;
    this.#answer = answer;
    this.#lost = lost;
  }

  ask(questions: readonly Question[]): void {
    this.#idle?.cancel();
    this.#thread ??= this.#open();
    const { worker, asked } = this.#thread;
    for (const { id } of questions) asked.add(id);
    worker.then(
      (thread) => thread.postMessage({ kind: 'queries', queries: [...questions] } satisfies ToThread),
      () => {},
    );
  }

  /** Ends the thread, if there is one, after what it was asked. */
  async close(): Promise<void> {
    this.#idle?.cancel();
    const worker = await this.#thread?.worker.catch(() => null);
    if (!worker) return;
    this.#thread = null;
    await new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
      worker.postMessage({ kind: 'close' } satisfies ToThread);
    });
  }

  #open(): Thread {
    const thread: Thread = { worker: this.#begin(), asked: new Set() };
    thread.worker.then(
      (worker) => {
        worker.on('message', (message: FromThread) => this.#heard(thread, message));
        // Its end follows.
        worker.on('error', () => {});
        worker.on('exit', () => this.#gone(thread));
      },
      () => this.#gone(thread),
    );
    return thread;
  }

  #heard({ asked }: Thread, message: FromThread): void {
    this.#answer(message);
    if (message.kind !== 'replies') return;
    for (const { id } of unpackReplies(message.replies)) asked.delete(id);
    if (asked.size === 0) this.#idle = this.#clock.setTimer(() => void this.close(), IDLE_MS);
  }

  #gone(thread: Thread): void {
    if (this.#thread === thread) this.#thread = null;
    this.#lost([...thread.asked]);
  }
}

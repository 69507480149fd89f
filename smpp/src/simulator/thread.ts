import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AnswerTimes } from './answer-times.ts';
import type { InboundText } from './inbound.ts';
import type { Knobs } from './knobs.ts';
import type { SubmitRecord, TakenText } from './log.ts';
import type { SimulatorOptions } from './simulator.ts';
import type { Stats } from './stats.ts';

/** As SimulatorOptions; clock and randomness are the thread's own. */
export type SimulatorThreadOptions = Omit<SimulatorOptions, 'clock' | 'random'>;

/** What a simulator in a thread is asked to do, and with what. */
export type Call =
  | { readonly method: 'set'; readonly argument: Partial<Knobs> }
  | { readonly method: 'deliver'; readonly argument: InboundText }
  | {
      readonly method: 'stats' | 'waiting' | 'answerTimes' | 'clearAnswerTimes' | 'dropLinks' | 'close';
      readonly argument?: undefined;
    };

/** Messages to the thread. */
export type ToThread = Call & { readonly id: number };

/** Messages from the thread. */
export type FromThread =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: Error }
  | { readonly kind: 'submits'; readonly records: SubmitRecord[] }
  | { readonly kind: 'texts'; readonly texts: TakenText[] };

/** What the thread is started with. */
export interface ThreadData {
  readonly options: Omit<SimulatorThreadOptions, 'onSubmit' | 'onText'>;
  readonly tellSubmits: boolean;
  readonly tellTexts: boolean;
}

/** The young generation holds what waits for its receipt, so that it is not copied about by the collector. */
const YOUNG_GENERATION_MB = 64;

/** A simulator in a thread of its own: the same surface, every answer a promise. */
export class SimulatorThread {
  readonly port: number;
  readonly #worker: Worker;
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  #nextId = 1;
  #failure: Error | undefined;

  /** Made by startSimulatorThread(). */
  constructor(worker: Worker, port: number, { onSubmit, onText }: Pick<SimulatorOptions, 'onSubmit' | 'onText'>) {
    this.port = port;
    this.#worker = worker;
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'submits') onSubmit?.(message.records);
      else if (message.kind === 'texts') onText?.(message.texts);
      else if (message.kind !== 'listening') this.#settle(message);
    });
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.once('error', (error) => this.#abandon(error));
    worker.once('exit', () => this.#abandon(new Error('the simulator has stopped')));
  }

  /** Turns knobs; rejects with RangeError, changing nothing, for a value without sense. */
  async set(knobs: Partial<Knobs>): Promise<void> {
    await this.#call({ method: 'set', argument: knobs });
  }

  /** What has been counted so far. */
  stats(): Promise<Stats> {
    return this.#call({ method: 'stats' }) as Promise<Stats>;
  }

  /** Receipts and handset messages that are not with an ESME yet. */
  waiting(): Promise<number> {
    return this.#call({ method: 'waiting' }) as Promise<number>;
  }

  /** How long the latest answers took. */
  answerTimes(): Promise<AnswerTimes> {
    return this.#call({ method: 'answerTimes' }) as Promise<AnswerTimes>;
  }

  /** Forgets how long answers took. */
  async clearAnswerTimes(): Promise<void> {
    await this.#call({ method: 'clearAnswerTimes' });
  }

  /** Delivers a text from a handset; resolves with the ESME's status. */
  deliver(message: InboundText): Promise<number> {
    return this.#call({ method: 'deliver', argument: message }) as Promise<number>;
  }

  /** Cuts every link now. */
  async dropLinks(): Promise<void> {
    await this.#call({ method: 'dropLinks' });
  }

  /** Stops the simulator, finishes its log, and ends the thread. */
  async close(): Promise<void> {
    await this.#call({ method: 'close' });
    await this.#ended;
  }

  #call(call: Call): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ ...call, id } satisfies ToThread);
    });
  }

  #settle(message: Extract<FromThread, { kind: 'answer' | 'refusal' }>): void {
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.kind === 'answer') call?.resolve(message.value);
    else call?.reject(message.error);
  }

  #abandon(error: Error): void {
    this.#failure ??= error;
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
  }
}

/** Starts a simulated SMSC in a thread of its own and resolves once it listens; rejects when it cannot. */
export async function startSimulatorThread(options: SimulatorThreadOptions = {}): Promise<SimulatorThread> {
  const { onSubmit, onText, ...rest } = options;
  const workerData: ThreadData = {
    options: rest,
    tellSubmits: onSubmit !== undefined,
    tellTexts: onText !== undefined,
  };
  const worker = new Worker(new URL('./thread-main.js', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const [message] = (await once(worker, 'message')) as [FromThread];
  if (message.kind !== 'listening') throw new Error('the thread spoke before it listened');
  return new SimulatorThread(worker, message.port, options);
}

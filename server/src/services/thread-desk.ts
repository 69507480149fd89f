import type { Worker } from 'node:worker_threads';
import { type Refusal, Refused } from '../domain/refusals.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { Slots } from '../lib/slots.ts';
import type { BatchPace } from './batch-pace.ts';
import {
  Defect,
  type Desk,
  type QueryInput,
  type QueryName,
  type QueryValue,
  type VerbInput,
  type VerbName,
  type VerbValue,
} from './desk.ts';
import type { Grant, GrantSource } from './grants.ts';
import { type PackedCommands, type PackedReplies, packCommands, unpackReplies } from './packed-accepts.ts';
import type { Notice } from './verb.ts';
import type { Command } from './verb-runner.ts';
import { queries, verbs } from './verbs.ts';

/** What the desk sends to a storage thread. */
export type ToThread =
  | { kind: 'commands'; commands: PackedCommands; grants: Grant[] }
  | { kind: 'queries'; queries: { id: number; query: string; input: unknown }[] }
  | { kind: 'close' };

/** What a storage thread sends back. */
export type FromThread =
  | { kind: 'ready' }
  | { kind: 'failed'; message: string }
  /** `returned`: what was not used of the room granted. `batches`: how many batches of commands have been taken in since the last replies. */
  | { kind: 'replies'; replies: PackedReplies; notices: Notice[]; returned: Grant[]; batches: number }
  | { kind: 'closed' };

/**
 * Questions answered by the writing thread between two commits: small, keyed, and needed by the hot path, so they must
 * not wait behind somebody's long list.
 */
const HOT_QUERIES = new Set<string>([
  'loginByName',
  'loginByKey',
  'personByName',
  'personByToken',
  'runningPlans',
  'runningPlansOf',
  'runningPlan',
  'waitingMessages',
  'nextRetry',
  'nextStart',
  'openSweeps',
  'findContent',
  'planFacts',
  'balanceOf',
] satisfies QueryName[]);

/** A transaction takes what comes while it is open; what comes while a commit takes long is better sent together. */
const MAX_UNDER_WAY = 8;
/** So many commands do not wait for the end of the loop's turn: the writer begins while the others are read. */
const SENT_AT_ONCE = 32;
/** When somebody should try again whose storage thread is gone: a supervisor starts the server anew. */
const RETRY_S = 5;
const AWAY: Refusal = { code: 'storeAway', retryAfterS: RETRY_S };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  rows: number;
  /** A change, not a question. */
  changes: boolean;
}

/** The desk over threads: one that writes, one that reads beside it. Commands of one turn of the loop travel together. */
export class ThreadDesk implements Desk {
  readonly #writer: Worker;
  readonly #reader: Worker;
  readonly #clock: Clock;
  /** By the ids of commands and questions. */
  readonly #waiting = new Slots<Waiting>();
  readonly #listeners: ((notice: Notice) => void)[] = [];
  #grants: GrantSource | null = null;
  #told: (notices: readonly Notice[]) => void = () => {};
  #commands: Command[] = [];
  /** Null: a batch never waits for more to come. */
  readonly #pace: BatchPace | null;
  #resting: Timer | null = null;
  /** Messages that `#commands` ask to be accepted, about. */
  #wanted = 0;
  #hotQueries: { id: number; query: string; input: unknown }[] = [];
  #queries: { id: number; query: string; input: unknown }[] = [];
  #flushing = false;
  /** Batches of commands sent and not yet answered. */
  #underWay = 0;
  #backlogRows = 0;
  #gone: string | null = null;

  /** @param pace when batches are sent; null: at once, as far as there is room */
  constructor(writer: Worker, reader: Worker, clock: Clock, pace: BatchPace | null = null) {
    this.#pace = pace;
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = clock;
    for (const thread of [writer, reader]) {
      thread.on('message', (message: FromThread) => this.#receive(message));
      thread.on('error', (error) => this.#lost(String(error)));
      thread.on('exit', () => this.#lost('the storage thread ended'));
    }
  }

  get backlogRows(): number {
    return this.#backlogRows;
  }

  do<N extends VerbName>(verb: N, input: VerbInput<N>): Promise<VerbValue<N>> {
    const rows = (verbs[verb].rows as (input: unknown) => number)(input);
    if (verb === 'acceptPlan') this.#wanted += rows;
    this.#pace?.gathered(verb, rows);
    return this.#hand(rows, true, (id) => this.#commands.push({ id, verb, input })) as Promise<VerbValue<N>>;
  }

  ask<N extends QueryName>(query: N, input: QueryInput<N>): Promise<QueryValue<N>> {
    if (!(query in queries)) throw new Error(`no query is called ${query}`);
    const list = HOT_QUERIES.has(query) ? this.#hotQueries : this.#queries;
    return this.#hand(0, false, (id) => list.push({ id, query, input })) as Promise<QueryValue<N>>;
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.#listeners.push(listener);
  }

  /** Hears what other processes have changed. */
  hear(notices: readonly Notice[]): void {
    for (const notice of notices) for (const listener of this.#listeners) listener(notice);
  }

  /** Hears what commits of this process alone have changed. */
  onTold(listener: (notices: readonly Notice[]) => void): void {
    this.#told = listener;
  }

  /** Lets what is accepted be claimed at once, as far as there is room. */
  grantFrom(source: GrantSource): void {
    this.#grants = source;
  }

  #hand(rows: number, changes: boolean, put: (id: number) => void): Promise<unknown> {
    if (this.#gone !== null) return Promise.reject(new Refused(AWAY));
    return new Promise((resolve, reject) => {
      this.#backlogRows += rows;
      put(this.#waiting.put({ resolve, reject, rows, changes }));
      if (this.#commands.length === SENT_AT_ONCE) this.#send();
      else this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#clock.afterInput(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    this.#send();
  }

  #send(): void {
    if (this.#commands.length > 0 && this.#underWay < MAX_UNDER_WAY && !this.#rests()) {
      this.#underWay++;
      this.#pace?.sent();
      const grants = this.#wanted > 0 ? (this.#grants?.grant(this.#wanted) ?? []) : [];
      this.#writer.postMessage({ kind: 'commands', commands: packCommands(this.#commands), grants } satisfies ToThread);
      this.#commands = [];
      this.#wanted = 0;
    }
    if (this.#hotQueries.length > 0) {
      this.#writer.postMessage({ kind: 'queries', queries: this.#hotQueries } satisfies ToThread);
      this.#hotQueries = [];
    }
    if (this.#queries.length > 0) {
      this.#reader.postMessage({ kind: 'queries', queries: this.#queries } satisfies ToThread);
      this.#queries = [];
    }
  }

  /** Whether the next batch waits for more to come; sends it when it has waited. */
  #rests(): boolean {
    const restMs = this.#pace?.restMs ?? 0;
    if (restMs === 0) return false;
    // The end of one that is under way is heard of.
    if (Number.isFinite(restMs)) {
      this.#resting ??= this.#clock.setTimer(() => {
        this.#resting = null;
        this.#flushSoon();
      }, restMs);
    }
    return true;
  }

  #receive(message: FromThread): void {
    if (message.kind !== 'replies') return;
    this.#underWay -= message.batches;
    this.#pace?.ended(message.batches);
    if (message.returned.length > 0) this.#grants?.returned(message.returned);
    // What waits goes before anybody is told: telling all of them takes about as long as the next commit.
    if (message.batches > 0 && this.#commands.length > 0) this.#send();
    // Notices first: whoever acts on a reply must not find what the commit has made stale.
    this.hear(message.notices);
    if (message.notices.length > 0) this.#told(message.notices);
    for (const reply of unpackReplies(message.replies)) {
      const waiting = this.#waiting.take(reply.id);
      if (waiting === undefined) continue;
      this.#backlogRows -= waiting.rows;
      if ('refusal' in reply) waiting.reject(new Refused(reply.refusal as Refusal));
      else if ('defect' in reply) waiting.reject(new Defect(reply.defect));
      else waiting.resolve(reply.value);
    }
  }

  #lost(why: string): void {
    if (this.#gone !== null) return;
    this.#gone = why;
    const unsent = new Set(this.#commands.map(({ id }) => id));
    for (const [id, { changes, reject }] of this.#waiting.takeAll()) {
      // What the thread had in hand it may have committed.
      reject(new Refused(changes && !unsent.has(id) ? { code: 'outcomeUnknown', retryAfterS: RETRY_S } : AWAY));
    }
    this.#backlogRows = 0;
  }
}

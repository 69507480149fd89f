import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../src/domain/event.ts';
import { type Refusal, Refused } from '../src/domain/refusals.ts';
import { IdGenerator } from '../src/lib/ids.ts';
import { createLogger } from '../src/lib/log.ts';
import { ManualClock } from '../src/lib/manual-clock.ts';
import { type FrequencyLimits, UNLIMITED } from '../src/limits/limits.ts';
import {
  Defect,
  type Desk,
  type QueryInput,
  type QueryName,
  type QueryValue,
  type VerbInput,
  type VerbName,
  type VerbValue,
} from '../src/services/desk.ts';
import { createHotRows } from '../src/services/hot-rows.ts';
import type { ActorRef, HotRows, Notice, Query, Verb, VerbSettings } from '../src/services/verb.ts';
import { type Reply, VerbRunner } from '../src/services/verb-runner.ts';
import { queries, verbs } from '../src/services/verbs.ts';
import { SqliteStore } from '../src/store/sqlite/sqlite.ts';
import type { LedgerFault, Reader } from '../src/store/store.ts';
import { newFolder } from './folder.ts';

/** What became of a command: its value, the refusal's code, or what broke. */
export type Settled = { value: unknown } | { refusal: Refusal } | { defect: string };

export interface TestDeskOptions {
  limits?: FrequencyLimits;
  settings?: Partial<VerbSettings>;
  /** More verbs, or others in the place of the house's own. */
  verbs?: Record<string, unknown>;
}

/** The administrator as commands name it. The business with this id is made when the desk opens. */
export const ADMIN: ActorRef = { businessId: 1, admin: true };

/** The desk in this process, over a real store in a temporary folder, under a clock moved by hand. */
export class TestDesk implements Desk {
  readonly clock = new ManualClock();
  readonly notices: Notice[] = [];
  readonly hot: HotRows = createHotRows();
  readonly store: SqliteStore;
  readonly #dir: string;
  readonly #options: TestDeskOptions;
  readonly #listeners: ((notice: Notice) => void)[] = [];
  #runner: VerbRunner;
  #nextId = 1;

  private constructor(options: TestDeskOptions) {
    this.#options = options;
    this.#dir = newFolder();
    this.store = new SqliteStore(join(this.#dir, 'signet.db'), 'write');
    this.#runner = this.#newRunner();
  }

  static async open(options: TestDeskOptions = {}): Promise<TestDesk> {
    const desk = new TestDesk(options);
    await desk.do('setAdminPassword', { passwordHash: 'no hash at all' });
    desk.notices.length = 0;
    return desk;
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.#dir, { recursive: true });
  }

  /** What a new process on the same data begins with: nothing in memory, ids above those in use. */
  restart(): void {
    for (const cache of Object.values(this.hot)) cache.clear();
    this.#runner = this.#newRunner();
  }

  async do<N extends VerbName>(verb: N, input: VerbInput<N>): Promise<VerbValue<N>> {
    const [settled] = await this.together([verb, input]);
    if ('refusal' in settled!) throw new Refused(settled.refusal);
    if ('defect' in settled!) throw new Defect(settled.defect);
    return settled!.value as VerbValue<N>;
  }

  /** Hands in commands in one go and commits until all are answered; the answers in the order they were handed in. */
  together(...commands: [verb: string, input: unknown][]): Promise<Settled[]> {
    return this.#inTurn(() => this.#commit(commands));
  }

  async #commit(commands: readonly [verb: string, input: unknown][]): Promise<Settled[]> {
    const ids = commands.map(([verb, input]) => {
      const id = this.#nextId++;
      this.#runner.add({ id, verb, input });
      return id;
    });
    const replies = new Map<number, Reply>();
    while (!this.#runner.idle) {
      const done = await this.#runner.commitNext();
      for (const reply of done.replies) replies.set(reply.id, reply);
      this.notices.push(...done.notices);
      for (const notice of done.notices) for (const listener of this.#listeners) listener(notice);
    }
    return ids.map((id) => {
      const { id: _id, ...settled } = replies.get(id)!;
      return settled as Settled;
    });
  }

  ask<N extends QueryName>(query: N, input: QueryInput<N>): Promise<QueryValue<N>> {
    const run = queries[query] as unknown as Query<unknown, QueryValue<N>>;
    return this.read((reader) => run(reader, input));
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.store.read(work));
  }

  /** One thing at a time, as in the storage thread. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
  #turn: Promise<unknown> = Promise.resolve();

  faults(): Promise<LedgerFault[]> {
    return this.ask('ledgerFaults', {});
  }

  /** Events written since the last call, oldest first. */
  async newEvents(): Promise<Event[]> {
    const events = await this.ask('listEvents', {
      filter: { businessId: null, kind: null, states: null },
      after: this.#lastEvent,
      limit: 10_000,
    });
    this.#lastEvent = events.at(-1)?.id ?? this.#lastEvent;
    return events;
  }
  #lastEvent = 0;

  onNotice(listener: (notice: Notice) => void): void {
    this.#listeners.push(listener);
  }

  readonly backlogRows = 0;

  #newRunner(): VerbRunner {
    const highest = this.store.highestIds();
    const ids = {
      plan: new IdGenerator(this.clock, 0, highest.plan),
      ledger: new IdGenerator(this.clock, 0, highest.ledger),
      event: new IdGenerator(this.clock, 0, highest.event),
    };
    const all = { ...verbs, ...this.#options.verbs } as unknown as Record<string, Verb<unknown, unknown>>;
    return new VerbRunner(this.store, all, {
      now: () => this.clock.now(),
      nextId: (kind) => ids[kind].next(),
      settings: {
        uncertainWaitMs: 60_000,
        unknownAfterMs: 3_600_000,
        ...this.#options.settings,
      },
      limits: this.#options.limits ?? UNLIMITED,
      hot: this.hot,
      log: createLogger('silent'),
    });
  }
}

/** The code of the refusal that `work` ends with; fails when it ends otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error('nothing was refused');
}

import { expect } from 'vitest';
import type { Event } from '../src/domain/event.ts';
import { type FrequencyPolicy, longWindows, NO_FREQUENCY_POLICY } from '../src/domain/frequency.ts';
import type { LedgerFault } from '../src/domain/ledger-fault.ts';
import { DEFAULT_REPEAT_AFTER_MS } from '../src/domain/outcome.ts';
import { type Refusal, Refused } from '../src/domain/refusals.ts';
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
import { GrantBook } from '../src/services/grants.ts';
import { createHotRows } from '../src/services/hot-rows.ts';
import { checkLedger } from '../src/services/ledger-check.ts';
import { RecentInbound } from '../src/services/recent-inbound.ts';
import { RecipientLists } from '../src/services/recipient-lists.ts';
import { rememberInbound, rememberLists } from '../src/services/remembered.ts';
import { SWEEP_STEP } from '../src/services/sweep.ts';
import type { ActorRef, HotRows, Notice, Query, Verb, VerbSettings } from '../src/services/verb.ts';
import { type Reply, VerbRunner } from '../src/services/verb-runner.ts';
import { queries, verbs } from '../src/services/verbs.ts';
import type { OpenedStore } from '../src/store/contract/seed.ts';
import type { LeaseTable, Reader, Store } from '../src/store/store.ts';
import { openTestStore } from './store.ts';

/** What became of a command: its value, the refusal's code, or what broke. */
export type Settled = { value: unknown } | { refusal: Refusal } | { defect: string };

export interface TestDeskOptions {
  limits?: FrequencyLimits;
  /** Its long windows are counted in the store. */
  frequency?: FrequencyPolicy;
  settings?: Partial<VerbSettings>;
  /** How leases stand; without it there are none. */
  leases?: LeaseTable;
  /** More verbs, or others in the place of the house's own. */
  verbs?: Record<string, unknown>;
}

/** The administrator as commands name it. The business with this id is made when the desk opens. */
export const ADMIN: ActorRef = { businessId: 1, admin: true };

/** The desk in this process, over a real store (see `openTestStore`), under a clock moved by hand. */
export class TestDesk implements Desk {
  readonly clock: ManualClock;
  readonly notices: Notice[] = [];
  readonly hot: HotRows = createHotRows();
  /** Room that the next commands may fill at once. */
  readonly grants = new GrantBook();
  readonly store: Store;
  readonly #dispose: () => Promise<void>;
  readonly #options: TestDeskOptions;
  readonly #listeners: ((notice: Notice) => void)[] = [];
  #lists = new RecipientLists();
  #recentInbound = new RecentInbound();
  #runner: VerbRunner;
  #nextId = 1;

  private constructor(options: TestDeskOptions, { store, dispose }: OpenedStore, clock: ManualClock) {
    this.#options = options;
    this.clock = clock;
    this.store = store;
    this.#dispose = dispose;
    this.#runner = this.#newRunner();
  }

  static async open(options: TestDeskOptions = {}): Promise<TestDesk> {
    const clock = new ManualClock();
    const desk = new TestDesk(options, await openTestStore(clock), clock);
    await desk.do('setAdminPassword', { passwordHash: 'no hash at all' });
    desk.notices.length = 0;
    return desk;
  }

  close(): Promise<void> {
    return this.#dispose();
  }

  /** What a new process on the same data begins with: nothing in memory, ids above those in use. */
  restart(): void {
    void this.#inTurn(async () => {
      for (const cache of Object.values(this.hot)) cache.clear();
      this.#lists = await rememberLists(this.store);
      this.#recentInbound = await rememberInbound(this.store, this.clock.now());
      this.#runner = this.#newRunner();
    });
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

  /** Where the ledger disagrees: seen at one moment, and again piece by piece as a house that is at work sees it. */
  async faults(): Promise<LedgerFault[]> {
    const faults = await this.read((reader) => reader.ledger.faults());
    expect(await checkLedger(this)).toEqual(faults);
    return faults;
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
    const all = { ...verbs, ...this.#options.verbs } as unknown as Record<string, Verb<unknown, unknown>>;
    return new VerbRunner(
      this.#options.leases === undefined ? this.store : withLeases(this.store, this.#options.leases),
      all,
      {
        now: () => this.clock.now(),
        settings: {
          repeatAfterMs: DEFAULT_REPEAT_AFTER_MS,
          lostRepeats: 1,
          reportsKeptMs: 30 * 86_400_000,
          messagesKeptMs: 0,
          eventsKeptMs: 0,
          unknownAfterMs: 3_600_000,
          sessions: { idleMs: 2 * 3_600_000, maxMs: 24 * 3_600_000 },
          maxLateMs: 3_600_000,
          longWindows: longWindows(this.#options.frequency ?? NO_FREQUENCY_POLICY),
          validityMs: { verification: 600_000, notification: 259_200_000, marketing: 259_200_000 },
          quiet: null,
          sweepStep: SWEEP_STEP,
          ...this.#options.settings,
        },
        limits: this.#options.limits ?? UNLIMITED,
        grants: this.grants,
        hot: this.hot,
        recipientLists: this.#lists,
        recentInbound: this.#recentInbound,
        log: createLogger('silent'),
      },
    );
  }
}

/** The same store, in an installation of several processes. */
function withLeases(store: Store, leases: LeaseTable): Store {
  return {
    transact: (work) => store.transact((tx) => work(Object.create(tx, { leases: { value: leases } }))),
    read: (work) => store.read(work),
    backup: (path) => store.backup(path),
    close: () => store.close(),
  };
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

import { CHORES, type ChoreName, choreQueue, type WorkerFacts } from '../domain/task.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Service } from '../lib/start-stop.ts';
import type { RunNote } from '../services/chore-run.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { PausedQueue } from '../store/store.ts';

const LOOK_EVERY_MS = 1_000;
/** A run that takes longer has a row of its own, while it goes on. */
const LONG_MS = 1_000;
/** Short runs are told together, a row a minute, and that row is written this often. */
const JOINED_MS = 60_000;
const WRITE_JOINED_MS = 10_000;
const ASKED_AT_ONCE = 20;
const BOUNDS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];

/** What a chore is told, and tells, while it works. */
export interface Going {
  /** Somebody revoked it: it ends at its next step. */
  readonly stop: boolean;
  /** It has got through so many more. */
  did(items: number): void;
}

/** Whoever keeps the books of chores. */
export interface Books {
  run(name: ChoreName, work: (going: Going) => Promise<void>): Promise<void>;
  offer(name: ChoreName, runNow: () => void): void;
  /** Runs of these are another's from now on. */
  withdraw(...names: readonly ChoreName[]): void;
  /** Whether a queue stands still. */
  isPaused(queue: string): boolean;
}

/** Runs everything and writes nothing down. */
export const UNBOOKED: Books = {
  run: (_name, work) => work({ stop: false, did() {} }),
  offer() {},
  withdraw() {},
  isPaused: () => false,
};

/** What a chore has done since the process began. */
export interface ChoreCounts {
  runs: number;
  items: number;
  failed: number;
}

interface Current {
  name: ChoreName;
  since: number;
  begun: number;
  taskId: number | null;
  askedBy: string;
  items: number;
  stop: boolean;
}

/**
 * Keeps the books of chores: what runs now, what each has done, and rows of the store for what took long, failed, was
 * asked for or got something done, so that people can look it up after a restart. Queues that stand still are known here.
 */
export class TaskBook implements Service, Books {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #worker: string;
  /** Whose runs, in the books, have ended with the process: of one worker, or of all (null). */
  readonly #over: { worker: string | null } | null;
  readonly #offers = new Map<ChoreName, () => void>();
  readonly #current = new Map<ChoreName, Current>();
  readonly #counts = new Map<ChoreName, ChoreCounts>();
  readonly #seconds = new Map<ChoreName, { observe(value: number): void }>();
  /** Runs that were asked for and taken by this process. */
  readonly #asked = new Map<ChoreName, { id: number; by: string }>();
  /** The row of the minute, and whether it says something that is not written. */
  readonly #joined = new Map<ChoreName, { note: RunNote; changed: boolean }>();
  readonly #listeners: (() => void)[] = [];
  #ended: RunNote[] = [];
  #paused = new Map<string, PausedQueue>();
  #writtenAt = 0;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #stopped = true;

  constructor(deps: {
    desk: Desk;
    clock: Clock;
    log: Logger;
    metrics: Metrics;
    /** This process. */
    worker: string;
    /** Whose runs have ended with them: those of the process before this one, or of all (worker: null); null: nobody's. */
    over: { worker: string | null } | null;
  }) {
    this.#over = deps.over;
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#worker = deps.worker;
    for (const name of CHORES) {
      this.#counts.set(name, { runs: 0, items: 0, failed: 0 });
      const labels = { chore: name };
      this.#seconds.set(
        name,
        deps.metrics.histogram('signet_chore_seconds', 'How long runs of chores took.', BOUNDS_S, labels),
      );
    }
    const counters = (metric: string, help: string, of: (counts: ChoreCounts) => number) =>
      deps.metrics.counters(metric, help, () =>
        [...this.#counts].map(([chore, counts]) => ({ labels: { chore }, value: of(counts) })),
      );
    counters('signet_chore_items_total', 'What chores got through.', ({ items }) => items);
    counters('signet_chore_failures_total', 'Runs of chores that failed.', ({ failed }) => failed);
    deps.metrics.gauge('signet_chore_running', 'Chores that run now.', () =>
      CHORES.map((chore) => ({ labels: { chore }, value: this.#current.has(chore) ? 1 : 0 })),
    );
    this.#desk.onNotice((notice) => {
      if (notice.kind === 'queuesChanged') void this.#readPaused();
      else if (notice.kind === 'tasksAsked') void this.#takeAsked();
      else if (notice.kind === 'taskRevoked') this.#revoke(notice.id);
      else if (notice.kind === 'missed') {
        void this.#readPaused();
        void this.#takeAsked();
      }
    });
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#readPaused();
    if (this.#over !== null) await this.#desk.do('abandonRuns', this.#over);
    await this.#takeAsked();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
    await this.#write(true);
  }

  /** Why a queue stands still; null: it does not. */
  paused(queue: string): PausedQueue | null {
    return this.#paused.get(queue) ?? null;
  }

  isPaused(queue: string): boolean {
    return this.#paused.has(queue);
  }

  /** Runs when other queues stand still than before. */
  onPauses(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** All that stand still. */
  get pausedQueues(): readonly PausedQueue[] {
    return [...this.#paused.values()];
  }

  /** Says how a run of a chore is begun when somebody asks for one. */
  offer(name: ChoreName, runNow: () => void): void {
    this.#offers.set(name, runNow);
    void this.#takeAsked();
  }

  withdraw(...names: readonly ChoreName[]): void {
    for (const name of names) {
      this.#offers.delete(name);
      const asked = this.#asked.get(name);
      if (asked === undefined) continue;
      this.#asked.delete(name);
      const now = this.#clock.now();
      this.#ended.push({
        ...this.#noteOf({ name, since: now, taskId: asked.id, askedBy: asked.by, items: 0 }, 'failed', 0, HANDED_ON),
        runs: 0,
      });
    }
  }

  countsOf(name: ChoreName): ChoreCounts {
    return this.#counts.get(name)!;
  }

  /** What runs now. */
  get current(): WorkerFacts['current'] {
    return [...this.#current.values()].map(({ name, since, taskId }) => ({ name, since, taskId }));
  }

  /** Runs a chore, unless it stands still and nobody asked for it. @throws what the work throws */
  async run(name: ChoreName, work: (going: Going) => Promise<void>): Promise<void> {
    const asked = this.#asked.get(name);
    this.#asked.delete(name);
    if (asked === undefined && this.#paused.has(choreQueue(name))) return;
    const current: Current = {
      name,
      since: this.#clock.now(),
      begun: this.#clock.monotonic(),
      taskId: asked?.id ?? null,
      askedBy: asked?.by ?? '',
      items: 0,
      stop: false,
    };
    this.#current.set(name, current);
    let error: string | null = null;
    try {
      await work({
        get stop() {
          return current.stop;
        },
        did(items) {
          current.items += items;
        },
      });
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
      throw thrown;
    } finally {
      if (this.#current.get(name) === current) this.#current.delete(name);
      this.#end(current, error);
    }
  }

  #end(current: Current, error: string | null): void {
    const { name, items, taskId, askedBy, stop } = current;
    const runMs = this.#clock.monotonic() - current.begun;
    const counts = this.#counts.get(name)!;
    counts.runs++;
    counts.items += items;
    if (error !== null) counts.failed++;
    this.#seconds.get(name)!.observe(runMs / 1_000);
    const state = error !== null ? 'failed' : stop ? 'revoked' : 'succeeded';
    const note = this.#noteOf(current, state, runMs, error ?? '');
    if (state !== 'succeeded' || taskId !== null || askedBy !== '' || runMs >= LONG_MS) this.#ended.push(note);
    else if (items > 0) this.#join(note);
  }

  #noteOf(
    current: Pick<Current, 'name' | 'since' | 'taskId' | 'askedBy' | 'items'>,
    state: RunNote['state'],
    runMs: number,
    error: string,
  ): RunNote {
    return {
      id: current.taskId,
      name: current.name,
      state,
      askedBy: current.askedBy,
      startedAt: current.since,
      endedAt: state === 'running' ? null : this.#clock.now(),
      runs: 1,
      runMs: Math.round(runMs),
      items: current.items,
      error: error.slice(0, 1_000),
      worker: this.#worker,
    };
  }

  /** Adds a short run to the row of its minute. */
  #join(note: RunNote): void {
    const joined = this.#joined.get(note.name);
    if (joined === undefined || note.startedAt! - joined.note.startedAt! >= JOINED_MS) {
      if (joined?.changed) this.#ended.push(joined.note);
      this.#joined.set(note.name, { note, changed: true });
      return;
    }
    const { runs, runMs, items } = joined.note;
    Object.assign(joined.note, {
      endedAt: note.endedAt,
      runs: runs + 1,
      runMs: runMs + note.runMs,
      items: items + note.items,
    });
    joined.changed = true;
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#write(false).finally(() => {
        this.#looking = null;
        this.#lookLater();
      });
    }, LOOK_EVERY_MS);
  }

  /** Writes what ended, what goes on for long, and now and then what short runs did together. */
  async #write(all: boolean): Promise<void> {
    const now = this.#clock.monotonic();
    const notes = this.#ended;
    this.#ended = [];
    const going: Current[] = [];
    for (const current of this.#current.values()) {
      if (now - current.begun < LONG_MS || (current.taskId !== null && now - this.#writtenAt < WRITE_JOINED_MS))
        continue;
      going.push(current);
    }
    const joined =
      all || now - this.#writtenAt >= WRITE_JOINED_MS ? [...this.#joined.values()].filter((j) => j.changed) : [];
    if (notes.length + going.length + joined.length === 0) return;
    if (joined.length > 0 || going.length > 0) this.#writtenAt = now;
    for (const each of joined) each.changed = false;
    const runs = [
      ...notes,
      ...going.map((current) => this.#noteOf(current, 'running', now - current.begun, '')),
      ...joined.map(({ note }) => note),
    ];
    try {
      const ids = await this.#desk.do('noteRuns', { runs });
      for (const [i, current] of going.entries()) this.#wrote(current, ids[notes.length + i]!);
      for (const [i, { note }] of joined.entries()) note.id = ids[notes.length + going.length + i]!;
    } catch (error) {
      logFailure(this.#log, error, 'what chores did could not be written down');
      this.#ended.push(...notes.slice(-KEPT_NOTES));
      for (const each of joined) each.changed = true;
    }
  }

  /** A run that was written while it went on; when it has ended meanwhile, its end goes to the same row. */
  #wrote(current: Current, id: number): void {
    current.taskId = id;
    for (const note of this.#ended) {
      if (note.name === current.name && note.id === null && note.startedAt === current.since) note.id = id;
    }
  }

  async #readPaused(): Promise<void> {
    try {
      const paused = await this.#desk.ask('pausedQueues', {});
      this.#paused = new Map(paused.map((each) => [each.queue, each]));
      for (const listener of this.#listeners) listener();
    } catch (error) {
      logFailure(this.#log, error, 'it could not be read which queues stand still');
    }
  }

  async #takeAsked(): Promise<void> {
    if (this.#stopped) return;
    try {
      for (const { id, name } of await this.#desk.ask('askedRuns', { limit: ASKED_AT_ONCE })) {
        const runNow = this.#offers.get(name);
        if (runNow === undefined || this.#asked.has(name)) continue;
        const taken = await this.#desk.do('takeRun', { id, worker: this.#worker });
        if (taken === null) continue;
        this.#asked.set(name, { id, by: taken.askedBy });
        runNow();
      }
    } catch (error) {
      logFailure(this.#log, error, 'tasks that were asked for could not be taken');
    }
  }

  #revoke(taskId: number): void {
    for (const current of this.#current.values()) if (current.taskId === taskId) current.stop = true;
  }
}

/** Of a run that was asked for and did not begin before its process handed the chore on. */
const HANDED_ON = 'another process does this now: run it again';

/** What could not be written is kept so far. */
const KEPT_NOTES = 100;

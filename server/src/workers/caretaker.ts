import type { ChoreName } from '../domain/task.ts';
import { type Clock, sleep, type Timer } from '../lib/clock.ts';
import { timeOfId } from '../lib/ids.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import { removeStaged } from '../services/drafting.ts';
import { checkLedger } from '../services/ledger-check.ts';
import { openMonths } from '../services/ledger-months.ts';
import type { Range, SortedNumbers, SortedPiece } from '../store/store.ts';
import { type Books, type Going, UNBOOKED } from './task-book.ts';

const UNCERTAIN_EVERY_MS = 250;
const PARKED_EVERY_MS = 1_000;
const INBOUND_EVERY_MS = 60_000;
const AGING_EVERY_MS = 600_000;
const LEDGER_EVERY_MS = 3_600_000;
/** How many times as long as a question of the check of the ledger took nothing is asked. */
const RESTS = 4;
const MAX_REST_MS = 1_000;
const NUMBERS_EVERY_MS = 60_000;
const ROOM_EVERY_MS = 1_140_000;
/** Messages in a piece of sorted numbers; what is in none yet is gone through by each search for a number. */
const NUMBERS_A_PIECE = 50_000;
const NUMBERS_AT_ONCE = 2_000;
const BATCH = 500;
const INBOUND_BATCH = 100;
const FREQUENCY_BATCH = 2_000;
const FORGET_BATCH = 2_000;
/** A report that comes later than this finds nothing to change. */
const LATE_REPORT_MS = 14 * 24 * 3_600_000;
const DEFAULT_TASKS_KEPT_MS = 7 * 24 * 3_600_000;

/** The house's chores, each at its own pace. */
export class Caretaker implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #unreportedAfterMs: number;
  readonly #stagedAfterMs: number;
  readonly #onOrphans: (count: number) => void;
  readonly #book: Books;
  readonly #tasksKeptMs: number;
  readonly #timers = new Map<string, Timer>();
  readonly #kept = new Set<ChoreName>();
  readonly #busy = new Set<Promise<void>>();
  #stopped = false;

  constructor(deps: {
    desk: Desk;
    clock: Clock;
    log: Logger;
    /** What was staged for longer than this is of a process that has ended. */
    stagedAfterMs: number;
    /** A message without a report is `unreported` after this long. */
    unreportedAfterMs: number;
    /** Told of reports that spoke of nothing we know. */
    onOrphans: (count: number) => void;
    book?: Books;
    /** How long runs of chores are kept. */
    tasksKeptMs?: number;
  }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#stagedAfterMs = deps.stagedAfterMs;
    this.#unreportedAfterMs = deps.unreportedAfterMs;
    this.#onOrphans = deps.onOrphans;
    this.#book = deps.book ?? UNBOOKED;
    this.#tasksKeptMs = deps.tasksKeptMs ?? DEFAULT_TASKS_KEPT_MS;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    const staged = await this.#stagedBefore();
    void this.#work('staged', () => this.#removeStaged(staged));
    this.#keep('uncertain', UNCERTAIN_EVERY_MS, (going) => this.#decideUncertain(going));
    this.#keep('inbound', INBOUND_EVERY_MS, (going) => this.#finishInbound(going));
    this.#keep('parked', PARKED_EVERY_MS, (going) => this.#settleParked(going));
    this.#keep('aging', AGING_EVERY_MS, (going) => this.#age(going));
    this.#keep('numbers', NUMBERS_EVERY_MS, (going) => this.#sortNumbers(going));
    void this.#work('room', () => this.#book.run('room', (going) => this.#makeRoom(going)));
    this.#keep('room', ROOM_EVERY_MS, (going) => this.#makeRoom(going));
    this.#keep('ledger', LEDGER_EVERY_MS, (going) => this.#checkLedger(going));
  }

  /** Does a chore again and again, and when somebody asks for it; never twice at a time. */
  #keep(name: ChoreName, ms: number, chore: (going: Going) => Promise<void>): void {
    let last: Promise<void> = Promise.resolve();
    const run = () => {
      last = last.then(() => (this.#stopped ? undefined : this.#book.run(name, chore)));
      const done = last;
      last = done.catch(() => {});
      return done;
    };
    this.#every(name, ms, run);
    this.#kept.add(name);
    this.#book.offer(name, () => void this.#work(name, run));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#book.withdraw(...this.#kept);
    await Promise.all(this.#busy);
  }

  #every(name: string, ms: number, chore: () => Promise<void>): void {
    if (this.#stopped) return;
    const timer = this.#clock.setTimer(() => {
      void this.#work(name, chore).then(() => this.#every(name, ms, chore));
    }, ms);
    this.#timers.set(name, timer);
  }

  /** Does a chore; never rejects. A stop waits for it. */
  #work(name: string, chore: () => Promise<void>): Promise<void> {
    const work: Promise<void> = chore()
      .catch((error: unknown) => logFailure(this.#log, error, 'a chore failed', { chore: name }))
      .finally(() => this.#busy.delete(work));
    this.#busy.add(work);
    return work;
  }

  /** Plans whose messages were being written by a process that has ended since. */
  async #stagedBefore(): Promise<number[]> {
    const before = this.#clock.now() - this.#stagedAfterMs;
    return (await this.#desk.ask('stagedPlans', {})).filter((planId) => timeOfId(planId) <= before);
  }

  async #removeStaged(planIds: readonly number[]): Promise<void> {
    for (const planId of planIds) if (!this.#stopped) await removeStaged(this.#desk, planId);
  }

  /** Whether a chore goes on with its next step. */
  #goesOn(going: Going): boolean {
    return !this.#stopped && !going.stop;
  }

  async #decideUncertain(going: Going): Promise<void> {
    let decided = BATCH;
    while (decided === BATCH && this.#goesOn(going)) {
      ({ decided } = await this.#desk.do('decideUncertain', { limit: BATCH }));
      going.did(decided);
    }
  }

  /** Texts whose missing parts have not come. */
  async #finishInbound(going: Going): Promise<void> {
    let finished = INBOUND_BATCH;
    while (finished === INBOUND_BATCH && this.#goesOn(going)) {
      ({ finished } = await this.#desk.do('finishInbound', { limit: INBOUND_BATCH }));
      going.did(finished);
    }
  }

  async #settleParked(going: Going): Promise<void> {
    let settled = BATCH;
    while (settled === BATCH && this.#goesOn(going)) {
      ({ settled } = await this.#desk.do('settleParked', { limit: BATCH }));
      going.did(settled);
    }
  }

  /** Reports that came too early for too long, and those that were kept long enough. */
  async #ageReports(going: Going): Promise<void> {
    for (let taken = BATCH; taken === BATCH && this.#goesOn(going); ) {
      const aged = await this.#desk.do('orphanReports', { limit: BATCH });
      taken = aged.taken;
      going.did(taken);
      if (aged.orphaned > 0) this.#onOrphans(aged.orphaned);
    }
    for (let dropped = BATCH; dropped === BATCH && this.#goesOn(going); ) {
      ({ dropped } = await this.#desk.do('forgetReports', { limit: BATCH }));
      going.did(dropped);
    }
  }

  async #age(going: Going): Promise<void> {
    await this.#ageReports(going);
    const now = this.#clock.now();
    let after: Range | null = null;
    do {
      const aged: { next: Range | null } = await this.#desk.do('ageReceipts', {
        awaitingBefore: now - this.#unreportedAfterMs,
        forgottenBefore: now - LATE_REPORT_MS,
        after,
        limit: BATCH,
      });
      after = aged.next;
    } while (after !== null && this.#goesOn(going));
    await this.#desk.do('forgetIdempotency', {});
    let dropped = FREQUENCY_BATCH;
    while (dropped === FREQUENCY_BATCH && this.#goesOn(going)) {
      ({ dropped } = await this.#desk.do('forgetFrequency', { limit: FREQUENCY_BATCH }));
      going.did(dropped);
    }
    dropped = BATCH;
    while (dropped >= BATCH && this.#goesOn(going)) {
      ({ dropped } = await this.#desk.do('forgetDeliveries', { limit: BATCH }));
      going.did(dropped);
    }
    dropped = BATCH;
    while (dropped >= BATCH && this.#goesOn(going)) {
      ({ dropped } = await this.#desk.do('forgetInbound', { limit: BATCH }));
      going.did(dropped);
    }
    dropped = BATCH;
    while (dropped >= BATCH && this.#goesOn(going)) {
      ({ dropped } = await this.#desk.do('forgetTasks', { keptMs: this.#tasksKeptMs, limit: BATCH }));
      going.did(dropped);
    }
    await this.#dropDrafts(going);
    if (this.#stagedAfterMs > 0) await this.#removeStaged(await this.#stagedBefore());
  }

  /** Drafts that were not confirmed within their day. */
  async #dropDrafts(going: Going): Promise<void> {
    for (const planId of await this.#desk.ask('expiredDrafts', { at: this.#clock.now(), limit: BATCH })) {
      if (!this.#goesOn(going)) return;
      await this.#desk.do('discardDraft', { actor: null, planId });
      await removeStaged(this.#desk, planId);
      going.did(1);
    }
  }

  /** Sorts numbers of messages into runs; others commit between the parts of one. */
  async #sortNumbers(going: Going): Promise<void> {
    for (;;) {
      const run = await this.#desk.ask('nextNumberRun', { size: NUMBERS_A_PIECE });
      if (run === null) return;
      let pieces = 0;
      for (let after: SortedPiece['end'] = null; pieces === 0 || after !== null; pieces++) {
        const piece: SortedPiece = await this.#desk.ask('sortNumbers', { run, after, size: NUMBERS_A_PIECE });
        await this.#addNumbers(going, run.id + pieces, piece.numbers);
        if (!this.#goesOn(going)) return;
        after = piece.end;
      }
      await this.#desk.do('sealNumbers', { run, pieces });
    }
  }

  async #addNumbers(going: Going, pieceId: number, numbers: SortedNumbers): Promise<void> {
    for (let from = 0; from < numbers.indexes.length && this.#goesOn(going); from += NUMBERS_AT_ONCE) {
      await this.#desk.do('addNumbers', { pieceId, numbers: partOf(numbers, from, from + NUMBERS_AT_ONCE) });
      going.did(Math.min(NUMBERS_AT_ONCE, numbers.indexes.length - from));
    }
  }

  /** Room for the days to come, and what has been kept long enough. */
  async #makeRoom(going: Going): Promise<void> {
    await this.#desk.do('makeRoom', {});
    for (const chore of ['forgetMessages', 'forgetEvents'] as const) {
      for (let forgotten = 1; forgotten > 0 && this.#goesOn(going); ) {
        ({ forgotten } = await this.#desk.do(chore, { limit: FORGET_BATCH }));
        going.did(forgotten);
      }
    }
  }

  /** Goes through everything, but rests for longer than it keeps readers busy. */
  async #checkLedger(going: Going): Promise<void> {
    let asked = this.#clock.monotonic();
    const pace = {
      goOn: async () => {
        const restMs = (this.#clock.monotonic() - asked) * RESTS;
        if (restMs > 0) await sleep(this.#clock, Math.min(restMs, MAX_REST_MS));
        asked = this.#clock.monotonic();
        return this.#goesOn(going);
      },
    };
    const faults = await openMonths(this.#desk, this.#clock.now(), pace);
    faults.push(...(await checkLedger(this.#desk, pace)));
    if (faults.length === 0) return;
    this.#log.error({ faults: faults.slice(0, 10) }, 'the ledger does not reconcile');
    // So that whoever looks at tasks, or at the overview, hears of it too.
    throw new Error(`the ledger disagrees in ${faults.length} places: GET /api/v1/ledger/check tells where`);
  }
}

/** Copies, since a view would carry all of its memory to the storage thread. */
const partOf = ({ recipients, planIds, indexes }: SortedNumbers, from: number, to: number): SortedNumbers => ({
  recipients: recipients.slice(from, to),
  planIds: planIds.slice(from, to),
  indexes: indexes.slice(from, to),
});

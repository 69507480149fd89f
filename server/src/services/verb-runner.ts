import type { Refusal } from '../domain/refusals.ts';
import type { Logger } from '../lib/log.ts';
import { CommitInDoubt, type NoticeTable, type Store, StoreAway, type Tx } from '../store/store.ts';
import { CommandQueue } from './command-queue.ts';
import { TOLD_FOR_MS, writeNotices } from './notice-wire.ts';
import { followLists } from './remembered.ts';
import type { Answer, Ctx, HotRows, Notice, Together, Verb } from './verb.ts';

/** One change handed in. */
export interface Command {
  id: number;
  verb: string;
  input: unknown;
}

/** What became of a command. */
export type Reply = { id: number; value: unknown } | { id: number; refusal: Refusal } | { id: number; defect: string };

/**
 * Whoever was answered is likely to ask again, and a commit costs as much for few as for many. So a transaction with fewer
 * commands than this share of the last one's waits for more, for so long at most: else those who ask in turn would fall into
 * groups, each of which waits for the commits of all others.
 */
const EXPECTED = 0.9;
const LINGER_MS = 1;
/** Times that a transaction takes what came while it was open: each runs its verbs once more. */
const MAX_RUNS = 8;
/** How long what nobody waits for is kept so that something may go along, and as long again while its transaction is open. */
const REST_MS = 5;

/** When somebody should try again whose command or question met a store that was away. */
const AWAY_RETRY_S = 5;

type AnyVerb = Verb<unknown, unknown>;

/** What comes while a transaction is open. */
export interface Arrivals {
  /** Adds the commands that have come. */
  take(): void;
  /** Waits until something comes, so many milliseconds at most. @returns false: nothing came, or the transaction is to end */
  wait(ms: number): Promise<boolean>;
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
}

/**
 * Group commit: takes whatever has been handed in, commits it in one transaction and answers all of it. A refusal
 * affects only its own command. When a transaction fails, each command is tried alone, and only the one that fails
 * alone is a defect; when the store is away, all are refused, and told so when nobody knows whether they were committed.
 */
export class VerbRunner {
  readonly #store: Store;
  readonly #verbs: Record<string, AnyVerb>;
  readonly #ctx: Ctx;
  readonly #log: Logger;
  readonly #process: string;
  readonly #queue: CommandQueue;
  #notices: Notice[] = [];
  #undo: (() => void)[] = [];
  readonly #now: () => number;
  /** When the transaction that is written began. */
  #at: number | null = null;
  /** The runs of one verb that are going on. */
  #together: { verb: AnyVerb; runs: Together<unknown, unknown> } | null = null;
  /** Commands of the last transaction. */
  #lastSize = 0;
  /** Somebody waited for the last transaction, and it left what is patient. */
  #isGap = false;
  #tx: Tx | null = null;
  /** The store could not be worked with, when it was last tried. */
  #isAway = false;
  /** Commits may have been made that nobody was told of. */
  #doubted = false;
  /** What the hot rows are of. */
  #rules = -1;
  readonly #arrivals: Arrivals | null;

  /**
   * @param process this process, as others that write to the store know it
   * @param arrivals what a transaction takes while it is open; null: other processes wait for its end, so it takes nothing more
   */
  constructor(
    store: Store,
    verbs: Record<string, AnyVerb>,
    base: Omit<Ctx, 'nextId' | 'notify' | 'onRollback'>,
    process = '',
    arrivals: Arrivals | null = null,
  ) {
    this.#arrivals = arrivals;
    this.#process = process;
    this.#store = store;
    this.#verbs = verbs;
    this.#log = base.log;
    this.#now = base.now;
    this.#queue = new CommandQueue(({ verb, input }) => {
      const { priority, rows, patient } = this.#verbs[verb]!;
      return { priority, rows: rows(input), patient: arrivals !== null && patient === true };
    });
    this.#ctx = {
      ...base,
      // All that a transaction writes happens at one moment: a message and its entry in the ledger are of the same day.
      now: () => this.#at ?? this.#now(),
      nextId: (kind) => this.#tx!.nextId(kind),
      notify: (notice) => this.#notify(notice),
      onRollback: (undo) => void this.#undo.push(undo),
    };
  }

  #notify(notice: Notice): void {
    // One that says nothing more is said once, for however many messages.
    const plain = (one: Notice) => one.kind === 'workWaiting' && one.plans === undefined;
    if (!plain(notice) || !this.#notices.some(plain)) this.#notices.push(notice);
  }

  add(command: Command): void {
    const verb = this.#verbs[command.verb];
    if (verb === undefined) throw new Error(`no verb is called ${command.verb}`);
    this.#queue.add(command);
  }

  get idle(): boolean {
    return this.#queue.isEmpty;
  }

  /**
   * Commits one batch of what waits, and with it what comes while its transaction is open, which costs a commit less (ADR
   * 0022).
   * @param onDoubt told when that takes until the store is back, which went away during the commit: what waits meanwhile is
   *   to be refused ({@link refuseWaiting})
   */
  async commitNext(onDoubt: () => void = () => {}): Promise<{ replies: Reply[]; notices: Notice[] }> {
    // What is patient is kept until somebody has been told of a commit: until they say what comes next, the thread would have
    // nothing to do. Its transaction stays open for them.
    if (this.#arrivals !== null && !this.#queue.isUrgent && !this.#isGap) await this.#rest(this.#arrivals);
    const batch = this.#queue.take();
    let replies: Reply[];
    try {
      replies = await this.#commit(batch, onDoubt, this.#arrivals);
    } catch (error) {
      this.#rolledBack();
      if (isAbsence(error)) {
        replies = this.#away(batch, error);
      } else if (batch.length === 1) {
        replies = [this.#defect(batch[0]!, error)];
      } else {
        this.#log.warn({ err: error, commands: batch.length }, 'a batch failed; its commands are tried one by one');
        replies = [];
        for (const command of batch) replies.push(await this.#commitAlone(command, onDoubt));
      }
    }
    const notices = this.#notices;
    this.#notices = [];
    return { replies, notices };
  }

  /** Takes everything that waits, and says that the store is away. */
  refuseWaiting(): Reply[] {
    return this.#queue.takeAll().map(awayReply);
  }

  /** Waits for something that somebody waits for. */
  async #rest(arrivals: Arrivals): Promise<void> {
    const until = arrivals.now() + REST_MS;
    do {
      const leftMs = until - arrivals.now();
      if (leftMs <= 0 || !(await arrivals.wait(leftMs))) return;
      arrivals.take();
    } while (!this.#queue.isUrgent);
  }

  /** @param arrivals given when the transaction may take more; what it takes is added to the batch */
  async #commit(batch: Command[], onDoubt: () => void, arrivals: Arrivals | null): Promise<Reply[]> {
    this.#at = this.#now();
    const rests = this.#isGap && this.#isPatient(batch);
    try {
      const replies = await this.#store.transact(async (tx) => {
        const before = this.#notices.length;
        const done = await this.#run(tx, batch);
        if (arrivals !== null) {
          if (rests) await this.#rest(arrivals);
          done.push(...(await this.#runArrivals(tx, batch, arrivals)));
        }
        await this.#endTogether();
        if (tx.notices !== null) await this.#tellOthers(tx.notices, before);
        return done;
      }, onDoubt);
      this.#undo = [];
      this.#isGap = !this.#isPatient(batch) && !this.#queue.isEmpty;
      if (this.#isAway) this.#back();
      return replies;
    } finally {
      this.#at = null;
    }
  }

  /** Takes into a transaction what comes while it is open, and waits for some of it. */
  async #runArrivals(tx: Tx, batch: Command[], arrivals: Arrivals): Promise<Reply[]> {
    const replies: Reply[] = [];
    let until: number | null = null;
    for (let runs = 1; runs < MAX_RUNS; ) {
      arrivals.take();
      const more = this.#queue.takeMore();
      if (more.length > 0) {
        batch.push(...more);
        replies.push(...(await this.#run(tx, more)));
        runs++;
        continue;
      }
      if (batch.length >= Math.floor(this.#lastSize * EXPECTED) || this.#queue.isUrgent) break;
      until ??= arrivals.now() + LINGER_MS;
      const leftMs = until - arrivals.now();
      if (leftMs <= 0 || !(await arrivals.wait(leftMs))) break;
    }
    this.#lastSize = batch.length;
    return replies;
  }

  readonly #isPatient = (batch: readonly Command[]): boolean =>
    batch.every(({ verb }) => this.#verbs[verb]!.patient === true);

  async #run(tx: Tx, batch: readonly Command[]): Promise<Reply[]> {
    this.#tx = tx;
    if (tx.rules !== this.#rules) clearHotRows(this.#ctx.hot);
    await followLists(tx, this.#ctx.recipientLists);
    const replies: Reply[] = [];
    // Commands of one verb that stand together run together; the order they came in is kept.
    for (let from = 0; from < batch.length; ) {
      const name = batch[from]!.verb;
      let to = from;
      while (to < batch.length && batch[to]!.verb === name) to++;
      const group = batch.slice(from, to);
      const answers = await this.#runVerb(
        tx,
        this.#verbs[name]!,
        group.map((command) => command.input),
      );
      for (let i = 0; i < group.length; i++) {
        const { id } = group[i]!;
        const answer = answers[i]!;
        replies.push('refusal' in answer ? { id, refusal: answer.refusal } : { id, value: answer.value });
      }
      from = to;
    }
    // What this transaction changes itself, its verbs have dropped.
    this.#rules = tx.rules;
    return replies;
  }

  async #runVerb(tx: Tx, verb: AnyVerb, inputs: readonly unknown[]): Promise<Answer<unknown>[]> {
    if (this.#together?.verb !== verb) {
      await this.#endTogether();
      if (verb.together === undefined) return verb.run(tx, this.#ctx, inputs);
      this.#together = { verb, runs: verb.together(tx, this.#ctx) };
    }
    return this.#together!.runs.run(inputs);
  }

  async #endTogether(): Promise<void> {
    await this.#together?.runs.end();
    this.#together = null;
  }

  /** With the transaction, so that they hear of it when it is committed and only then. */
  async #tellOthers(notices: NoticeTable, from: number): Promise<void> {
    const body = writeNotices(from === 0 ? this.#notices : this.#notices.slice(from));
    const at = this.#now();
    if (body !== null) await notices.add(this.#process, body, at, at - TOLD_FOR_MS);
  }

  async #commitAlone(command: Command, onDoubt: () => void): Promise<Reply> {
    const noticesBefore = this.#notices.length;
    try {
      return (await this.#commit([command], onDoubt, null))[0]!;
    } catch (error) {
      this.#rolledBack(noticesBefore);
      return isAbsence(error) ? this.#away([command], error)[0]! : this.#defect(command, error);
    }
  }

  /** What failed for all would fail for each. */
  #away(batch: readonly Command[], error: StoreAway | CommitInDoubt): Reply[] {
    const inDoubt = error instanceof CommitInDoubt;
    if (inDoubt) {
      this.#doubted = true;
      this.#log.warn({ err: error, commands: batch.length }, 'nobody knows whether these commands were committed');
    } else if (!this.#isAway) this.#log.warn({ err: error }, 'the store is away');
    this.#isAway = true;
    return batch.map(inDoubt ? unknownReply : awayReply);
  }

  #back(): void {
    this.#isAway = false;
    this.#log.warn('the store is back');
    // What may have been committed was told nobody in this house.
    if (this.#doubted) this.#notices.push({ kind: 'missed' });
    this.#doubted = false;
  }

  #defect(command: Command, error: unknown): Reply {
    this.#log.error({ err: error, verb: command.verb }, 'a command failed');
    return { id: command.id, defect: error instanceof Error ? error.message : String(error) };
  }

  #rolledBack(noticesBefore = 0): void {
    this.#together = null;
    this.#notices.length = noticesBefore;
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
    clearHotRows(this.#ctx.hot);
  }
}

/** What is answered while the store is away. */
export const awayReply = ({ id }: { id: number }): Reply => ({
  id,
  refusal: { code: 'storeAway', retryAfterS: AWAY_RETRY_S },
});

/** What is answered when nobody knows whether a change was committed. */
const unknownReply = ({ id }: { id: number }): Reply => ({
  id,
  refusal: { code: 'outcomeUnknown', retryAfterS: AWAY_RETRY_S },
});

const isAbsence = (error: unknown): error is StoreAway | CommitInDoubt =>
  error instanceof StoreAway || error instanceof CommitInDoubt;

function clearHotRows(hot: HotRows): void {
  hot.businesses.clear();
  hot.signatures.clear();
  hot.templates.clear();
  hot.contents.clear();
  hot.contentsById.clear();
  hot.receiptGroups.clear();
  hot.prices.clear();
  hot.routes.clear();
}

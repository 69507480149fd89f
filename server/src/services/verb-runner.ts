import type { Refusal } from '../domain/refusals.ts';
import type { Logger } from '../lib/log.ts';
import { CommitInDoubt, type NoticeTable, type Store, StoreAway, type Tx } from '../store/store.ts';
import { TOLD_FOR_MS, writeNotices } from './notice-wire.ts';
import { followLists } from './remembered.ts';
import type { Ctx, HotRows, Notice, Verb } from './verb.ts';

/** One change handed in. */
export interface Command {
  id: number;
  verb: string;
  input: unknown;
}

/** What became of a command. */
export type Reply = { id: number; value: unknown } | { id: number; refusal: Refusal } | { id: number; defect: string };

/** Rows a transaction may write, about; the first of each priority is taken whatever it weighs. */
const MAX_ROWS = 2_000;

/** When somebody should try again whose command or question met a store that was away. */
const AWAY_RETRY_S = 5;

type AnyVerb = Verb<unknown, unknown>;

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
  readonly #waiting: [Command[], Command[], Command[]] = [[], [], []];
  #notices: Notice[] = [];
  #undo: (() => void)[] = [];
  readonly #now: () => number;
  /** When the transaction that is written began. */
  #at: number | null = null;
  #tx: Tx | null = null;
  /** The store could not be worked with, when it was last tried. */
  #isAway = false;
  /** Commits may have been made that nobody was told of. */
  #doubted = false;
  /** What the hot rows are of. */
  #rules = -1;

  /** @param process this process, as others that write to the store know it */
  constructor(
    store: Store,
    verbs: Record<string, AnyVerb>,
    base: Omit<Ctx, 'nextId' | 'notify' | 'onRollback'>,
    process = '',
  ) {
    this.#process = process;
    this.#store = store;
    this.#verbs = verbs;
    this.#log = base.log;
    this.#now = base.now;
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
    this.#waiting[verb.priority].push(command);
  }

  get idle(): boolean {
    return this.#waiting.every((queue) => queue.length === 0);
  }

  /**
   * Commits one batch of what waits.
   * @param onDoubt told when that takes until the store is back, which went away during the commit: what waits meanwhile is
   *   to be refused ({@link refuseWaiting})
   */
  async commitNext(onDoubt: () => void = () => {}): Promise<{ replies: Reply[]; notices: Notice[] }> {
    const batch = this.#takeBatch();
    let replies: Reply[];
    try {
      replies = await this.#commit(batch, onDoubt);
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
    return this.#waiting.flatMap((queue) => queue.splice(0)).map(awayReply);
  }

  #takeBatch(): Command[] {
    const batch: Command[] = [];
    let rows = 0;
    for (const queue of this.#waiting) {
      let taken = 0;
      for (const command of queue) {
        const weight = this.#verbs[command.verb]!.rows(command.input);
        // The first of each priority always goes along, so that none waits for ever.
        if (taken > 0 && rows + weight > MAX_ROWS) break;
        rows += weight;
        batch.push(command);
        taken++;
      }
      queue.splice(0, taken);
    }
    return batch;
  }

  async #commit(batch: readonly Command[], onDoubt: () => void): Promise<Reply[]> {
    this.#at = this.#now();
    try {
      const replies = await this.#store.transact(async (tx) => {
        const before = this.#notices.length;
        const done = await this.#run(tx, batch);
        if (tx.notices !== null) await this.#tellOthers(tx.notices, before);
        return done;
      }, onDoubt);
      this.#undo = [];
      if (this.#isAway) this.#back();
      return replies;
    } finally {
      this.#at = null;
    }
  }

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
      const answers = await this.#verbs[name]!.run(
        tx,
        this.#ctx,
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

  /** With the transaction, so that they hear of it when it is committed and only then. */
  async #tellOthers(notices: NoticeTable, from: number): Promise<void> {
    const body = writeNotices(from === 0 ? this.#notices : this.#notices.slice(from));
    const at = this.#now();
    if (body !== null) await notices.add(this.#process, body, at, at - TOLD_FOR_MS);
  }

  async #commitAlone(command: Command, onDoubt: () => void): Promise<Reply> {
    const noticesBefore = this.#notices.length;
    try {
      return (await this.#commit([command], onDoubt))[0]!;
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

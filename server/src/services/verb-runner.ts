import type { Refusal } from '../domain/refusals.ts';
import type { Logger } from '../lib/log.ts';
import type { Store, Tx } from '../store/store.ts';
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

type AnyVerb = Verb<unknown, unknown>;

/**
 * Group commit: takes whatever has been handed in, commits it in one transaction and answers all of it. A refusal
 * affects only its own command. When a transaction fails, each command is tried alone, and only the one that fails
 * alone is a defect.
 */
export class VerbRunner {
  readonly #store: Store;
  readonly #verbs: Record<string, AnyVerb>;
  readonly #ctx: Ctx;
  readonly #log: Logger;
  readonly #waiting: [Command[], Command[], Command[]] = [[], [], []];
  #notices: Notice[] = [];
  #undo: (() => void)[] = [];

  constructor(store: Store, verbs: Record<string, AnyVerb>, base: Omit<Ctx, 'notify' | 'onRollback'>) {
    this.#store = store;
    this.#verbs = verbs;
    this.#log = base.log;
    this.#ctx = {
      ...base,
      notify: (notice) => void this.#notices.push(notice),
      onRollback: (undo) => void this.#undo.push(undo),
    };
  }

  add(command: Command): void {
    const verb = this.#verbs[command.verb];
    if (verb === undefined) throw new Error(`no verb is called ${command.verb}`);
    this.#waiting[verb.priority].push(command);
  }

  get idle(): boolean {
    return this.#waiting.every((queue) => queue.length === 0);
  }

  /** Commits one batch of what waits. */
  async commitNext(): Promise<{ replies: Reply[]; notices: Notice[] }> {
    const batch = this.#takeBatch();
    let replies: Reply[];
    try {
      replies = await this.#commit(batch);
    } catch (error) {
      this.#rolledBack();
      if (batch.length === 1) {
        replies = [this.#defect(batch[0]!, error)];
      } else {
        this.#log.warn({ err: error, commands: batch.length }, 'a batch failed; its commands are tried one by one');
        replies = [];
        for (const command of batch) replies.push(await this.#commitAlone(command));
      }
    }
    const notices = this.#notices;
    this.#notices = [];
    return { replies, notices };
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

  async #commit(batch: readonly Command[]): Promise<Reply[]> {
    const replies = await this.#store.transact((tx) => this.#run(tx, batch));
    this.#undo = [];
    return replies;
  }

  async #run(tx: Tx, batch: readonly Command[]): Promise<Reply[]> {
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
      for (let i = 0; i < group.length; i++) replies.push({ id: group[i]!.id, ...answers[i]! });
      from = to;
    }
    return replies;
  }

  async #commitAlone(command: Command): Promise<Reply> {
    const noticesBefore = this.#notices.length;
    try {
      return (await this.#commit([command]))[0]!;
    } catch (error) {
      this.#rolledBack(noticesBefore);
      return this.#defect(command, error);
    }
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

function clearHotRows(hot: HotRows): void {
  hot.businesses.clear();
  hot.signatures.clear();
  hot.templates.clear();
  hot.contents.clear();
  hot.contentsById.clear();
}

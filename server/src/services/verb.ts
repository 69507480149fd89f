import type { Business } from '../domain/business.ts';
import type { Category } from '../domain/category.ts';
import type { Content, PreparedContent } from '../domain/content.ts';
import type { Actor } from '../domain/credential.ts';
import { type Refusal, Refused } from '../domain/refusals.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import type { Logger } from '../lib/log.ts';
import type { Lru } from '../lib/lru.ts';
import type { FrequencyLimits } from '../limits/limits.ts';
import type { Reader, Tx } from '../store/store.ts';

/** Told to the rest of the house after the commit that caused it. */
export type Notice =
  /** `plans`: those just accepted, in the order of their ids; absent when other work waits. */
  | { kind: 'workWaiting'; plans?: { id: number; category: Category; total: number }[] }
  | { kind: 'businessChanged'; businessId: number }
  | { kind: 'credentialChanged'; key: string }
  | { kind: 'channelsChanged' }
  /** Plans whose messages wait although plans after them may have been published already: accepted in steps, or resumed. */
  | { kind: 'plansReopened'; plans: readonly { planId: number; category: Category }[] };

/** Settings the verbs decide by. */
export interface VerbSettings {
  uncertainWaitMs: number;
  /** How long a message whose outcome is unknown, and that is not repeated, waits for a report before it is final. */
  unknownAfterMs: number;
}

/** Rows read again and again on the hot path. Verbs that change one drop it here; a rollback drops all. */
export interface HotRows {
  businesses: Lru<number, Business>;
  signatures: Lru<number, Signature>;
  templates: Lru<number, Template>;
  /** By template, signature and their versions. */
  contents: Lru<string, PreparedContent>;
  contentsById: Lru<number, Content>;
}

/** What a verb works with beside the transaction. */
export interface Ctx {
  now(): number;
  /** Time-ordered, never repeated within its kind. */
  nextId(kind: 'plan' | 'ledger' | 'event'): number;
  settings: VerbSettings;
  limits: FrequencyLimits;
  hot: HotRows;
  log: Logger;
  /** Sent when the transaction has been committed. */
  notify(notice: Notice): void;
  /** Run when the change is rolled back, alone or with its whole transaction: for what lives outside the store. */
  onRollback(undo: () => void): void;
}

/** One command's answer: a value, or the rule that said no. */
export type Answer<O> = { value: O } | { refusal: Refusal };

/** A change that runs beside the store, a whole batch of inputs at a time, in order. */
export interface Verb<I, O> {
  /** Lower goes first: recording what carriers said goes before accepting. */
  priority: 0 | 1 | 2;
  /** Rows an input is going to write, about: what bounds a transaction. */
  rows(input: I): number;
  run(tx: Tx, ctx: Ctx, inputs: readonly I[]): Promise<Answer<O>[]>;
}

/** A verb that takes its inputs one by one, each undone alone when it is refused. */
export function single<I, O>(run: (tx: Tx, ctx: Ctx, input: I) => Promise<O>): Verb<I, O> {
  return {
    priority: 2,
    rows: () => 20,
    async run(tx, ctx, inputs) {
      const answers: Answer<O>[] = [];
      for (const input of inputs) answers.push(await runAlone(run, tx, ctx, input));
      return answers;
    },
  };
}

async function runAlone<I, O>(
  run: (tx: Tx, ctx: Ctx, input: I) => Promise<O>,
  tx: Tx,
  ctx: Ctx,
  input: I,
): Promise<Answer<O>> {
  const notices: Notice[] = [];
  const undos: (() => void)[] = [];
  const own = {
    ...ctx,
    notify: (notice: Notice) => notices.push(notice),
    onRollback: (undo: () => void) => undos.push(undo),
  };
  try {
    const value = await tx.savepoint(() => run(tx, own, input));
    for (const notice of notices) ctx.notify(notice);
    for (const undo of undos) ctx.onRollback(undo);
    return { value };
  } catch (error) {
    // Whatever else becomes of the transaction, this input has left nothing in it.
    for (const undo of undos.reverse()) undo();
    if (!(error instanceof Refused)) throw error;
    return { refusal: error.refusal };
  }
}

/** A question: runs on a view of what is committed. */
export type Query<I, O> = (reader: Reader, input: I) => Promise<O>;

/** The parts of an actor that travel with a command. */
export type ActorRef = Pick<Actor, 'businessId' | 'admin'>;

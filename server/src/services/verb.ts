import type { Business } from '../domain/business.ts';
import type { Category } from '../domain/category.ts';
import type { Content, PreparedContent } from '../domain/content.ts';
import type { Actor } from '../domain/credential.ts';
import type { LongWindows } from '../domain/frequency.ts';
import type { PriceList, PriceRow } from '../domain/price.ts';
import type { Rests } from '../domain/quiet-hours.ts';
import { type Refusal, Refused } from '../domain/refusals.ts';
import type { RouteTable } from '../domain/route-table.ts';
import type { SessionPolicy } from '../domain/session.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import type { Logger } from '../lib/log.ts';
import type { Lru } from '../lib/lru.ts';
import type { FrequencyLimits } from '../limits/limits.ts';
import type { IdKind, OpenedMessages, Reader, Tx } from '../store/store.ts';
import type { GrantBook } from './grants.ts';
import type { LogAsked, LogTold } from './log-question.ts';
import type { PackedPlans } from './packed.ts';
import type { ReceiptGroup } from './receipt-group.ts';
import type { RecentInbound } from './recent-inbound.ts';
import type { RecentReports } from './recent-reports.ts';
import type { RecipientLists } from './recipient-lists.ts';

/** Told to the rest of the house after the commit that caused it. */
export type Notice =
  /**
   * `plans`: those just accepted, in the order of their ids; absent when other work waits. `lines`: by which line each goes
   * whole, as far as routes leave it open.
   */
  | { kind: 'workWaiting'; plans?: PackedPlans; lines?: readonly (string | undefined)[] | undefined }
  /** Messages accepted and claimed for a channel in one step: it sends them. */
  | { kind: 'claimed'; lane: Category; channelId: number; opened: OpenedMessages }
  | { kind: 'businessChanged'; businessId: number }
  | { kind: 'credentialChanged'; key: string }
  | { kind: 'channelsChanged' }
  | { kind: 'routesChanged' }
  /** Plans whose messages wait although plans after them may have been published already: accepted in steps, started later, or resumed. */
  | { kind: 'plansReopened'; plans: readonly ReopenedPlan[] }
  /** Nothing more of these plans may be claimed: paused or cancelled. */
  | { kind: 'plansStopped'; planIds: readonly number[] }
  /** A plan waits for its time, or its messages wait to be started or ended. */
  | { kind: 'plansToRun' }
  /** What other processes have changed may have been missed: anything may be different. */
  | { kind: 'missed' }
  /** Queues stand still, or go on. */
  | { kind: 'queuesChanged' }
  /** Somebody asked for runs of chores. */
  | { kind: 'tasksAsked' }
  /** A run of a chore is to end at its next step. */
  | { kind: 'taskRevoked'; id: number }
  /** One process asks the others for lines of their channel logs, */
  | ({ kind: 'logAsked' } & LogAsked)
  /** and each of them tells what it has. */
  | ({ kind: 'logTold' } & LogTold);

/** A plan to be looked at although newer ones may have been published. */
export interface ReopenedPlan {
  planId: number;
  category: Category;
  /** Only these messages, none of which was tried yet; absent: all that wait. */
  range?: { from: number; to: number };
}

/** Settings the verbs decide by. */
export interface VerbSettings {
  /** How long an uncertain message waits before it is repeated; null: it is never repeated. */
  repeatAfterMs: Readonly<Record<Category, number | null>>;
  /** How often a message is repeated whose link broke each time. */
  lostRepeats: number;
  /** How long a message whose outcome is unknown, and that is not repeated, waits for a report before it is final. */
  unknownAfterMs: number;
  /** How long reports are kept as carriers wrote them. */
  reportsKeptMs: number;
  /** How long messages and their plans are kept, and events; 0: for ever. */
  messagesKeptMs: number;
  eventsKeptMs: number;
  sessions: SessionPolicy;
  /** How late a plan may start. */
  maxLateMs: number;
  /** The frequency windows that are counted in the store. */
  longWindows: Record<Category, readonly LongWindows[]>;
  /** How long after its start a plan's messages are sent. */
  validityMs: Readonly<Record<Category, number>>;
  /** Says when a recipient may be sent marketing; null: at any time. */
  quiet: Rests | null;
  /** Messages that one step of a start or an end goes through. */
  sweepStep: number;
}

/** Rows read again and again on the hot path. Verbs that change one drop it here; a rollback drops all. */
export interface HotRows {
  businesses: Lru<number, Business>;
  signatures: Lru<number, Signature>;
  templates: Lru<number, Template>;
  /** By template, signature, their versions and brackets. */
  contents: Lru<string, PreparedContent>;
  contentsById: Lru<number, Content>;
  /** By channel. */
  receiptGroups: Lru<number, ReceiptGroup>;
  recentReports: RecentReports;
  /** By business. */
  prices: Lru<number, Prices>;
  /** The routes, all in one. */
  routes: Lru<string, RouteTable>;
}

/** The tables that say what a business pays; `list` as they stand at some moment. `none`: nothing is in them. */
export type Prices = { own: readonly PriceRow[]; general: readonly PriceRow[]; list: PriceList } | 'none';

/** What a verb works with beside the transaction. */
export interface Ctx {
  now(): number;
  /** Time-ordered, never repeated within its kind. */
  nextId(kind: IdKind): number;
  settings: VerbSettings;
  limits: FrequencyLimits;
  /** Room of channels for messages that need not wait. */
  grants: GrantBook;
  hot: HotRows;
  /** Who is not written to. */
  recipientLists: RecipientLists;
  recentInbound: RecentInbound;
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
  /** Nobody waits for it to be committed: the transaction may wait for something to go along. */
  patient?: true;
  run(tx: Tx, ctx: Ctx, inputs: readonly I[]): Promise<Answer<O>[]>;
  /** Where several runs of one transaction cost less together: what runs instead. */
  together?(tx: Tx, ctx: Ctx): Together<I, O>;
}

/** Runs of one verb in one transaction, with no other verb between them. */
export interface Together<I, O> {
  /** One run. */
  run(inputs: readonly I[]): Promise<Answer<O>[]>;
  /** Writes what all of them come to. */
  end(): Promise<void>;
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

/** The parts of an actor that travel with a command. Without a caller it is the house itself that asks. */
export type ActorRef = Pick<Actor, 'businessId' | 'admin'> & Partial<Pick<Actor, 'caller' | 'session'>>;

import type { Category } from '../../domain/category.ts';
import type { ReportedState } from '../../domain/message.ts';
import type { PartState } from '../../domain/parts.ts';
import type { Range } from './plans.ts';

/** A message that waits before it is sent again. */
export interface Retry {
  planId: number;
  index: number;
  category: Category;
  dueAt: number;
}

/** Which retry of a message: one that is told again, after another attempt, has nothing to do. */
export interface RetryKey {
  planId: number;
  index: number;
  /** How often the message was tried before. */
  attempts: number;
}

/** A retry with what sending it costs, and whom. */
export interface LeasedRetry extends Retry, RetryKey {
  businessId: number;
  recipient: number;
  segments: number;
  /** Channels whose carriers wanted it to be sent over another. */
  refusedBy: number[];
  /** The channel its plan tests; null: routes decide. */
  testChannelId: number | null;
}

export interface RetryReader {
  /** When the earliest of a lane is due; null when none waits. */
  nextAt(category: Category): Promise<number | null>;
}

export interface RetryWriter {
  /**
   * Of a lane's running plans, due by `at`, earliest first. They become due again at `leaseUntil`. Retries of
   * messages that do not wait any more are dropped, and those of plans that stand still: `waiting` finds their messages
   * once these go on.
   */
  lease(category: Category, at: number, leaseUntil: number, limit: number): Promise<LeasedRetry[]>;
  add(retries: readonly Retry[]): Promise<void>;
  /** Makes these due by `at`, as far as they still wait. */
  release(retries: readonly { planId: number; index: number }[], at: number): Promise<void>;
  /** Makes all due by `at`: those leased to a queue that is gone would come late. */
  recall(at: number): Promise<void>;
  remove(retries: readonly { planId: number; index: number }[]): Promise<void>;
}

/** A message whose bytes left and whose answer never came. */
export interface Uncertain {
  planId: number;
  index: number;
  channelId: number;
  recipient: number;
  /** Our own number for the attempt, or for its first part; null when it has none. */
  userReference: number | null;
  since: number;
  /** What happens at `decideAt` if no report came. */
  decision: 'repeat' | 'giveUp';
  decideAt: number;
}

export interface UncertainReader {
  due(at: number, limit: number): Promise<Uncertain[]>;
  nextAt(): Promise<number | null>;
  /** Of these channels and this recipient, since `since`, still without an answer; not all when there are very many. */
  candidates(channelIds: readonly number[], recipient: number, since: number): Promise<Uncertain[]>;
}

export interface UncertainWriter {
  add(rows: readonly Uncertain[]): Promise<void>;
  remove(rows: readonly { planId: number; index: number }[]): Promise<void>;
}

/** A long message that a carrier has, or may have, in part, until it is submitted or ends. */
export interface InPartsRow {
  planId: number;
  index: number;
  /** The channel that has some of it. */
  channelId: number;
  /** The number by which handsets join the parts. */
  reference: number;
  /** Answers about it that were recorded: a repeated one is told by its number. */
  round: number;
  /** One each. */
  parts: readonly PartState[];
  /** What was reported of a part that was not delivered; it decides once the message is submitted. */
  reported: { state: ReportedState; error: string } | null;
}

export interface InPartsTable {
  any(): Promise<boolean>;
  byMessage(planId: number, index: number): Promise<InPartsRow | null>;
  /** Indexes rising. */
  ofRange(range: Range): Promise<InPartsRow[]>;
  /** In place of the one the message has. */
  put(row: InPartsRow): Promise<void>;
  remove(planId: number, index: number): Promise<void>;
}

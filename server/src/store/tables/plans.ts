import type { Category } from '../../domain/category.ts';
import type { MessageState } from '../../domain/message.ts';
import type { Plan, PlanState } from '../../domain/plan.ts';

export interface PlanFilter {
  /** Null: of every business. */
  businessId: number | null;
  /** Null: any but `draft`. */
  state: PlanState | null;
  /** Only plans with smaller ids; null: from the newest. */
  before: number | null;
  limit: number;
}

/** An open plan, as its lane sees it. */
export interface OpenPlan {
  id: number;
  businessId: number;
  /** Messages that may be claimed: those with indexes below this. */
  sendable: number;
  /** All its messages: indexes below this. */
  accepted: number;
  /** Of each message; null when they differ. */
  segments: number | null;
  expiresAt: number;
}

/** A place among a lane's plans, which stand in the order in which they expire. */
export type PlanPlace = Pick<OpenPlan, 'id' | 'expiresAt'>;

export interface PlanReader {
  byId(id: number): Promise<Plan | null>;
  /** Newest first. */
  list(filter: PlanFilter): Promise<Plan[]>;
  /** Requests to send (neither staged nor drafts) with ids above `after`, in order. */
  requests(after: number, limit: number): Promise<Pick<Plan, 'id' | 'businessId' | 'createdAt' | 'doneAt'>[]>;
  /** Running plans of a lane after a place (null: from the first), in the order in which they expire; without tests. */
  running(category: Category, after: PlanPlace | null, limit: number): Promise<OpenPlan[]>;
  /**
   * Running plans of a business and lane with ids above `after`, in order, without tests. Looks at `limit` plans of the
   * business at most; `next` is where to go on, null when there are no more.
   */
  runningOf(
    businessId: number,
    category: Category,
    after: number,
    limit: number,
  ): Promise<{ plans: OpenPlan[]; next: number | null }>;
  /** Running and paused plans of a lane that expire by `until`, after a place (null: from the first), in that order. */
  expired(category: Category, after: PlanPlace | null, until: number, limit: number): Promise<OpenPlan[]>;
  /** Whether a pending, running or paused plan names this template or signature. */
  anyOpenNaming(named: { templateId: number } | { signatureId: number }): Promise<boolean>;
  /** Plans that are being written. */
  staged(): Promise<number[]>;
  /** When the next pending plan is to start; null when there is none. */
  nextStart(): Promise<number | null>;
  /** Pending plans that are to start by `at`, earliest first. */
  due(at: number, limit: number): Promise<Plan[]>;
  /** How many plans of a business with ids above `after` test a channel. */
  testsOf(businessId: number, channelId: number, after: number): Promise<number>;
  /** How many messages of the plan are in each state. */
  counts(id: number): Promise<Partial<Record<MessageState, number>>>;
}

export interface PlanWriter {
  insert(plans: readonly Omit<Plan, 'startedAt' | 'doneAt'>[]): Promise<void>;
  /** Makes a staged plan one that everybody sees; all that is accepted is left. */
  accept(
    id: number,
    plan: Pick<Plan, 'state' | 'total' | 'accepted' | 'invalid' | 'stopped' | 'sendable'>,
  ): Promise<void>;
  change(
    id: number,
    change: {
      state?: PlanState;
      startAt?: number;
      startedAt?: number;
      expiresAt?: number;
      sendable?: number;
      /** When messages of it last counted towards frequency limits, where that is not when it was made. */
      countedAt?: number;
    },
  ): Promise<void>;
  /**
   * Takes `count` off what is left of each plan. Plans of which nothing is left have ended at `at`: cancelled ones stay
   * so, others become done, and the ids of those are returned.
   */
  answered(counts: readonly { planId: number; count: number }[], at: number): Promise<number[]>;
  /** Removes a plan that was never accepted whole, with its messages and rejected rows; whether there was one. */
  deleteStaged(id: number): Promise<boolean>;
}

/** Messages `from`..`to` (both included) of one plan. */
export interface Range {
  planId: number;
  from: number;
  to: number;
}

/** What is being done to all messages of a plan, a bounded range at a time. */
export interface Sweep {
  planId: number;
  /** The state in which those that wait end, and why; null: they become sendable. */
  end: { state: 'cancelled' | 'failed' | 'expired_unsent'; error: string } | null;
  /** Messages with smaller indexes have been gone through. */
  next: number;
}

export interface SweepReader {
  byPlan(planId: number): Promise<Sweep | null>;
  /** Plans whose sweep can go on: those that start before those that end, and the least advanced first. */
  open(limit: number): Promise<number[]>;
}

export interface SweepWriter {
  /** In place of the one the plan has. */
  put(sweep: Sweep): Promise<void>;
  remove(planId: number): Promise<void>;
}

/** What is known of a plan made from a file beside the plan itself. */
export interface DraftRow {
  planId: number;
  businessId: number;
  /** Null once it was confirmed. */
  expiresAt: number | null;
  /** What all its messages cost. */
  credits: number;
  /** What the file was found to hold, as JSON. */
  summary: string;
}

export interface DraftReader {
  byPlan(planId: number): Promise<DraftRow | null>;
  /** How many of a business wait to be confirmed. */
  countOpen(businessId: number): Promise<number>;
  /** Plans of those that have expired by `at`, earliest first. */
  expired(at: number, limit: number): Promise<number[]>;
  /** The rows that are not sent, as lines of CSV: pieces in their order, after a piece (-1: from the first). */
  rejected(planId: number, after: number, limit: number): Promise<{ piece: number; lines: string }[]>;
}

export interface DraftWriter {
  insert(draft: DraftRow): Promise<void>;
  /** It does not expire any more. */
  keep(planId: number): Promise<void>;
  /** Its plan, messages and rejected rows stay. */
  delete(planId: number): Promise<void>;
  addRejected(planId: number, piece: number, lines: string): Promise<void>;
}

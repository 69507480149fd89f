import type { Category } from '../../domain/category.ts';
import type { MessageRun } from '../../domain/event.ts';
import type { CountedMessage } from '../../domain/figure.ts';
import type { MessageState } from '../../domain/message.ts';
import type { MoneyOfPlan } from './money.ts';
import type { Range } from './plans.ts';
import type { RetryKey } from './sending.ts';

/** One text to one recipient, as lists and timelines show it. */
export interface MessageRow {
  planId: number;
  index: number;
  businessId: number;
  recipient: number;
  state: MessageState;
  segments: number;
  reserved: number;
  settled: number;
  released: number;
  /** Of what was settled, what was given back because of a report. */
  refunded: number;
  attempts: number;
  /** Times it was sent again after an unknown outcome. */
  repeats: number;
  channelId: number | null;
  error: string;
  acceptedAt: number;
  dispatchedAt: number | null;
  submittedAt: number | null;
  finalAt: number | null;
}

export interface MessageFilter {
  businessId: number | null;
  planId: number | null;
  state: MessageState | null;
  recipient: number | null;
  /** Accepted from this time on, and before that one; null: whenever. */
  since: number | null;
  until: number | null;
  /** Exclusive place to go on from; null: from the newest. */
  before: MessagePlace | null;
  limit: number;
}

export interface MessagePlace {
  planId: number;
  index: number;
}

/** Messages that fit, and where to go on; null: there are no more. */
export interface MessagePage {
  messages: MessageRow[];
  next: MessagePlace | null;
}

/**
 * A second or later attempt of a message; the first one where the message has been handed to another channel since, or
 * its carrier wanted that.
 */
export interface AttemptRow {
  number: number;
  channelId: number;
  openedAt: number;
  /** Whether it repeats one whose outcome is unknown. */
  repeat: boolean;
}

/** New messages of one plan, indexes rising from `from`. */
export interface NewMessages {
  planId: number;
  from: number;
  recipients: readonly number[];
  /** One for all, or one each. */
  segments: number | readonly number[];
  /** Credits reserved: one for all, or one each. */
  reserved: number | readonly number[];
  /** JSON of the values each; null when the text has no variables. */
  parameters: readonly (string | null)[] | null;
  /** The channel they are claimed for at once, as their first attempt; without it they wait. */
  claim?: { channelId: number; at: number };
}

/** Recipients of one plan that cannot be written to, indexes rising from `from`. */
export interface InvalidRecipients {
  planId: number;
  from: number;
  /** As written; the first 64 code points are kept, as the error. */
  texts: readonly string[];
}

/** Recipients of one plan that a list stops, indexes rising from `from`. */
export interface StoppedRecipients {
  planId: number;
  from: number;
  recipients: readonly number[];
  error: string;
}

/** Messages of several plans that wait; the columns run in step, plan by plan, indexes rising. */
export interface WaitingMessages {
  /** The plans asked for that were looked at, in order: how many messages of each follow, and where to go on in it. */
  plans: { planId: number; count: number; next: number }[];
  indexes: Uint32Array;
  segments: Uint8Array;
  recipients: Float64Array;
}

/** Messages just claimed for sending; the columns run in step, and cross between threads as plain memory. */
export interface OpenedMessages {
  planIds: Float64Array;
  businessIds: Float64Array;
  indexes: Uint32Array;
  recipients: Float64Array;
  contentIds: Float64Array;
  /** JSON of the values each; null when none has any. */
  parameters: (string | null)[] | null;
}

/** Messages of one plan that a carrier has accepted together. */
export interface SubmittedRun extends Range {
  /** Parts of each message. */
  parts: number;
  /** The carrier's ids, `parts` a message, in order: kept for support. */
  carrierIds: string[];
}

/** A message with what the carrier called its parts. */
export interface SubmittedMessage {
  planId: number;
  index: number;
  recipient: number;
  segments: number;
  category: Category;
  state: MessageState;
  submittedAt: number;
  /** Empty when they are not known. */
  carrierIds: string[];
}

/** What a guarded change touched. */
export interface Touched {
  planId: number;
  businessId: number;
  from: number;
  to: number;
  count: number;
  /** Sum of their reserved credits. */
  reserved: number;
}

/** What messages of a plan cost. */
export interface MessageMoney extends MoneyOfPlan {
  /** When the last of them that was refunded ended, milliseconds since 1970; 0: none was. */
  refundedAt: number;
}

export interface MessageReader {
  byIndex(planId: number, index: number): Promise<MessageRow | null>;
  /**
   * Newest plan first, indexes falling within a plan. What one question looks through is bounded: where few fit, a page may
   * hold fewer than `limit`, or none, and there may be more all the same.
   */
  list(filter: MessageFilter): Promise<MessagePage>;
  /** Indexes rising, after `after`. */
  ofPlan(planId: number, after: number, limit: number): Promise<MessageRow[]>;
  /**
   * The money of messages behind a place, up to plan `last`, in the order of plans and indexes; looks at `limit` messages at
   * most, so that a plan may come in pieces. `next`: where to go on, null when there are no more.
   */
  money(
    after: { planId: number; index: number },
    last: number,
    limit: number,
  ): Promise<{ plans: MessageMoney[]; next: { planId: number; index: number } | null }>;
  attempts(planId: number, index: number): Promise<AttemptRow[]>;
  /**
   * Messages of running plans that may be claimed and that no retry speaks of, from index `from` of each plan on,
   * together `limit` at most. Looks at a bounded piece of each plan; plans for which there is no room are left out.
   */
  waiting(plans: readonly { planId: number; from: number }[], limit: number): Promise<WaitingMessages>;
  /** Messages of the range that are still `accepted`. */
  untried(range: Range): Promise<{ indexes: number[]; recipients: number[] }>;
  /** The carrier's ids of a message's parts; empty when no carrier has accepted it. */
  carrierIds(planId: number, index: number): Promise<string[]>;
  /** Indexes of the range that wait to be sent again although an earlier attempt may have arrived. */
  waitingRepeats(range: Range): Promise<number[]>;
  /** Messages that are being dispatched over a channel; null: over any. */
  dispatching(channelId: number | null): Promise<Range[]>;
  /**
   * Messages that a carrier accepted over a channel from `from` to `to` (times, `to` not included), in the order of their
   * plans and indexes after a place, `limit` at most; `next`: where to go on, null when there are no more.
   */
  submitted(asked: {
    channelId: number;
    from: number;
    to: number;
    after: { planId: number; index: number };
    limit: number;
  }): Promise<{ messages: SubmittedMessage[]; next: { planId: number; index: number } | null }>;
  /** What figures count of the messages of runs, in any order; runs of plans that are gone are left out. */
  counted(runs: readonly MessageRun[], visit: (alike: CountedMessages) => void): Promise<void>;
  /**
   * Messages that have counted towards frequency limits since a time, which may differ by category (null: none of it is
   * wanted), in the order of when they counted: for rebuilding the counts.
   */
  countedSince(
    since: Readonly<Record<Category, number | null>>,
    visit: (businessId: number, category: Category, recipient: number, at: number) => void,
  ): Promise<void>;
}

/** Messages of which figures count the same, but for their numbers; not all that are alike need be together. */
export interface CountedMessages extends CountedMessage {
  businessId: number;
  category: Category;
  templateId: number;
  channelId: number | null;
  /** One for each message. */
  recipients: readonly number[];
}

export interface MessageWriter {
  /** Notes that the carrier wants the last attempt to be made on another channel; returns all channels of which it is so. */
  refuse(planId: number, index: number): Promise<number[]>;
  insert(messages: readonly NewMessages[]): Promise<void>;
  /** Removes at most `limit` messages of a plan; returns how many. */
  remove(planId: number, limit: number): Promise<number>;
  /** Messages that are `invalid` from the beginning: recipient 0, nothing reserved. */
  insertInvalid(invalid: readonly InvalidRecipients[], at: number): Promise<void>;
  /** Messages that are `failed` from the beginning: nothing is reserved. */
  insertStopped(stopped: readonly StoppedRecipients[], at: number): Promise<void>;
  /**
   * Claims what still waits and is sendable, in running plans that have not expired: one more attempt, on this channel.
   * Of the ranges, what no retry speaks of; and the messages of the retries, if they were not tried meanwhile.
   */
  open(ranges: readonly Range[], channelId: number, at: number, retries?: readonly RetryKey[]): Promise<OpenedMessages>;
  /** Undoes `open` for messages whose bytes never left; what was to be a repeat still is. */
  unopen(ranges: readonly Range[]): Promise<void>;
  /**
   * Moves messages of the ranges out of `from` into `to`, charging their reserved credits as said, and tells for each
   * range what was really moved (the guard: only messages still in one of the `from` states). `error` is kept on the row.
   */
  move(change: {
    ranges: readonly Range[];
    from: readonly MessageState[];
    to: MessageState;
    charge: 'settle' | 'release' | 'none';
    at: number;
    error?: string;
  }): Promise<Touched[]>;
  /**
   * Ends a message of which a carrier has some parts: `settled` of its reserved credits are settled, the rest is
   * released. Null when it is in none of the `from` states.
   */
  endInParts(change: {
    planId: number;
    index: number;
    from: readonly MessageState[];
    to: MessageState;
    settled: number;
    at: number;
    error: string;
    /** Of the parts that were accepted: kept for support. */
    carrierIds: readonly string[];
  }): Promise<Touched | null>;
  /** Counts one more delivered part of each of these messages of so many parts; true where all parts are. */
  countDeliveredParts(delivered: readonly { planId: number; index: number; parts: number }[]): Promise<boolean[]>;
  /**
   * Gives back what was settled for messages of the ranges that were reported undelivered, expired or rejected, where it was
   * not given back before; tells how many credits that is for each range.
   */
  refund(ranges: readonly Range[]): Promise<number[]>;
  /** Marks one more repeat after an unknown outcome. */
  countRepeat(planId: number, index: number): Promise<void>;
  /** As `move` to submitted, settling what was reserved, and keeps the carrier's ids. */
  submit(
    runs: readonly SubmittedRun[],
    from: readonly MessageState[],
    channelId: number,
    at: number,
  ): Promise<Touched[]>;
}

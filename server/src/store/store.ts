import type { Business } from '../domain/business.ts';
import type { Category } from '../domain/category.ts';
import type { Channel } from '../domain/channel.ts';
import type { Content } from '../domain/content.ts';
import type { Credential } from '../domain/credential.ts';
import type { Event, EventBody } from '../domain/event.ts';
import type { LedgerEntry, LedgerKind } from '../domain/ledger.ts';
import type { MessageState, ReportedState } from '../domain/message.ts';
import type { Plan, PlanState } from '../domain/plan.ts';
import type { Verdict } from '../domain/review.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';

/**
 * What Signet remembers. Stores keep and find rows; they hold no rule. Every method that takes a list is meant to be
 * called with a whole batch. Times are milliseconds since 1970, credits and ids integers below 2^53.
 */
export interface Store {
  /** Runs `work` in one transaction that is on disk when the promise resolves; nothing of it remains when it rejects. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `work` on a consistent view of what was committed before. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /** Writes a consistent copy of everything to a new file and checks it. @throws when the file exists or the check fails */
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Who may look. */
export interface Reader {
  installation: InstallationReader;
  businesses: BusinessReader;
  credentials: CredentialReader;
  signatures: SignatureReader;
  templates: TemplateReader;
  contents: ContentReader;
  plans: PlanReader;
  messages: MessageReader;
  ledger: LedgerReader;
  events: EventReader;
  channels: ChannelReader;
  retries: RetryReader;
  uncertain: UncertainReader;
}

/** Who may look and change. */
export interface Tx extends Reader {
  installation: InstallationReader & InstallationWriter;
  businesses: BusinessReader & BusinessWriter;
  credentials: CredentialReader & CredentialWriter;
  signatures: SignatureReader & SignatureWriter;
  templates: TemplateReader & TemplateWriter;
  contents: ContentReader & ContentWriter;
  plans: PlanReader & PlanWriter;
  messages: MessageReader & MessageWriter;
  ledger: LedgerReader & LedgerWriter;
  events: EventReader & EventWriter;
  channels: ChannelReader & ChannelWriter;
  retries: RetryReader & RetryWriter;
  uncertain: UncertainReader & UncertainWriter;
  awaiting: AwaitingTable;
  parked: ParkedTable;
  idempotency: IdempotencyTable;
  /** Runs `work`; what it changed is undone when it rejects, and the transaction goes on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** A part of a list: `page` counts from 1. */
export interface Page {
  page: number;
  pageSize: number;
}

export interface Paged<T> {
  items: T[];
  total: number;
}

// ── the installation ────────────────────────────────────────────────────────────────────────────────────────────────

/** Facts about this installation, by name. */
export interface InstallationReader {
  get(name: string): Promise<string | null>;
}
export interface InstallationWriter {
  set(name: string, value: string): Promise<void>;
}

// ── businesses and their keys ───────────────────────────────────────────────────────────────────────────────────────

export interface NewBusiness {
  name: string;
  admin: boolean;
  passwordHash: string;
  defaultCountry: string;
  at: number;
}

export interface BusinessReader {
  byId(id: number): Promise<Business | null>;
  byName(name: string): Promise<Business | null>;
  /** The password's argon2id hash in PHC form. */
  passwordHash(id: number): Promise<string | null>;
  /** In the order of their ids, after `cursor`. */
  list(cursor: number, limit: number): Promise<Business[]>;
}
export interface BusinessWriter {
  insert(business: NewBusiness): Promise<number>;
  setState(id: number, state: Business['state']): Promise<void>;
  setPasswordHash(id: number, hash: string): Promise<void>;
  /** Adds to both balances; the amounts may be negative. Returns the balances after it. */
  moveCredits(id: number, available: number, reserved: number): Promise<{ available: number; reserved: number }>;
}

export interface CredentialReader {
  byId(id: number): Promise<Credential | null>;
  byKey(key: string): Promise<(Credential & { secretHash: Uint8Array }) | null>;
  ofBusiness(businessId: number): Promise<Credential[]>;
}
export interface CredentialWriter {
  insert(credential: Omit<Credential, 'id'>, secretHash: Uint8Array): Promise<number>;
  setState(id: number, state: Credential['state']): Promise<void>;
  delete(id: number): Promise<void>;
}

// ── signatures, templates, contents ─────────────────────────────────────────────────────────────────────────────────

/** A thing waiting for a reviewer, with whose it is. */
export interface ReviewItem<T> {
  item: T;
  businessName: string;
}

export interface SignatureReader {
  /** Deleted ones are null. */
  byId(id: number): Promise<Signature | null>;
  /** Newest first. Without `page`, all. */
  ofBusiness(businessId: number, page: Page | null): Promise<Paged<Signature>>;
  /** In the order of their ids, after `cursor`. */
  pending(cursor: number, limit: number): Promise<ReviewItem<Signature>[]>;
}
export interface SignatureWriter {
  insert(signature: Omit<Signature, 'id' | 'version' | 'review' | 'rejectReason' | 'updatedAt'>): Promise<number>;
  /** New content, pending again, next version. */
  edit(id: number, edit: Pick<Signature, 'text' | 'source' | 'pics' | 'updatedAt'>): Promise<void>;
  review(id: number, verdict: Verdict, at: number): Promise<void>;
  /** Keeps the row for what was sent with it. */
  delete(id: number, at: number): Promise<void>;
}

export interface TemplateReader {
  byId(id: number): Promise<Template | null>;
  ofBusiness(businessId: number, page: Page | null): Promise<Paged<Template>>;
  pending(cursor: number, limit: number): Promise<ReviewItem<Template>[]>;
  /** Whether a live template names this signature. */
  anyOfSignature(signatureId: number): Promise<boolean>;
}
export interface TemplateWriter {
  insert(template: Omit<Template, 'id' | 'version' | 'review' | 'rejectReason' | 'updatedAt'>): Promise<number>;
  edit(
    id: number,
    edit: Omit<Template, 'id' | 'businessId' | 'version' | 'review' | 'rejectReason' | 'createdAt'>,
  ): Promise<void>;
  review(id: number, verdict: Verdict, at: number): Promise<void>;
  delete(id: number, at: number): Promise<void>;
}

export interface ContentReader {
  byId(id: number): Promise<Content | null>;
}
export interface ContentWriter {
  insert(content: Omit<Content, 'id'>, at: number): Promise<number>;
}

// ── plans and messages ──────────────────────────────────────────────────────────────────────────────────────────────

export interface PlanFilter {
  /** Null: of every business. */
  businessId: number | null;
  state: PlanState | null;
  /** Only plans with smaller ids; null: from the newest. */
  before: number | null;
  limit: number;
}

/** A running plan's place in its lane. */
export interface OpenPlan {
  id: number;
  businessId: number;
  total: number;
}

export interface PlanReader {
  byId(id: number): Promise<Plan | null>;
  /** Newest first. */
  list(filter: PlanFilter): Promise<Plan[]>;
  /** Running plans of a lane with ids above `after`, in order. */
  running(category: Category, after: number, limit: number): Promise<OpenPlan[]>;
  /** Whether a pending, running or paused plan names this template or signature. */
  anyOpenNaming(named: { templateId: number } | { signatureId: number }): Promise<boolean>;
  /** How many messages of the plan are in each state. */
  counts(id: number): Promise<Partial<Record<MessageState, number>>>;
}
export interface PlanWriter {
  insert(plans: readonly Omit<Plan, 'doneAt'>[]): Promise<void>;
  setState(id: number, state: PlanState, at: number): Promise<void>;
  /**
   * Takes `count` off what is left of each plan. Plans of which nothing is left become done; their ids are returned.
   */
  answered(counts: readonly { planId: number; count: number }[], at: number): Promise<number[]>;
  /** Removes plans (one, or all) that were never accepted whole, with their messages. Returns how many. */
  deleteStaged(id: number | null): Promise<number>;
}

/** Messages `from`..`to` (both included) of one plan. */
export interface Range {
  planId: number;
  from: number;
  to: number;
}

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
  /** Exclusive place to go on from; null: from the newest. */
  before: { planId: number; index: number } | null;
  limit: number;
}

/** A second or later attempt of a message. */
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

export interface MessageReader {
  byIndex(planId: number, index: number): Promise<MessageRow | null>;
  /** Newest plan first, indexes falling within a plan. */
  list(filter: MessageFilter): Promise<MessageRow[]>;
  /** Indexes rising, after `after`. */
  ofPlan(planId: number, after: number, limit: number): Promise<MessageRow[]>;
  attempts(planId: number, index: number): Promise<AttemptRow[]>;
  /** Runs of messages of the plan that were never tried yet, from index `from` on, together at most `limit` messages. */
  waiting(planId: number, from: number, limit: number): Promise<Range[]>;
  /** Messages of open plans that are being dispatched. */
  dispatching(): Promise<Range[]>;
  /** Recipients of a business's messages accepted since `since`, for rebuilding frequency windows. */
  acceptedSince(since: number, visit: (businessId: number, recipient: number, at: number) => void): Promise<void>;
}
export interface MessageWriter {
  insert(messages: readonly NewMessages[]): Promise<void>;
  /** Claims what of the ranges still waits in running plans: one more attempt, on this channel. */
  open(ranges: readonly Range[], channelId: number, at: number): Promise<OpenedMessages>;
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
  /** Counts one more delivered part of a long message; true when all parts are. */
  countDeliveredPart(planId: number, index: number): Promise<boolean>;
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

// ── money ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewLedgerEntry {
  id: number;
  businessId: number;
  planId: number | null;
  kind: LedgerKind;
  credits: number;
  availableAfter: number;
  reservedAfter: number;
  reason: string;
  at: number;
}

/** A disagreement between the ledger and what it should equal. */
export interface LedgerFault {
  businessId: number;
  planId: number | null;
  what: string;
}

export interface LedgerReader {
  /** Newest first, before `before` (an entry id). */
  ofBusiness(businessId: number, before: number | null, limit: number): Promise<LedgerEntry[]>;
  /** Oldest first. `until`: no entry of the plan was written later; null when that is not known. */
  ofPlan(businessId: number, planId: number, until: number | null): Promise<LedgerEntry[]>;
  /** Checks per business: balance = sum of entries; per plan: entries = message columns. */
  faults(): Promise<LedgerFault[]>;
}
export interface LedgerWriter {
  add(entries: readonly NewLedgerEntry[]): Promise<void>;
}

// ── what happened ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Which events are wanted; null: whatever it is. */
export interface EventFilter {
  businessId: number | null;
  kind: EventBody['kind'] | null;
  /** For kinds that tell a state. */
  states: readonly string[] | null;
}

export interface EventReader {
  /** In order, after `after`. */
  after(after: number, filter: EventFilter, limit: number): Promise<Event[]>;
}
export interface EventWriter {
  add(events: readonly { id: number; businessId: number; at: number; body: EventBody }[]): Promise<void>;
}

// ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ChannelReader {
  byId(id: number): Promise<Channel | null>;
  byName(name: string): Promise<Channel | null>;
  list(): Promise<Channel[]>;
}
export interface ChannelWriter {
  insert(channel: Omit<Channel, 'id'>): Promise<number>;
  update(channel: Channel): Promise<void>;
  delete(id: number): Promise<void>;
}

// ── sending: retries, unknown outcomes, reports ─────────────────────────────────────────────────────────────────────

/** A message that waits before it is sent again. */
export interface Retry {
  planId: number;
  index: number;
  dueAt: number;
}

export interface RetryReader {
  /** When the earliest is due; null when none waits. */
  nextAt(): Promise<number | null>;
}
export interface RetryWriter {
  /**
   * Of running plans, due by `at`, earliest first, with their lanes. They become due again at `leaseUntil`. Retries of
   * messages that do not wait any more are dropped.
   */
  lease(at: number, leaseUntil: number, limit: number): Promise<(Retry & { category: Category })[]>;
  add(retries: readonly Retry[]): Promise<void>;
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
  since: number;
  /** What happens at `decideAt` if no report came. */
  decision: 'repeat' | 'giveUp';
  decideAt: number;
}

export interface UncertainReader {
  due(at: number, limit: number): Promise<Uncertain[]>;
  nextAt(): Promise<number | null>;
  /** Of this channel and recipient, since `since`, still without an answer; not all when there are more than two. */
  candidates(channelId: number, recipient: number, since: number): Promise<Uncertain[]>;
}
export interface UncertainWriter {
  add(rows: readonly Uncertain[]): Promise<void>;
  remove(rows: readonly { planId: number; index: number }[]): Promise<void>;
}

/** A part a carrier has accepted and not yet reported. */
export interface Awaiting {
  /** Receipt group: the channel it was sent on. */
  group: number;
  carrierId: string;
  planId: number;
  index: number;
  recipient: number;
  /** Parts of the whole message. */
  parts: number;
  since: number;
}

export interface AwaitingTable {
  add(rows: readonly Awaiting[]): Promise<void>;
  /**
   * All open parts with these carrier ids in the group, newest first. `recipients` run in step with the ids: where a
   * newer part fits its recipient, older parts with the same id need not be looked for.
   */
  find(group: number, carrierIds: readonly string[], recipients?: readonly (number | null)[]): Promise<Awaiting[]>;
  remove(rows: readonly Pick<Awaiting, 'group' | 'carrierId' | 'planId' | 'index'>[]): Promise<void>;
  /** Messages whose parts have waited since before `since`, oldest plans first, after a place. */
  waitingSinceBefore(since: number, after: Range | null, limit: number): Promise<Awaiting[]>;
  /** Removes and counts parts that have waited since before `since`. */
  dropBefore(since: number): Promise<number>;
}

/** A carrier's report on one part. */
export interface Report {
  group: number;
  carrierId: string;
  /** The number the report speaks of; null when the carrier left it out. */
  recipient: number | null;
  state: ReportedState;
  error: string;
  at: number;
}

/** Reports that came before what they speak of. */
export interface ParkedTable {
  add(reports: readonly Report[]): Promise<void>;
  /** Takes out the reports for these carrier ids. */
  take(group: number, carrierIds: readonly string[]): Promise<Report[]>;
  any(): Promise<boolean>;
  /** Removes and counts those parked before `before`. */
  dropBefore(before: number): Promise<number>;
}

/** What was answered to a request that carried an Idempotency-Key. */
export interface IdempotencyRow {
  businessId: number;
  route: string;
  key: string;
  /** SHA-256 of the body, hex. */
  bodyHash: string;
  /** What was answered, as the service returned it. */
  answer: string;
  at: number;
}

export interface IdempotencyTable {
  find(businessId: number, route: string, key: string): Promise<IdempotencyRow | null>;
  add(row: IdempotencyRow): Promise<void>;
  /** Removes and counts those answered before `before`. */
  dropBefore(before: number): Promise<number>;
}

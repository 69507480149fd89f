import type {
  BusinessReader,
  BusinessWriter,
  CredentialReader,
  CredentialWriter,
  InstallationReader,
  InstallationWriter,
} from './tables/accounts.ts';
import type { AuditReader, AuditWriter } from './tables/audit.ts';
import type {
  ContentReader,
  ContentWriter,
  SignatureReader,
  SignatureWriter,
  TemplateReader,
  TemplateWriter,
} from './tables/catalog.ts';
import type { ChannelReader, ChannelWriter, RouteReader, RouteWriter } from './tables/channels.ts';
import type { EventReader, EventWriter } from './tables/events.ts';
import type { FigureReader, FigureWriter } from './tables/figures.ts';
import type {
  InboundNumberReader,
  InboundNumberWriter,
  InboundReader,
  InboundWriter,
  KeywordReader,
  KeywordWriter,
  ListReader,
  ListWriter,
} from './tables/inbound.ts';
import type { LeaseTable } from './tables/leases.ts';
import type { MessageReader, MessageWriter } from './tables/messages.ts';
import type { CostReader, CostWriter, LedgerReader, LedgerWriter, PriceReader, PriceWriter } from './tables/money.ts';
import type { NoticeTable } from './tables/notices.ts';
import type { NumberRunReader, NumberRunWriter } from './tables/number-runs.ts';
import type {
  InviteReader,
  InviteWriter,
  MemberReader,
  MemberWriter,
  SessionReader,
  SessionWriter,
} from './tables/people.ts';
import type { DraftReader, DraftWriter, PlanReader, PlanWriter, SweepReader, SweepWriter } from './tables/plans.ts';
import type {
  AwaitingTable,
  OrphanReader,
  OrphanWriter,
  ParkedTable,
  ReportLogReader,
  ReportLogWriter,
} from './tables/receipts.ts';
import type { FrequencyTable, IdempotencyTable } from './tables/requests.ts';
import type { RetentionTable } from './tables/retention.ts';
import type { ApprovedReader, ApprovedWriter, PictureReader, PictureWriter } from './tables/review.ts';
import type { InPartsTable, RetryReader, RetryWriter, UncertainReader, UncertainWriter } from './tables/sending.ts';
import type { TaskReader, TaskWriter } from './tables/tasks.ts';
import type { WebhookReader, WebhookWriter } from './tables/webhooks.ts';

export type * from './tables/accounts.ts';
export type * from './tables/audit.ts';
export type * from './tables/catalog.ts';
export type * from './tables/channels.ts';
export type * from './tables/events.ts';
export type * from './tables/figures.ts';
export type * from './tables/inbound.ts';
export type * from './tables/leases.ts';
export type * from './tables/messages.ts';
export type * from './tables/money.ts';
export type * from './tables/notices.ts';
export type * from './tables/number-runs.ts';
export type * from './tables/page.ts';
export type * from './tables/people.ts';
export type * from './tables/plans.ts';
export type * from './tables/receipts.ts';
export type * from './tables/requests.ts';
export type * from './tables/retention.ts';
export type * from './tables/review.ts';
export type * from './tables/sending.ts';
export type * from './tables/tasks.ts';
export type * from './tables/webhooks.ts';

/** Kinds of rows that have time-ordered ids. */
export type IdKind = 'plan' | 'ledger' | 'event' | 'delivery' | 'inbound' | 'task';

/** The store cannot be reached, or can take nothing for now. Nothing of the transaction remains. */
export class StoreAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreAway';
  }
}

/** The store went away during a commit and did not come back in time: nobody knows whether the transaction was committed. */
export class CommitInDoubt extends Error {
  constructor(options?: ErrorOptions) {
    super('the store went away during a commit, and nobody knows what became of it', options);
    this.name = 'CommitInDoubt';
  }
}

/**
 * What Signet remembers. Stores keep and find rows; they hold no rule. Every method that takes a list is meant to be
 * called with a whole batch. Times are milliseconds since 1970, credits and ids integers below 2^53.
 */
export interface Store {
  /**
   * Runs `work` in one transaction that is on disk when the promise resolves; nothing of it remains when it rejects, unless
   * with CommitInDoubt.
   * @param onDoubt told when the store went away during the commit and is not back at once: until it is, and tells what became
   *   of the transaction, the promise stays open, and nothing else can be done with the store
   * @throws StoreAway, CommitInDoubt
   */
  transact<T>(work: (tx: Tx) => Promise<T>, onDoubt?: () => void): Promise<T>;
  /** Runs `work` on a consistent view of what was committed before. @throws StoreAway */
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
  numberRuns: NumberRunReader;
  ledger: LedgerReader;
  events: EventReader;
  channels: ChannelReader;
  routes: RouteReader;
  webhooks: WebhookReader;
  retries: RetryReader;
  uncertain: UncertainReader;
  sweeps: SweepReader;
  tasks: TaskReader;
  drafts: DraftReader;
  figures: FigureReader;
  orphans: OrphanReader;
  reportLog: ReportLogReader;
  prices: PriceReader;
  costs: CostReader;
  inbound: InboundReader;
  inboundNumbers: InboundNumberReader;
  keywords: KeywordReader;
  lists: ListReader;
  members: MemberReader;
  sessions: SessionReader;
  invites: InviteReader;
  audit: AuditReader;
  approved: ApprovedReader;
  pictures: PictureReader;
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
  numberRuns: NumberRunReader & NumberRunWriter;
  ledger: LedgerReader & LedgerWriter;
  events: EventReader & EventWriter;
  channels: ChannelReader & ChannelWriter;
  routes: RouteReader & RouteWriter;
  webhooks: WebhookReader & WebhookWriter;
  retries: RetryReader & RetryWriter;
  uncertain: UncertainReader & UncertainWriter;
  sweeps: SweepReader & SweepWriter;
  tasks: TaskReader & TaskWriter;
  drafts: DraftReader & DraftWriter;
  figures: FigureReader & FigureWriter;
  orphans: OrphanReader & OrphanWriter;
  reportLog: ReportLogReader & ReportLogWriter;
  prices: PriceReader & PriceWriter;
  costs: CostReader & CostWriter;
  inParts: InPartsTable;
  inbound: InboundReader & InboundWriter;
  inboundNumbers: InboundNumberReader & InboundNumberWriter;
  keywords: KeywordReader & KeywordWriter;
  lists: ListReader & ListWriter;
  members: MemberReader & MemberWriter;
  sessions: SessionReader & SessionWriter;
  invites: InviteReader & InviteWriter;
  audit: AuditReader & AuditWriter;
  approved: ApprovedReader & ApprovedWriter;
  pictures: PictureReader & PictureWriter;
  awaiting: AwaitingTable;
  parked: ParkedTable;
  idempotency: IdempotencyTable;
  frequency: FrequencyTable;
  retention: RetentionTable;
  leases: LeaseTable;
  /**
   * Another number whenever somebody, this store or another, has changed a business (but for its balances), signature,
   * template, price, channel or route: what is remembered of these holds as long as it stays the same.
   */
  readonly rules: number;
  /** Time-ordered, above every id of its kind that anybody was given before. */
  nextId(kind: IdKind): number;
  /** What other processes that write are told; null: there are none. */
  notices: NoticeTable | null;
  /** Runs `work`; what it changed is undone when it rejects, and the transaction goes on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

import type { Category } from '../domain/category.ts';
import type { Content } from '../domain/content.ts';
import type { InboundArrival } from '../domain/inbound.ts';
import type { ReportedState } from '../domain/message.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Begun } from '../domain/parts.ts';
import type { Parameters } from '../domain/template.ts';
import type { BindMeter } from './bind-meter.ts';

/** A message handed to a channel: its attempt is already written down. */
export interface Outgoing {
  planId: number;
  index: number;
  recipient: number;
  text: string;
  /** Messages of a more urgent lane leave first. */
  lane: Category;
  /** What is known of its plan, for channels that ask for it. */
  plan?: PlanFacts;
  /** What the text is made of, for channels that hand over templates and values. */
  content?: Content;
  parameters?: Parameters | null;
  /** What the carrier has of it already; absent: nothing. */
  begun?: Begun;
}

/** What a channel may want to know of a message's plan. */
export interface PlanFacts {
  businessId: number;
  /** Wall time, in milliseconds, after which the message is of no use. */
  expiresAt: number;
}

/** What became of a message that was handed over. `notSent`: not one octet of it left. */
export interface Answered {
  message: Outgoing;
  outcome: Outcome | { kind: 'notSent' };
  /** Where the flight log has it; to be given back when the answer is recorded. -1: nowhere. */
  place: number;
}

/** A carrier's report on one part. */
export interface ChannelReport {
  carrierId: string;
  /** Null when the carrier left it out. */
  recipient: number | null;
  /** Null: it is still on its way, or nothing that is known became of it; such a report is only kept. */
  state: ReportedState | null;
  /** The carrier's error code; empty when there is none. */
  error: string;
  /** Our own number for the attempt, where the carrier gives it back. */
  userReference?: number | null;
  /** The report as the carrier wrote it. */
  raw?: string;
}

/**
 * An SMS from a handset. A channel without links gives the time it came as `linkSince`: then equal fingerprints within an
 * hour are always the same SMS.
 */
export type ChannelInbound = Omit<InboundArrival, 'channelId'>;

/** Who hears what a channel says. */
export interface ChannelListener {
  /** Messages are answered; each exactly once. */
  answered(channelId: number, batch: Answered[]): void;
  /** Reports came. The carrier is told that they are safe when the promise resolves. */
  reported(channelId: number, batch: ChannelReport[]): Promise<void>;
  /** SMS from handsets came. The carrier is told that they are safe when the promise resolves. */
  received(channelId: number, batch: ChannelInbound[]): Promise<void>;
  /** There is room again. */
  room(channelId: number): void;
}

/** A request by which a carrier tells something over HTTP. */
export interface Callback {
  /** What the address is for that it came to. */
  about: 'reports' | 'inbound';
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Wall time it came. */
  at: number;
}

/** What a callback says, and how it is answered once that is safe. */
export interface CallbackSays {
  reports: ChannelReport[];
  inbound: ChannelInbound[];
  /** What could not be made use of, for the log; nothing of a message is in it. */
  remarks: string[];
  answer: { status: number; type: string; body: string };
}

/** Understands the callbacks of one channel. */
export interface CallbackReader {
  /** Whether a callback may come from this IP address. */
  admits(address: string): boolean;
  /** What it says; `refused` and why when it is not the carrier's, or cannot be read. */
  read(callback: Callback): CallbackSays | { refused: 'unsigned' | 'unreadable' | 'tooMany' };
  /** Told how a callback was answered, and after how many milliseconds. */
  answered(says: CallbackSays, status: number, tookMs: number): void;
}

/** How a channel stands. */
export interface ChannelStatus {
  link: 'down' | 'connecting' | 'bound';
  /** Why it is down, or why one of its binds is; empty when none is. */
  reason: string;
  inFlight: number;
  window: number;
  submitted: number;
  throttled: number;
}

/** What a channel has done so far, and how it stands now: what its facts are made of. */
export interface ChannelReading {
  binds: BindReading[];
  /** Messages handed in of which something has not left. */
  waiting: Readonly<Record<Category, number>>;
  /** Parts a second it is held to, and whether the carrier's answers led to it; null: no limit. */
  rate: { perSecond: number; learned: boolean } | null;
  /** What a carrier's status is called. */
  statusName(status: number): string;
}

/** One bind, or one pool of connections. */
export interface BindReading {
  /** What kind of bind, or `http`. */
  type: string;
  /** Whether messages are sent over it, at all. */
  sends: boolean;
  link: ChannelStatus['link'];
  reason: string;
  inFlight: number;
  /** Requests that may be in flight: now, as set, and as could be set. */
  window: { now: number; configured: number; most: number };
  meter: BindMeter;
}

/** A way out. */
export interface OutChannel {
  readonly id: number;
  /** Whether it wants to know of each message's plan ({@link Outgoing.plan}). */
  readonly asksForPlans?: boolean;
  start(): void;
  /** Hands in messages, at most {@link OutChannel.room} of their lane. */
  send(batch: readonly Outgoing[]): void;
  /** How many more messages of a lane may be handed in now; 0 while the link is down. */
  room(lane: Category): number;
  status(): ChannelStatus;
  reading(): ChannelReading;
  /** Answers `notSent` for messages of these plans of which not one octet has left. */
  recall(planIds: ReadonlySet<number>): void;
  /** Takes nothing more, waits up to `drainMs` for open answers, and leaves. Everything handed in has been answered then. */
  stop(drainMs: number): Promise<void>;
}

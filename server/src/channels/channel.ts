import type { Category } from '../domain/category.ts';
import type { ReportedState } from '../domain/message.ts';
import type { Outcome } from '../domain/outcome.ts';

/** A message handed to a channel: its attempt is already written down. */
export interface Outgoing {
  planId: number;
  index: number;
  recipient: number;
  text: string;
  /** Messages of a more urgent lane leave first. */
  lane: Category;
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
  state: ReportedState;
  /** The carrier's error code; empty when there is none. */
  error: string;
}

/** Who hears what a channel says. */
export interface ChannelListener {
  /** Messages are answered; each exactly once. */
  answered(channelId: number, batch: Answered[]): void;
  /** Reports came. The carrier is told that they are safe when the promise resolves. */
  reported(channelId: number, batch: ChannelReport[]): Promise<void>;
  /** There is room again. */
  room(channelId: number): void;
}

/** How a channel stands. */
export interface ChannelStatus {
  link: 'down' | 'connecting' | 'bound';
  /** Why it is down; empty when it is not. */
  reason: string;
  inFlight: number;
  window: number;
  submitted: number;
  throttled: number;
}

/** A way out. */
export interface OutChannel {
  readonly id: number;
  start(): void;
  /** Hands in messages, at most {@link OutChannel.room} of their lane. */
  send(batch: readonly Outgoing[]): void;
  /** How many more messages of a lane may be handed in now; 0 while the link is down. */
  room(lane: Category): number;
  status(): ChannelStatus;
  /** Takes nothing more, waits up to `drainMs` for open answers, and leaves. Everything handed in has been answered then. */
  stop(drainMs: number): Promise<void>;
}

import type { Hold } from './bind-hold.ts';
import type { Category } from './category.ts';
import type { Limit } from './limiting-cause.ts';

export type LinkState = 'down' | 'connecting' | 'bound';

/** What a bind does, or the binds of a channel together. Counts are of the time since the channel was started. */
export interface FlowFacts {
  /** Parts a second that the carrier took: over the last seconds, and over the last minute. */
  perSecond: number;
  perSecondInMinute: number;
  accepted: number;
  refused: number;
  throttled: number;
  /** Not answered in time, or lost with the link. */
  unanswered: number;
  /** Requests without an answer: now, on average over the last seconds, and how many there may be. */
  inFlight: number;
  inFlightOnAverage: number;
  window: { now: number; configured: number; most: number };
  /** Over the last minute, in milliseconds; null without answers. */
  responseMs: { p50: number; p95: number; p99: number; max: number } | null;
  /** Share of the last seconds that each limit held. */
  held: Record<Hold, number>;
  limit: Limit;
}

/** One bind, or one pool of connections. */
export interface BindFacts extends FlowFacts {
  /** From 1. */
  bind: number;
  /** transceiver, transmitter, receiver; http for a pool of connections. */
  type: string;
  link: LinkState;
  /** Why it is not up; empty when it is. */
  reason: string;
  /** Since when its link is up, or is not; wall time in milliseconds. */
  since: number;
  /** Times it came up again. */
  reconnects: number;
  /** What went wrong last, and when; null: nothing has. */
  lastError: { text: string; at: number } | null;
}

/** How a channel does, and which limit holds it now. */
export interface ChannelFacts extends FlowFacts {
  /** Milliseconds that "the last seconds" are. */
  spanMs: number;
  binds: BindFacts[];
  /** Messages of each lane that wait: in the queue, and handed to the channel. */
  waiting: Record<Category, { queue: number; channel: number }>;
  /** Parts a second the channel is held to, and whether the carrier's answers led to it; null: no limit. */
  rate: { perSecond: number; learned: boolean } | null;
  /** Answers of the carrier other than yes, by status. */
  statuses: { status: string; count: number }[];
  /** The median time to an answer while the channel is not under load; null while it is not known. */
  usualResponseMs: number | null;
}

import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Authenticator } from '../services/authentication.ts';
import type { Desk } from '../services/desk.ts';

/** What every way in works with. */
export interface HttpDeps {
  desk: Desk;
  authenticator: Authenticator;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  limits: HttpLimits;
  /** Refuses (diskFull, overloaded) when a new request to send cannot be taken now; cheap enough for every request. */
  admitSending(): void;
  facts: HouseFacts;
}

/** Limits of what comes in. */
export interface HttpLimits {
  /** Octets of a body on routes that send. */
  sendBodyBytes: number;
  /** Octets of a body elsewhere. */
  bodyBytes: number;
  /** Recipients in one request. */
  maxRecipients: number;
}

/** What the house knows about itself beyond the store, for the native API and the operators' routes. */
export interface HouseFacts {
  version: string;
  startedAt: number;
  /** Whether the house can do its work now; the reason when it cannot. */
  ready(): Promise<{ ready: true } | { ready: false; reason: string }>;
  /** State of each channel's link by channel id. */
  channelStates(): Map<number, ChannelState>;
  /** Whether the built-in simulator stands in for a carrier. */
  simulating(): boolean;
  /** Prometheus text. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** How a channel's link stands now. */
export interface ChannelState {
  link: 'down' | 'connecting' | 'bound' | 'disabled';
  /** Why it is down; empty when it is not. */
  reason: string;
  inFlight: number;
  window: number;
  submitted: number;
  throttled: number;
}

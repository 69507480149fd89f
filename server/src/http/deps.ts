import type { ChannelFacts } from '../domain/channel-facts.ts';
import type { LiveNews, LiveWish } from '../domain/live.ts';
import type { MergedPage, MergedQuestion } from '../domain/merged-log.ts';
import type { ChannelStanding } from '../domain/route-explanation.ts';
import type { QueueFacts, WorkerFacts } from '../domain/task.ts';
import type { KeptFiles } from '../files/kept-files.ts';
import type { Spool } from '../files/spool.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Authenticator } from '../services/authentication.ts';
import type { Desk } from '../services/desk.ts';
import type { SignIn } from '../services/sign-in.ts';
import type { Post } from '../services/webhook-request.ts';
import type { ConsoleFiles } from './console.ts';

/** What every way in works with. */
export interface HttpDeps {
  desk: Desk;
  authenticator: Authenticator;
  signIn: SignIn;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  limits: HttpLimits;
  /** Addresses and networks whose X-Forwarded-For says where a request comes from. */
  trustedProxies: readonly string[];
  /** Where uploads are kept while they are read. */
  spool: Spool;
  /** How comparisons with carriers' lists came out. */
  comparisons: KeptFiles;
  /** Whether the house is being stopped: connections are not to be kept then. */
  stopping(): boolean;
  /** Refuses (diskFull, overloaded) when a new request to send cannot be taken now; cheap enough for every request. */
  admitSending(): void;
  webhooks: WebhookMeans;
  /** The web console; null when it was not built. */
  builtConsole: ConsoleFiles | null;
  callbacks: CallbackTaker;
  live: LiveSource;
  tasks: TaskSource;
  facts: HouseFacts;
}

/** Tells how the house's own work stands. */
export interface TaskSource {
  workers(): Promise<readonly WorkerFacts[]>;
  queues(): Promise<readonly QueueFacts[]>;
}

/** Tells live views what happens. */
export interface LiveSource {
  /** Resolves with what ends it. @throws Refused (tooManyStreams) */
  follow(reader: {
    /** Who follows, for the limit of views each. */
    who: string;
    wish: LiveWish;
    /** The last event they have seen; null: they begin now. */
    after: number | null;
    tell(news: LiveNews): void;
    /** Whether what was told has not been taken yet. */
    busy(): boolean;
    end(): void;
  }): Promise<() => void>;
}

/** Takes what carriers tell over HTTP. */
export interface CallbackTaker {
  /** 200 when a request with this secret may come from there, or what it is answered. */
  admit(token: string, address: string): Promise<200 | 403 | 404>;
  /** Resolves with the answer, when what was told is safe or was refused. */
  take(
    token: string,
    callback: {
      about: 'reports' | 'inbound';
      headers: Record<string, string>;
      query: Record<string, string>;
      body: Uint8Array;
    },
  ): Promise<{ status: number; type: string; body: string; retryAfterS?: number }>;
}

/** What saving a webhook needs. */
export interface WebhookMeans {
  post: Post;
  /** Whether its address may be http://. */
  allowHttp: boolean;
}

/** Limits of what comes in. */
export interface HttpLimits {
  /** Octets of a body on routes that send. */
  sendBodyBytes: number;
  /** Octets of a body elsewhere. */
  bodyBytes: number;
  /** Recipients in one request. */
  maxRecipients: number;
  /** Rows in one file. */
  maxFileRows: number;
  /** Whether `test` is banned only as a whole word where the EngageLab dialect bans it. */
  banTestAsWord: boolean;
}

/** What the house knows about itself beyond the store, for the native API and the operators' routes. */
export interface HouseFacts {
  version: string;
  startedAt: number;
  /** Address of this server as carriers reach it; null: not known. */
  publicUrl: string | null;
  ready(): Promise<Readiness>;
  /** What it runs with, and what it reaches. */
  setup(): Promise<HouseSetup>;
  /** State of each channel's link by channel id. */
  channelStates(): Map<number, ChannelState>;
  /** How each channel that runs stands, by its id. */
  channelStandings(): Map<number, ChannelStanding>;
  /** Whether the built-in simulator stands in for a carrier. */
  simulating(): boolean;
  /** How a channel does, and what holds it; null when it does not run. */
  channelFacts(id: number): ChannelFacts | null;
  /** Lines of a channel's log, newest first; null when nothing is logged. */
  channelLog: ((question: MergedQuestion) => Promise<MergedPage>) | null;
  /** Prometheus text. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

/** Whether a process can do its work now, and what it reaches of what it stands on. */
export interface Readiness {
  ready: boolean;
  /** Why it cannot; empty when it can. */
  reason: string;
  parts: readonly HousePart[];
}

/** Something a process stands on. */
export interface HousePart {
  name: 'store' | 'queue' | 'redis';
  kind: 'sqlite' | 'mysql' | 'memory' | 'rabbitmq' | 'redis' | 'none';
  /** Without secrets. Empty: in this process, or nowhere. */
  address: string;
  /** Whether it answers this process; null: there is none. */
  reachable: boolean | null;
  /** What is wrong; empty: nothing. */
  reason: string;
}

/** What the house runs with, and what of it this process reaches. */
export interface HouseSetup {
  version: string;
  node: string;
  platform: string;
  startedAt: number;
  dataDirectory: string;
  /** Null: it is not known. */
  freeDiskBytes: number | null;
  parts: readonly HousePart[];
  /** Secrets hidden. */
  settings: {
    name: string;
    value: string;
    source: 'environment' | 'default';
    fallback: string;
    meaning: string;
  }[];
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

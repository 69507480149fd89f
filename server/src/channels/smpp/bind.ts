import { BindError, type BindType, type CloseReason, EsmeSession, type SessionEvents } from '@signet/smpp';
import type { SmppSettings } from '../../domain/smpp-settings.ts';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { BindMeter } from '../bind-meter.ts';
import type { BindReading, ChannelStatus } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import { BindExchanges } from './exchanges.ts';
import type { Part } from './flight.ts';
import { sessionOptions } from './session-options.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;

const NOT_OURS = 'the channel is not owned by this process now';

/** The largest window a channel can have (domain/smpp-settings.ts). */
const MOST_WINDOW = 10_000;
const NO_WINDOW = { now: 0, configured: 0, most: 0 } as const;

export type PartSession = EsmeSession<Part>;

/** Who hears what happens on a bind; what of a session comes with one read comes in this order. */
export interface BindOwner {
  /** It is up. */
  up(bind: Bind): void;
  /** It is not up any more; its unanswered parts have been handed over. */
  down(bind: Bind): void;
  answered(bind: Bind, answers: SessionEvents<Part>['results'][0]): void;
  late(bind: Bind, responses: SessionEvents<Part>['late'][0]): void;
  inbound(bind: Bind, session: PartSession, pdus: SessionEvents<Part>['pdus'][0]): void;
  /** The carrier reads again what it is sent. */
  writable(bind: Bind): void;
}

/** One bind of a channel: kept up until it is stopped, by one session after the other. */
export class Bind {
  /** Which one of the channel, from 1. */
  readonly number: number;
  readonly type: BindType;
  readonly meter: BindMeter;
  /** Null: nothing is logged. */
  readonly exchanges: BindExchanges | null;
  readonly #settings: SmppSettings;
  readonly #owner: BindOwner;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Null: at any time. */
  readonly #mayWrite: (() => boolean) | null;
  #session: PartSession | null = null;
  #link: ChannelStatus['link'] = 'down';
  #reason = 'not started';
  #attempt = 0;
  #timer: Timer | null = null;
  #stopping = false;

  constructor(
    number: number,
    type: BindType,
    settings: SmppSettings,
    deps: {
      owner: BindOwner;
      exchangeLog: ExchangeLog | null;
      mayWrite: (() => boolean) | null;
      clock: Clock;
      log: Logger;
    },
  ) {
    this.number = number;
    this.type = type;
    this.#settings = settings;
    this.#owner = deps.owner;
    this.#clock = deps.clock;
    this.#mayWrite = deps.mayWrite;
    this.meter = new BindMeter(deps.clock);
    this.exchanges = deps.exchangeLog && new BindExchanges(deps.exchangeLog, number, deps.clock);
    this.#log = deps.log.child({ bind: number });
  }

  /** Whether messages are sent over it, at all. */
  get sends(): boolean {
    return this.type !== 'receiver';
  }

  get isUp(): boolean {
    return this.#link === 'bound';
  }

  /** The session that is up, or being made or ended. */
  get session(): PartSession | null {
    return this.#session;
  }

  /** @param windowNow places of its window that are used now */
  reading(windowNow: number): BindReading {
    const { window } = this.#settings;
    return {
      type: this.type,
      sends: this.sends,
      link: this.#link,
      reason: this.#reason,
      inFlight: this.inFlight,
      window: this.sends ? { now: windowNow, configured: window, most: MOST_WINDOW } : NO_WINDOW,
      meter: this.meter,
    };
  }

  get link(): ChannelStatus['link'] {
    return this.#link;
  }

  /** Why it is not up; empty when it is. */
  get reason(): string {
    return this.#reason;
  }

  /** Parts that wait for their answers. */
  get inFlight(): number {
    return this.#session?.unanswered ?? 0;
  }

  start(): void {
    if (this.#stopping) return;
    if (this.#mayWrite !== null && !this.#mayWrite()) {
      this.#reason = NOT_OURS;
      this.#timer = this.#clock.setTimer(() => this.start(), RECONNECT_MIN_MS);
      return;
    }
    this.#link = 'connecting';
    const { host, port } = this.#settings;
    const session: PartSession = new EsmeSession(sessionOptions(this.#settings, this.type, this.#mayWrite));
    this.#session = session;
    session.on('results', (answers) => this.#owner.answered(this, answers));
    session.on('pdus', (pdus) => this.#owner.inbound(this, session, pdus));
    session.on('late', (responses) => this.#owner.late(this, responses));
    session.on('drain', () => this.#owner.writable(this));
    session.on('malformed', (error) => this.#log.warn({ err: error }, 'the carrier sent a PDU that cannot be read'));
    session.on('closed', (reason) => this.#closed(reason));
    const took = this.exchanges?.stopwatch();
    session.open().then(
      (bound) => {
        this.exchanges?.bound(bound, took!());
        this.#link = 'bound';
        this.#reason = '';
        this.#attempt = 0;
        this.meter.up();
        this.#log.info({ host, port, type: this.type }, 'bound');
        this.#owner.up(this);
      },
      (error: unknown) => {
        // `closed` has been emitted as well and has planned the next try; here only the cause is told.
        if (!(error instanceof BindError)) {
          // TLS that cannot even begin, with a key that does not fit its certificate say.
          this.#closed({ kind: 'connect-failed', detail: error instanceof Error ? error.message : String(error) });
          return;
        }
        this.exchanges?.notBound(error, took!());
        if (error.status === undefined) return;
        this.#log.error({ err: error }, 'the carrier refused the bind: check system id and password');
      },
    );
  }

  /** Ends its session without a word: what waits for an answer is unknown. */
  cut(): void {
    this.#session?.destroy();
  }

  /** Sends nothing more, waits up to `drainMs` for open answers, and unbinds. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#session?.unbind(drainMs);
    this.#link = 'down';
    this.#reason = 'stopped';
  }

  #closed(reason: CloseReason): void {
    const wasUp = this.isUp;
    if (wasUp) this.exchanges?.closed(reason);
    this.#link = 'down';
    this.#reason = `${reason.kind}: ${reason.detail}`;
    this.meter.down(reason.kind === 'unbound' ? '' : this.#reason);
    this.#session = null;
    this.#owner.down(this);
    if (this.#stopping) return;
    const delay = nextDelayMs(this.#attempt++, RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    if (wasUp || this.#attempt === 1) this.#log.warn({ reason: this.#reason, retryInMs: delay }, 'the link is down');
    this.#timer = this.#clock.setTimer(() => this.start(), delay);
  }
}

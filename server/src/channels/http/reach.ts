import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import type { Logger } from '../../lib/log.ts';
import type { BindMeter } from '../bind-meter.ts';
import type { ChannelStatus } from '../channel.ts';
import type { HttpExchanges } from './exchanges.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
/**
 * A carrier that could be reached and still took nothing is shown as connecting until it takes something, so that routes go
 * around it; when nobody has tried for so long, it is given another chance.
 */
const DOUBT_MS = 60_000;

/** Who hears how a carrier is. */
export interface ReachOwner {
  /** It can be reached. */
  up(): void;
  /** Nothing more leaves for a while. */
  down(reason: string): void;
  /** It is well again, and more than one message may be under way. */
  well(): void;
}

/** Whether a carrier can be reached, which is found out without sending anything, and whether it is well. */
export class Reach {
  readonly #owner: ReachOwner;
  readonly #client: HttpClient;
  /** Null: nothing is logged. */
  readonly #exchanges: HttpExchanges | null;
  readonly #meter: BindMeter;
  readonly #clock: Clock;
  readonly #log: Logger;
  #link: ChannelStatus['link'] = 'down';
  #reason = 'not started';
  #attempt = 0;
  #onTrial = false;
  /** Until when the carrier is not shown as bound although it can be reached, by the monotonic clock. */
  #doubtedUntil = 0;
  #reconnect: Timer | null = null;
  #stopping = false;

  constructor(deps: {
    owner: ReachOwner;
    client: HttpClient;
    exchanges: HttpExchanges | null;
    meter: BindMeter;
    clock: Clock;
    log: Logger;
  }) {
    this.#owner = deps.owner;
    this.#client = deps.client;
    this.#exchanges = deps.exchanges;
    this.#meter = deps.meter;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  get isUp(): boolean {
    return this.#link === 'bound';
  }

  /** One message at a time, until one is answered. */
  get onTrial(): boolean {
    return this.#onTrial;
  }

  /** How it is shown to others. */
  get link(): ChannelStatus['link'] {
    const doubted = this.isUp && this.#clock.monotonic() < this.#doubtedUntil;
    return doubted ? 'connecting' : this.#link;
  }

  /** Why it is not well; empty when it is. */
  get reason(): string {
    return this.#reason;
  }

  start(): void {
    void this.#connect();
  }

  /** Looks no more; what is under way may still be answered. */
  stop(): void {
    this.#stopping = true;
    this.#reconnect?.cancel();
  }

  /** Nothing is under way any more. */
  stopped(): void {
    this.#link = 'down';
    this.#reason = 'stopped';
  }

  async #connect(): Promise<void> {
    this.#link = 'connecting';
    const begun = this.#clock.monotonic();
    const failure = await this.#client.reach();
    this.#exchanges?.reached(failure, this.#clock.monotonic() - begun);
    // A request that was under way may have been answered meanwhile.
    if (this.#stopping || this.#link !== 'connecting') return;
    if (failure !== null) {
      this.down(failure);
      return;
    }
    this.#up();
  }

  #up(): void {
    this.#reconnect?.cancel();
    this.#link = 'bound';
    if (this.#doubtedUntil > 0) this.#doubtedUntil = this.#clock.monotonic() + DOUBT_MS;
    else this.#reason = '';
    this.#meter.up();
    this.#owner.up();
  }

  /** The carrier cannot be reached, does not answer, or takes nothing from us: it is looked for again after a while. */
  down(reason: string): void {
    if (this.#stopping) return;
    this.#onTrial = true;
    if (this.#link === 'down') return;
    if (this.isUp) this.#exchanges?.down(reason);
    this.#link = 'down';
    this.#reason = reason;
    this.#meter.down(reason);
    const delay = nextDelayMs(this.#attempt++, RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    if (this.#attempt === 1) this.#log.warn({ reason, retryInMs: delay }, 'the carrier is not well');
    this.#owner.down(reason);
    this.#reconnect = this.#clock.setTimer(() => void this.#connect(), delay);
  }

  /** It could be reached, and that was no use. */
  doubt(reason: string): void {
    if (!this.#stopping) this.#doubtedUntil = this.#clock.monotonic() + DOUBT_MS;
    this.down(reason);
  }

  /** The carrier has answered as one that is well does. */
  well(): void {
    this.#attempt = 0;
    if (!this.#onTrial) return;
    this.#onTrial = false;
    this.#doubtedUntil = 0;
    this.#reason = '';
    if (!this.isUp && !this.#stopping) this.#up();
    else this.#owner.well();
  }
}

import type { Hold } from '../../domain/bind-hold.ts';
import type { Category } from '../../domain/category.ts';
import { type AnswerOutcome, MAX_HTTP_WINDOW } from '../../domain/http-settings.ts';
import { messageId } from '../../domain/message.ts';
import { AddressGuard, OWN_NETWORKS } from '../../lib/address-guard.ts';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { HttpClient, type HttpExchange, type HttpRequest } from '../../lib/http-client.ts';
import type { Logger } from '../../lib/log.ts';
import { Pace } from '../../lib/pace.ts';
import { RecentRate } from '../../lib/recent-rate.ts';
import { retryAfterMs } from '../../lib/retry-after.ts';
import { BindMeter, type Taking } from '../bind-meter.ts';
import type { Answered, ChannelListener, ChannelReading, ChannelStatus, OutChannel, Outgoing } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import type { FlightLog } from '../flight-log.ts';
import { HttpExchanges } from './exchanges.ts';
import { Lanes } from './lanes.ts';
import type { Judgement, Provider } from './provider.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const THROTTLE_MIN_MS = 100;
const THROTTLE_MAX_MS = 5_000;
const RETRY_AFTER_MAX_MS = 300_000;
/** Windows of a lane held beyond what is under way, so that a place that becomes free is filled at once. */
const AHEAD_WINDOWS = 2;
/** More is held when more than that is sent in this time. */
const AHEAD_MS = 1_000;
/** How long a request whose answer was lost is made again, where that is harmless, before its message is uncertain. */
const ASK_AGAIN_MS = 120_000;

/**
 * A carrier that could be reached and still took nothing is shown as connecting until it takes something, so that routes go
 * around it; when nobody has tried for so long, it is given another chance.
 */
const DOUBT_MS = 60_000;

/** A message whose request has left, or is about to. */
interface Flight {
  message: Outgoing;
  request: HttpRequest;
  /** In the flight log. */
  place: number;
  /** When it left first, by the monotonic clock; -1: not one octet has left. */
  since: number;
  /** Whether an earlier request of it got no answer: the carrier may have it, so that no other may be tried. */
  lost: boolean;
}

export interface HttpConnectorSettings {
  window: number;
  rate: number | null;
  responseTimeoutMs: number;
}

/**
 * Hands messages to a carrier's HTTP API, one a request, a bounded number at a time. Whether the carrier can be reached
 * is found out without sending anything; after trouble one message alone goes ahead of the others.
 */
export class HttpConnector implements OutChannel {
  readonly id: number;
  readonly #settings: HttpConnectorSettings;
  readonly #provider: Provider;
  readonly #listener: ChannelListener;
  readonly #flightLog: FlightLog;
  /** Null: nothing is logged. */
  readonly #exchanges: HttpExchanges | null;
  /** Null: at any time. */
  readonly #mayWrite: (() => boolean) | null;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #meter: BindMeter;
  readonly #client: HttpClient;
  readonly #pace: Pace | null;
  readonly #sent: RecentRate;
  readonly #waiting = new Lanes();
  readonly #flying = new Set<Flight>();
  readonly #flyingOf: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Have left, got no answer, and are to be asked for again. */
  #unanswered: Flight[] = [];
  #done: Answered[] = [];
  #link: ChannelStatus['link'] = 'down';
  #reason = 'not started';
  #attempt = 0;
  /** One message at a time, until one is answered. */
  #onTrial = false;
  /** Until when the carrier is not shown as bound although it can be reached, by the monotonic clock. */
  #doubtedUntil = 0;
  #reconnect: Timer | null = null;
  #pausedUntil = 0;
  #throttleMs = 0;
  #wake: Timer | null = null;
  #stopping = false;
  #landed: (() => void) | null = null;
  #submitted = 0;
  #throttled = 0;

  constructor(
    id: number,
    settings: HttpConnectorSettings,
    provider: Provider,
    deps: {
      listener: ChannelListener;
      flightLog: FlightLog;
      exchangeLog: ExchangeLog | null;
      /** Asked before each request is written; once it says no, nothing leaves. Null: everything may. */
      mayWrite?: (() => boolean) | null;
      clock: Clock;
      log: Logger;
    },
  ) {
    this.id = id;
    this.#settings = settings;
    this.#provider = provider;
    this.#listener = deps.listener;
    this.#flightLog = deps.flightLog;
    this.#exchanges = deps.exchangeLog && new HttpExchanges(deps.exchangeLog, deps.clock);
    this.#mayWrite = deps.mayWrite ?? null;
    this.#clock = deps.clock;
    this.#log = deps.log.child({ channel: id });
    this.#meter = new BindMeter(deps.clock);
    this.#client = new HttpClient({
      origin: provider.origin,
      guard: new AddressGuard(OWN_NETWORKS),
      connections: settings.window,
      timeoutMs: settings.responseTimeoutMs,
      mayWrite: this.#mayWrite,
    });
    this.#pace = settings.rate === null ? null : new Pace(settings.rate, deps.clock);
    this.#sent = new RecentRate(deps.clock);
  }

  start(): void {
    void this.#connect();
  }

  room(lane: Category): number {
    if (this.#link !== 'bound' || this.#stopping || this.#restsLong) return 0;
    const held = this.#waiting.count(lane) + this.#flyingOf[lane];
    const soon = Math.ceil((this.#sent.perSecond * AHEAD_MS) / 1000);
    const most = this.#onTrial ? 1 : this.#settings.window + Math.max(this.#settings.window * AHEAD_WINDOWS, soon);
    return Math.max(0, most - held);
  }

  send(batch: readonly Outgoing[]): void {
    this.#waiting.add(batch);
    if (this.#link === 'bound' && !this.#stopping) this.#fill();
    else this.#handBack();
    this.#tellDone();
  }

  recall(planIds: ReadonlySet<number>): void {
    for (const message of this.#waiting.takePlans(planIds)) this.#notSent(message);
    this.#tellDone();
  }

  status(): ChannelStatus {
    return {
      link: this.#shownLink,
      reason: this.#reason,
      inFlight: this.#flying.size + this.#unanswered.length,
      window: this.#settings.window,
      submitted: this.#submitted,
      throttled: this.#throttled,
    };
  }

  reading(): ChannelReading {
    const { window, rate } = this.#settings;
    return {
      binds: [
        {
          type: 'http',
          sends: true,
          link: this.#shownLink,
          reason: this.#reason,
          inFlight: this.#flying.size,
          window: { now: this.#places, configured: window, most: MAX_HTTP_WINDOW },
          meter: this.#meter,
        },
      ],
      waiting: this.#waiting.counts,
      rate: rate === null ? null : { perSecond: rate, learned: false },
      statusName: String,
    };
  }

  get #shownLink(): ChannelStatus['link'] {
    const doubted = this.#link === 'bound' && this.#clock.monotonic() < this.#doubtedUntil;
    return doubted ? 'connecting' : this.#link;
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#reconnect?.cancel();
    this.#wake?.cancel();
    this.#handBack();
    for (const flight of this.#unanswered.splice(0)) this.#lost(flight, 'the channel stopped before it answered');
    this.#tellDone();
    if (this.#flying.size > 0) {
      const landed = new Promise<void>((resolve) => {
        this.#landed = resolve;
      });
      const drain = this.#clock.setTimer(() => void this.#client.close(), drainMs);
      await landed;
      drain.cancel();
    }
    await this.#client.close();
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
      this.#down(failure);
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
    this.#fill();
    this.#tellDone();
    this.#listener.room(this.id);
  }

  /** Nothing more leaves for a while: the carrier cannot be reached, does not answer, or takes nothing from us. */
  #down(reason: string): void {
    if (this.#stopping) return;
    this.#onTrial = true;
    if (this.#link === 'down') return;
    if (this.#link === 'bound') this.#exchanges?.down(reason);
    this.#link = 'down';
    this.#reason = reason;
    this.#meter.down(reason);
    const delay = nextDelayMs(this.#attempt++, RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    if (this.#attempt === 1) this.#log.warn({ reason, retryInMs: delay }, 'the carrier is not well');
    this.#handBack();
    const now = this.#clock.monotonic();
    const late = this.#unanswered.filter(({ since }) => now - since >= ASK_AGAIN_MS);
    this.#unanswered = this.#unanswered.filter((flight) => !late.includes(flight));
    for (const flight of late) this.#lost(flight, reason);
    this.#reconnect = this.#clock.setTimer(() => void this.#connect(), delay);
  }

  /** It could be reached, and that was no use. */
  #doubt(reason: string): void {
    if (!this.#stopping) this.#doubtedUntil = this.#clock.monotonic() + DOUBT_MS;
    this.#down(reason);
  }

  /** The carrier has answered as one that is well does. */
  #well(): void {
    this.#attempt = 0;
    if (!this.#onTrial) return;
    this.#onTrial = false;
    this.#doubtedUntil = 0;
    this.#reason = '';
    if (this.#link !== 'bound' && !this.#stopping) this.#up();
    else this.#listener.room(this.id);
  }

  /** Whether the carrier has asked for a pause in which nothing should be held that others could send. */
  get #restsLong(): boolean {
    return this.#pausedUntil - this.#clock.monotonic() > AHEAD_MS;
  }

  /** Requests that may be under way now. */
  get #places(): number {
    return this.#onTrial ? 1 : this.#settings.window;
  }

  #fill(): void {
    this.#leave();
    this.#meter.holds(this.#hold(), this.#flying.size);
  }

  /** What keeps it from sending more. */
  #hold(): Hold {
    if (this.#link !== 'bound') return 'down';
    if (this.#waiting.empty && this.#unanswered.length === 0) return 'idle';
    if (this.#flying.size >= this.#places) return 'window';
    return this.#clock.monotonic() < this.#pausedUntil ? 'throttled' : 'rate';
  }

  /** Sends as much as window, rate and the carrier's wishes allow. */
  #leave(): void {
    if (this.#link !== 'bound' || this.#stopping) return;
    if (this.#mayWrite !== null && !this.#mayWrite()) {
      this.#handBack();
      for (const flight of this.#unanswered.splice(0)) this.#lost(flight, NOT_OURS);
      return;
    }
    const pause = this.#pausedUntil - this.#clock.monotonic();
    if (pause > 0) {
      this.#fillIn(pause);
      return;
    }
    const places = this.#places - this.#flying.size;
    if (places <= 0) return;
    const free = this.#pace === null ? places : this.#pace.free(places);
    const flights = this.#unanswered.splice(0, free);
    for (const message of this.#waiting.take(free - flights.length)) {
      const flight = this.#flightOf(message);
      if (flight !== null) flights.push(flight);
    }
    this.#flightLog.write();
    for (const flight of flights) this.#fly(flight);
    const more = this.#unanswered.length > 0 || !this.#waiting.empty;
    if (more && this.#pace !== null && free < places) this.#fillIn(this.#pace.waitMs());
  }

  #fillIn(ms: number): void {
    this.#wake?.cancel();
    this.#wake = this.#clock.setTimer(() => {
      this.#fill();
      this.#tellDone();
      this.#listener.room(this.id);
    }, Math.ceil(ms));
  }

  /** Makes the request and notes that it leaves; null when there is none to be made. */
  #flightOf(message: Outgoing): Flight | null {
    const request = this.#provider.request(message);
    if ('never' in request) {
      this.#done.push({ message, outcome: { kind: 'refused', retry: 'never', error: request.never }, place: -1 });
      return null;
    }
    const place = this.#flightLog.leaving(message.planId, message.index);
    return { message, request, place, since: -1, lost: false };
  }

  #fly(flight: Flight): void {
    this.#pace?.take();
    this.#sent.add(1);
    this.#flying.add(flight);
    this.#flyingOf[flight.message.lane]++;
    const begun = this.#clock.monotonic();
    void this.#client.send(flight.request).then((exchange) => {
      this.#flying.delete(flight);
      this.#flyingOf[flight.message.lane]--;
      this.#ended(flight, exchange, this.#clock.monotonic() - begun);
      this.#fill();
      this.#tellDone();
      if (this.#stopping && this.#flying.size === 0) this.#landed?.();
    });
  }

  #ended(flight: Flight, exchange: HttpExchange, tookMs: number): void {
    const judged = exchange.kind === 'answered' ? this.#provider.judge(exchange) : NOT_JUDGED;
    const { length } = flight.request.body ?? '';
    this.#exchanges?.submitted(flight.message, length, exchange, judged, tookMs);
    if (exchange.kind === 'notSent') {
      this.#down(exchange.reason);
      // Asked for again: the first request may have got there.
      if (flight.since >= 0) this.#askAgain(flight, exchange.reason);
      else this.#back(flight);
      return;
    }
    if (flight.since < 0) flight.since = this.#clock.monotonic();
    if (exchange.kind === 'noAnswer') {
      this.#meter.unanswered();
      this.#doubt(exchange.reason);
      this.#askAgain(flight, exchange.reason);
      return;
    }
    this.#meter.answered(TAKING[judged.outcome] ?? 'refused', exchange.status, tookMs);
    this.#judged(flight, judged, retryAfterMs(exchange.headers['retry-after'], this.#clock.now(), RETRY_AFTER_MAX_MS));
  }

  #judged(flight: Flight, { outcome, carrierId, error }: Judgement, retryAfter: number): void {
    if (outcome === 'trouble') this.#doubt(error);
    else if (outcome !== 'unknown') this.#well();
    if (outcome === 'throttled') this.#slowDown(retryAfter);
    switch (outcome) {
      case 'accepted':
        this.#throttleMs = 0;
        this.#accepted(flight, carrierId);
        break;
      case 'unknown':
        this.#askAgain(flight, error);
        break;
      case 'trouble':
      case 'throttled':
      case 'later':
        // It says nothing of the earlier request.
        if (flight.lost) this.#askAgain(flight, error);
        else this.#refused(flight, 'later', error);
        break;
      case 'elsewhere':
      case 'never':
        this.#refused(flight, outcome, error);
    }
  }

  #accepted({ message, place }: Flight, carrierId: string): void {
    const { planId, index, recipient } = message;
    // A carrier that names no id may report by ours.
    const carrierIds = [carrierId === '' ? messageId(planId, index) : carrierId];
    this.#submitted++;
    this.#flightLog.accepted(this.id, planId, index, recipient, carrierIds);
    this.#done.push({ message, outcome: { kind: 'accepted', carrierIds }, place });
  }

  #refused({ message, place }: Flight, retry: 'later' | 'elsewhere' | 'never', error: string): void {
    this.#flightLog.notAccepted(message.planId, message.index);
    this.#done.push({ message, outcome: { kind: 'refused', retry, error }, place });
  }

  /** No answer, or none that says what became of the message. */
  #askAgain(flight: Flight, reason: string): void {
    const over = this.#clock.monotonic() - flight.since >= ASK_AGAIN_MS;
    if (!this.#provider.repeatable || over || this.#stopping) {
      this.#lost(flight, reason);
      return;
    }
    // What says nothing for sure may say so each time.
    this.#doubt(reason);
    flight.lost = true;
    this.#unanswered.push(flight);
  }

  #lost({ message, place }: Flight, error: string): void {
    this.#done.push({ message, outcome: { kind: 'unknown', error }, place });
  }

  /** Was about to leave, and did not. */
  #back({ message, place }: Flight): void {
    this.#flightLog.notAccepted(message.planId, message.index);
    this.#done.push({ message, outcome: { kind: 'notSent' }, place });
  }

  #notSent(message: Outgoing): void {
    this.#done.push({ message, outcome: { kind: 'notSent' }, place: -1 });
  }

  #handBack(): void {
    for (const message of this.#waiting.takeAll()) this.#notSent(message);
  }

  #tellDone(): void {
    this.#flightLog.write();
    if (this.#done.length === 0) return;
    const done = this.#done;
    this.#done = [];
    this.#listener.answered(this.id, done);
  }

  #slowDown(retryAfter: number): void {
    this.#throttled++;
    const now = this.#clock.monotonic();
    // Answers to what was under way together are one wish.
    if (now >= this.#pausedUntil) {
      this.#throttleMs = Math.min(THROTTLE_MAX_MS, Math.max(THROTTLE_MIN_MS, this.#throttleMs * 2));
    }
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.max(this.#throttleMs, retryAfter));
    if (this.#restsLong) this.#handBack();
  }
}

const NOT_OURS = 'the channel was not owned by this process any more';
const NOT_JUDGED: Judgement = { outcome: 'unknown', carrierId: '', error: '' };

/** How an answer is counted, if not as refused. */
const TAKING: Partial<Record<AnswerOutcome, Taking>> = { accepted: 'accepted', throttled: 'throttled' };

import type { Hold } from '../../domain/bind-hold.ts';
import type { Category } from '../../domain/category.ts';
import { type AnswerOutcome, MAX_HTTP_WINDOW } from '../../domain/http-settings.ts';
import { AddressGuard, OWN_NETWORKS } from '../../lib/address-guard.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { HttpClient, type HttpExchange } from '../../lib/http-client.ts';
import type { Logger } from '../../lib/log.ts';
import { Pace } from '../../lib/pace.ts';
import { RecentRate } from '../../lib/recent-rate.ts';
import { retryAfterMs } from '../../lib/retry-after.ts';
import { BindMeter, type Taking } from '../bind-meter.ts';
import type { ChannelListener, ChannelReading, ChannelStatus, OutChannel, Outgoing } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import type { FlightLog } from '../flight-log.ts';
import { HttpExchanges } from './exchanges.ts';
import { type Flight, Flights } from './flights.ts';
import { Lanes } from './lanes.ts';
import { Pauses } from './pauses.ts';
import type { Judgement, Provider } from './provider.ts';
import { Reach, type ReachOwner } from './reach.ts';

const RETRY_AFTER_MAX_MS = 300_000;
/** Windows of a lane held beyond what is under way, so that a place that becomes free is filled at once. */
const AHEAD_WINDOWS = 2;
/** More is held when more than that is sent in this time. */
const AHEAD_MS = 1_000;
/** How long a request whose answer was lost is made again, where that is harmless, before its message is uncertain. */
const ASK_AGAIN_MS = 120_000;

export interface HttpConnectorSettings {
  window: number;
  rate: number | null;
  responseTimeoutMs: number;
}

/**
 * Hands messages to a carrier's HTTP API, one a request, a bounded number at a time; after trouble one message alone goes
 * ahead of the others.
 */
export class HttpConnector implements OutChannel, ReachOwner {
  readonly id: number;
  readonly #settings: HttpConnectorSettings;
  readonly #provider: Provider;
  readonly #listener: ChannelListener;
  readonly #flights: Flights;
  /** Null: nothing is logged. */
  readonly #exchanges: HttpExchanges | null;
  /** Null: at any time. */
  readonly #mayWrite: (() => boolean) | null;
  readonly #clock: Clock;
  readonly #meter: BindMeter;
  readonly #client: HttpClient;
  readonly #reach: Reach;
  readonly #pace: Pace | null;
  readonly #sent: RecentRate;
  readonly #waiting = new Lanes();
  readonly #flying = new Set<Flight>();
  readonly #flyingOf: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Have left, got no answer, and are to be asked for again. */
  #unanswered: Flight[] = [];
  readonly #pauses: Pauses;
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
    this.#flights = new Flights(id, deps.flightLog);
    this.#exchanges = deps.exchangeLog && new HttpExchanges(deps.exchangeLog, deps.clock);
    this.#mayWrite = deps.mayWrite ?? null;
    this.#clock = deps.clock;
    this.#pauses = new Pauses(deps.clock);
    this.#meter = new BindMeter(deps.clock);
    this.#client = new HttpClient({
      origin: provider.origin,
      guard: new AddressGuard(OWN_NETWORKS),
      connections: settings.window,
      timeoutMs: settings.responseTimeoutMs,
      mayWrite: this.#mayWrite,
    });
    const { clock, log } = deps;
    const means = { client: this.#client, exchanges: this.#exchanges, meter: this.#meter, clock };
    this.#reach = new Reach({ owner: this, ...means, log: log.child({ channel: id }) });
    this.#pace = settings.rate === null ? null : new Pace(settings.rate);
    this.#sent = new RecentRate(deps.clock);
  }

  start(): void {
    this.#reach.start();
  }

  room(lane: Category): number {
    if (!this.#reach.isUp || this.#stopping || this.#restsLong) return 0;
    const held = this.#waiting.count(lane) + this.#flyingOf[lane];
    const soon = Math.ceil((this.#sent.perSecond * AHEAD_MS) / 1000);
    const most = this.#reach.onTrial
      ? 1
      : this.#settings.window + Math.max(this.#settings.window * AHEAD_WINDOWS, soon);
    return Math.max(0, most - held);
  }

  send(batch: readonly Outgoing[]): void {
    this.#waiting.add(batch);
    if (this.#reach.isUp && !this.#stopping) this.#fill();
    else this.#handBack();
    this.#tellDone();
  }

  recall(planIds: ReadonlySet<number>): void {
    for (const message of this.#waiting.takePlans(planIds)) this.#flights.notSent(message);
    this.#tellDone();
  }

  status(): ChannelStatus {
    return {
      link: this.#reach.link,
      reason: this.#reach.reason,
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
          link: this.#reach.link,
          reason: this.#reach.reason,
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

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#reach.stop();
    this.#wake?.cancel();
    this.#handBack();
    for (const flight of this.#unanswered.splice(0))
      this.#flights.lost(flight, 'the channel stopped before it answered');
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
    this.#reach.stopped();
  }

  up(): void {
    this.#fill();
    this.#tellDone();
    this.#listener.room(this.id);
  }

  down(reason: string): void {
    this.#handBack();
    const now = this.#clock.monotonic();
    const late = this.#unanswered.filter(({ since }) => now - since >= ASK_AGAIN_MS);
    this.#unanswered = this.#unanswered.filter((flight) => !late.includes(flight));
    for (const flight of late) this.#flights.lost(flight, reason);
  }

  well(): void {
    this.#listener.room(this.id);
  }

  /** Whether the carrier has asked for a pause in which nothing should be held that others could send. */
  get #restsLong(): boolean {
    return this.#pauses.leftMs > AHEAD_MS;
  }

  /** Requests that may be under way now. */
  get #places(): number {
    return this.#reach.onTrial ? 1 : this.#settings.window;
  }

  #fill(): void {
    this.#leave();
    this.#meter.holds(this.#hold(), this.#flying.size);
  }

  /** What keeps it from sending more. */
  #hold(): Hold {
    if (!this.#reach.isUp) return 'down';
    if (this.#waiting.empty && this.#unanswered.length === 0) return 'idle';
    if (this.#flying.size >= this.#places) return 'window';
    return this.#pauses.leftMs > 0 ? 'throttled' : 'rate';
  }

  /** Sends as much as window, rate and the carrier's wishes allow. */
  #leave(): void {
    if (!this.#reach.isUp || this.#stopping) return;
    if (this.#mayWrite !== null && !this.#mayWrite()) {
      this.#handBack();
      for (const flight of this.#unanswered.splice(0)) this.#flights.lost(flight, NOT_OURS);
      return;
    }
    const pause = this.#pauses.leftMs;
    if (pause > 0) {
      this.#fillIn(pause);
      return;
    }
    const places = this.#places - this.#flying.size;
    if (places <= 0) return;
    const now = this.#clock.monotonic();
    const free = this.#pace === null ? places : this.#pace.free(now, places);
    const flights = this.#unanswered.splice(0, free);
    for (const message of this.#waiting.take(free - flights.length)) {
      const request = this.#provider.request(message);
      if ('never' in request) this.#flights.impossible(message, request.never);
      else flights.push(this.#flights.leaving(message, request));
    }
    this.#flights.write();
    for (const flight of flights) this.#fly(flight);
    const more = this.#unanswered.length > 0 || !this.#waiting.empty;
    if (more && this.#pace !== null && free < places)
      this.#fillIn(Math.max(0, this.#pace.nextAt - this.#clock.monotonic()));
  }

  #fillIn(ms: number): void {
    this.#wake?.cancel();
    this.#wake = this.#clock.setTimer(() => {
      this.#fill();
      this.#tellDone();
      this.#listener.room(this.id);
    }, Math.ceil(ms));
  }

  #fly(flight: Flight): void {
    this.#pace?.took(1, this.#clock.monotonic());
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
      this.#reach.down(exchange.reason);
      // Asked for again: the first request may have got there.
      if (flight.since >= 0) this.#askAgain(flight, exchange.reason);
      else this.#flights.back(flight);
      return;
    }
    if (flight.since < 0) flight.since = this.#clock.monotonic();
    if (exchange.kind === 'noAnswer') {
      this.#meter.unanswered();
      this.#reach.doubt(exchange.reason);
      this.#askAgain(flight, exchange.reason);
      return;
    }
    this.#meter.answered(TAKING[judged.outcome] ?? 'refused', exchange.status, tookMs);
    this.#judged(flight, judged, retryAfterMs(exchange.headers['retry-after'], this.#clock.now(), RETRY_AFTER_MAX_MS));
  }

  #judged(flight: Flight, { outcome, carrierId, error }: Judgement, retryAfter: number): void {
    if (outcome === 'trouble') this.#reach.doubt(error);
    else if (outcome !== 'unknown') this.#reach.well();
    if (outcome === 'throttled') this.#slowDown(retryAfter);
    switch (outcome) {
      case 'accepted':
        this.#pauses.taken();
        this.#submitted++;
        this.#flights.accepted(flight, carrierId);
        break;
      case 'unknown':
        this.#askAgain(flight, error);
        break;
      case 'trouble':
      case 'throttled':
      case 'later':
        // It says nothing of the earlier request.
        if (flight.lost) this.#askAgain(flight, error);
        else this.#flights.refused(flight, 'later', error);
        break;
      case 'elsewhere':
      case 'never':
        this.#flights.refused(flight, outcome, error);
    }
  }

  /** No answer, or none that says what became of the message. */
  #askAgain(flight: Flight, reason: string): void {
    const over = this.#clock.monotonic() - flight.since >= ASK_AGAIN_MS;
    if (!this.#provider.repeatable || over || this.#stopping) {
      this.#flights.lost(flight, reason);
      return;
    }
    // What says nothing for sure may say so each time.
    this.#reach.doubt(reason);
    flight.lost = true;
    this.#unanswered.push(flight);
  }

  #handBack(): void {
    for (const message of this.#waiting.takeAll()) this.#flights.notSent(message);
  }

  #tellDone(): void {
    const done = this.#flights.takeDone();
    if (done.length > 0) this.#listener.answered(this.id, done);
  }

  #slowDown(retryAfter: number): void {
    this.#throttled++;
    this.#pauses.asked(retryAfter);
    if (this.#restsLong) this.#handBack();
  }
}

const NOT_OURS = 'the channel was not owned by this process any more';
const NOT_JUDGED: Judgement = { outcome: 'unknown', carrierId: '', error: '' };

/** How an answer is counted, if not as refused. */
const TAKING: Partial<Record<AnswerOutcome, Taking>> = { accepted: 'accepted', throttled: 'throttled' };

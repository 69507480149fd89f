import {
  type Answer,
  EncodeError,
  type InboundPdu,
  type LateResponse,
  STATUS,
  systemClock as sessionClock,
  statusName,
} from '@signet/smpp';
import type { Hold } from '../../domain/bind-hold.ts';
import type { Category } from '../../domain/category.ts';
import { MESSAGE_ERRORS } from '../../domain/message-error.ts';
import type { SmppSettings } from '../../domain/smpp-settings.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import { RecentRate } from '../../lib/recent-rate.ts';
import type { ChannelListener, ChannelReading, ChannelStatus, OutChannel, Outgoing } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import type { FlightLog } from '../flight-log.ts';
import { BackPressure } from './back-pressure.ts';
import { Bind, type BindOwner, type PartSession } from './bind.ts';
import type { Part } from './flight.ts';
import { Flights, type Writing } from './flights.ts';
import { Intake } from './intake.ts';
import { Pacer } from './pacer.ts';
import { SubmissionEncoder } from './submission.ts';
import { StatusWords } from './words.ts';

/** Parts of a lane held beyond the window, so that the next write never waits for the store. */
const AHEAD_WINDOWS = 10;
const AHEAD_MIN = 1_000;
/** Where that is more than a carrier takes in this time, less is held: it could not be taken back or overtaken. */
const AHEAD_MS = 1_000;
const AHEAD_LEAST_WINDOWS = 2;
/** What is due within this time is written together. */
const TOGETHER_MS = 5;

const BIND_TYPES = { transceiver: ['transceiver'], transmitter_receiver: ['transmitter', 'receiver'] } as const;

/**
 * A channel over SMPP: keeps its binds up and their windows full, within its rate and what the carrier bears, and tells
 * what became of each message.
 */
export class SmppConnector implements OutChannel, BindOwner {
  readonly id: number;
  readonly asksForPlans: boolean;
  readonly #settings: SmppSettings;
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #flights: Flights;
  readonly #words: StatusWords;
  readonly #binds: readonly Bind[];
  /** Those that messages are sent over. */
  readonly #senders: readonly Bind[];
  readonly #intakes: ReadonlyMap<Bind, Intake>;
  /** When a bind came or went last, by the wall clock: what one did not get done comes again over another. */
  #linkSince = 0;
  readonly #up = new Set<Bind>();
  /** Null: at any time. */
  readonly #mayWrite: (() => boolean) | null;
  /** Null without a rate. */
  readonly #pacer: Pacer | null;
  readonly #pressure = new BackPressure();
  /** Runs until something may be written again. */
  #waiting: Timer | null = null;
  /** A write is to come when the input that is there has been read. */
  #writingSoon = false;
  /** Which bind is served first next time. */
  #turn = 0;
  #stopping = false;
  /** Parts taken lately, and since when some have waited all the time; Infinity while none does. */
  readonly #taken: RecentRate;
  #busySince = Number.POSITIVE_INFINITY;
  #submitted = 0;
  #throttled = 0;

  constructor(
    id: number,
    settings: SmppSettings,
    deps: {
      listener: ChannelListener;
      flightLog: FlightLog;
      exchangeLog: ExchangeLog | null;
      /** Asked before each socket write; once it says no, links are cut. Null: everything may be written. */
      mayWrite?: (() => boolean) | null;
      clock: Clock;
      log: Logger;
    },
  ) {
    this.id = id;
    this.#settings = settings;
    this.asksForPlans = settings.senderRule === 'business' || settings.validityPeriod !== 'none';
    this.#listener = deps.listener;
    this.#clock = deps.clock;
    const log = deps.log.child({ channel: id });
    this.#taken = new RecentRate(deps.clock);
    this.#words = new StatusWords(settings.statusOutcomes);
    this.#pacer = settings.rate === null ? null : new Pacer(settings.rate);
    const types = Array.from({ length: settings.binds }, () => BIND_TYPES[settings.bindMode]).flat();
    const { clock, exchangeLog, listener, mayWrite = null } = deps;
    this.#mayWrite = mayWrite;
    const means = { owner: this, exchangeLog, mayWrite, clock, log };
    this.#binds = types.map((type, i) => new Bind(i + 1, type, settings, means));
    this.#senders = this.#binds.filter(({ sends }) => sends);
    const intake = { listener, clock, linkSince: () => this.#linkSince };
    this.#intakes = new Map(this.#binds.map((bind) => [bind, new Intake(id, bind, intake)]));
    const ahead = Math.max(AHEAD_MIN, this.#window * AHEAD_WINDOWS);
    this.#flights = new Flights(id, new SubmissionEncoder(settings), deps.flightLog, ahead, deps.clock);
  }

  /** Places of all windows. */
  get #window(): number {
    return this.#settings.window * this.#senders.length;
  }

  get #isUp(): boolean {
    return this.#senders.some(({ isUp }) => isUp);
  }

  start(): void {
    // A carrier may send with its first octets what an earlier process had not answered.
    this.#linkSince = this.#clock.now();
    for (const bind of this.#binds) bind.start();
  }

  room(lane: Category): number {
    return this.#isUp && !this.#stopping ? this.#flights.room(lane, this.#ahead()) : 0;
  }

  recall(planIds: ReadonlySet<number>): void {
    this.#flights.recall(planIds);
    this.#tellDone();
  }

  /** Parts of a lane to be held at most: no more than are soon sent, once it is known how fast the carrier is. */
  #ahead(): number {
    if (!(this.#clock.monotonic() - this.#busySince >= AHEAD_MS)) return Number.POSITIVE_INFINITY;
    const soon = Math.ceil((this.#taken.perSecond * AHEAD_MS) / 1000);
    return Math.max(this.#window * AHEAD_LEAST_WINDOWS, soon);
  }

  status(): ChannelStatus {
    const down = this.#binds.find(({ isUp }) => !isUp);
    const connecting = this.#senders.some(({ link }) => link === 'connecting');
    const reason =
      down === undefined || this.#binds.length === 1 ? down?.reason : `bind ${down.number}: ${down.reason}`;
    return {
      link: this.#isUp ? 'bound' : connecting ? 'connecting' : 'down',
      reason: reason ?? '',
      inFlight: this.#binds.reduce((sum, { inFlight }) => sum + inFlight, 0),
      window: this.#window,
      submitted: this.#submitted,
      throttled: this.#throttled,
    };
  }

  reading(): ChannelReading {
    const { rate, window } = this.#settings;
    const { rate: learned } = this.#pressure;
    const isLearned = learned !== null && (rate === null || learned < rate);
    const perSecond = isLearned ? Math.round(learned) : rate;
    return {
      binds: this.#binds.map((bind) => bind.reading(this.#pressure.windowOf(window))),
      waiting: this.#flights.waiting,
      rate: perSecond === null ? null : { perSecond, learned: isLearned },
      statusName,
    };
  }

  send(batch: readonly Outgoing[]): void {
    this.#flights.add(batch);
    if (this.#isUp && !this.#stopping) this.#fill();
    else this.#flights.handBack();
    this.#tellDone();
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#waiting?.cancel();
    this.#flights.handBack();
    this.#tellDone();
    // Reports go on coming in until nothing is open any more.
    await Promise.all(this.#senders.map((bind) => bind.stop(drainMs)));
    await Promise.all(this.#binds.map((bind) => bind.stop(drainMs)));
  }

  up(bind: Bind): void {
    this.#linkSince = this.#clock.now();
    this.#up.add(bind);
    if (!bind.sends) {
      bind.meter.holds('idle', 0);
      return;
    }
    this.#fill();
    this.#listener.room(this.id);
  }

  down(bind: Bind): void {
    // A try that failed has changed nothing.
    if (this.#up.delete(bind)) this.#linkSince = this.#clock.now();
    this.#intakes.get(bind)!.closed();
    this.#flights.left(bind);
    if (this.#isUp && !this.#stopping) this.#fill();
    else this.#flights.handBack();
    this.#tellDone();
  }

  writable(): void {
    this.#fill();
  }

  inbound(bind: Bind, session: PartSession, pdus: readonly InboundPdu[]): void {
    this.#intakes.get(bind)!.take(session, pdus);
  }

  answered(bind: Bind, answers: readonly Answer<Part>[]): void {
    bind.exchanges?.answered(answers);
    const now = this.#clock.monotonic();
    const answeredAt = sessionClock.now();
    const { meter } = bind;
    let taken = 0;
    let told = 0;
    for (const { context, outcome, status, messageId, sentAt } of answers) {
      if (outcome !== 'answered') {
        meter.unanswered();
        this.#flights.unknown(context, outcome === 'closed');
      } else if (status === STATUS.ESME_ROK) {
        taken++;
        meter.answered('accepted', status, answeredAt - sentAt);
        this.#flights.accepted(context, messageId);
      } else if (this.#words.outcomeOf(status) === 'throttled') {
        this.#throttled++;
        meter.answered('throttled', status, answeredAt - sentAt);
        // What was taken before it is told before it: the order says whether the speed is why.
        if (taken > told) this.#pressure.taken(taken - told, now, this.#busySince);
        told = taken;
        const slower = this.#pressure.throttled(context.epoch, now, this.#busySince);
        this.#flights.throttled(context, this.#words.refusalOf(status), slower);
      } else {
        meter.answered('refused', status, answeredAt - sentAt);
        this.#flights.refused(context, this.#words.refusalOf(status));
      }
    }
    if (taken > 0) {
      this.#submitted += taken;
      this.#taken.add(taken);
      if (taken > told) this.#pressure.taken(taken - told, now, this.#busySince);
    }
    if (this.#stopping) this.#flights.handBack();
    this.#tellDone();
    if (this.#pacer === null) this.#fill();
    else this.#fillSoon();
  }

  /** Answers after their timeout: the messages are uncertain already, and the answers settle them. */
  late(bind: Bind, responses: readonly LateResponse<Part>[]): void {
    bind.exchanges?.late(responses);
    const done = [];
    for (const { context, response } of responses) {
      if (context === undefined || response.command !== 'submit_sm_resp' || response.status !== STATUS.ESME_ROK)
        continue;
      done.push(this.#flights.acceptedLate(context, response.message_id));
    }
    if (done.length > 0) this.#listener.answered(this.id, done);
  }

  /** Fills after the read that is going on, at whose end the session would write: a paced write has to leave at once. */
  #fillSoon(): void {
    if (this.#writingSoon) return;
    this.#writingSoon = true;
    this.#clock.afterInput(() => {
      this.#writingSoon = false;
      this.#fill();
    });
  }

  /** Writes as much as windows, rate, carrier and sockets take: many PDUs, one write for each bind. */
  #fill(): void {
    if (this.#stopping) return;
    if (this.#mayWrite !== null && !this.#mayWrite()) {
      // Before anything is taken: what has not left is given back for sure.
      for (const bind of this.#binds) bind.cut();
      return;
    }
    const now = this.#clock.monotonic();
    const free = Math.min(this.#pressure.free(now), this.#pacer?.free(now) ?? Number.POSITIVE_INFINITY);
    if (this.#senders.length === 1) this.#write(this.#senders[0]!, free);
    else this.#spread(free);
    this.#tellDone();
    this.#waitUntilFree();
    for (const bind of this.#senders) bind.meter.holds(this.#holdOf(bind), bind.inFlight);
  }

  /** What keeps a bind from sending more. */
  #holdOf(bind: Bind): Hold {
    const { session } = bind;
    if (session === null || !bind.isUp) return 'down';
    if (!this.#flights.busy) return 'idle';
    if (!session.writable) return 'socket';
    if (this.#places(bind) === 0) return 'window';
    if (this.#pressure.rests(this.#clock.monotonic())) return 'throttled';
    return this.#pacer === null && !this.#pressure.limits ? 'window' : 'rate';
  }

  /** Gives each bind its part of what waits, so that one alone does not get all of a little. */
  #spread(free: number): void {
    let left = free;
    for (let written = -1; written !== 0 && left > 0; left -= written) {
      const open = this.#senders.filter((bind) => this.#places(bind) > 0);
      written = 0;
      for (let i = 0; i < open.length && this.#flights.busy; i++) {
        const bind = open[(this.#turn + i) % open.length]!;
        const share = Math.ceil(Math.min(left - written, this.#flights.waitingParts) / (open.length - i));
        written += this.#write(bind, share);
      }
      this.#turn++;
    }
  }

  /** Places that are free in a bind's window. */
  #places(bind: Bind): number {
    const { session } = bind;
    if (session === null || !bind.isUp || !session.writable) return 0;
    const { window } = this.#settings;
    const unused = window - this.#pressure.windowOf(window);
    return Math.max(0, session.free - unused);
  }

  /** Writes parts over a bind, as many as it has places for; returns how many. */
  #write(bind: Bind, most: number): number {
    const places = Math.min(most, this.#places(bind));
    if (places === 0) return 0;
    const writing = this.#flights.take(places, bind, this.#pressure.epoch);
    const count = writing.parts.length;
    if (count === 0) return 0;
    this.#submit(bind.session!, writing);
    const now = this.#clock.monotonic();
    this.#pacer?.wrote(count, now);
    this.#pressure.wrote(count, now);
    return count;
  }

  #submit(session: PartSession, { bodies, parts }: Writing): void {
    let from = 0;
    while (from < bodies.length) {
      try {
        const taken = session.submitMany(bodies, parts, from);
        if (taken === 0) break;
        from += taken;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        // A body that can never be sent, a sender that is too long say: it is refused here, the others go on.
        const at = error.index ?? from;
        this.#flights.refused(parts[at]!, { kind: 'refused', retry: 'never', error: error.message });
        from = at + 1;
      }
    }
    // The link went away under our hands: nothing of these left.
    for (const part of parts.slice(from)) {
      this.#flights.refused(part, { kind: 'refused', retry: 'later', error: MESSAGE_ERRORS.linkClosed });
    }
  }

  /** Looks again when rate and carrier take something again, if anything waits. */
  #waitUntilFree(): void {
    if (this.#waiting !== null || (this.#pacer === null && !this.#pressure.limits) || !this.#flights.busy) return;
    // Where all windows are full, answers come first.
    if (!this.#senders.some((bind) => this.#places(bind) > 0)) return;
    const at = Math.max(this.#pacer?.nextAt ?? 0, this.#pressure.nextAt);
    this.#waiting = this.#clock.setTimer(
      () => {
        this.#waiting = null;
        this.#fill();
      },
      Math.max(TOGETHER_MS, at - this.#clock.monotonic()),
    );
  }

  #tellDone(): void {
    const done = this.#flights.takeDone();
    if (!this.#flights.busy) this.#busySince = Number.POSITIVE_INFINITY;
    else if (this.#busySince === Number.POSITIVE_INFINITY) this.#busySince = this.#clock.monotonic();
    if (done.length > 0) this.#listener.answered(this.id, done);
  }
}

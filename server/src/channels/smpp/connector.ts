import {
  type Answer,
  BindError,
  type CloseReason,
  type DeliverSm,
  EncodeError,
  EsmeSession,
  type InboundPdu,
  type LateResponse,
  parseReceipt,
  STATUS,
} from '@signet/smpp';
import { CATEGORIES, type Category } from '../../domain/category.ts';
import type { SmppSettings } from '../../domain/channel.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { type Logger, maskNumber } from '../../lib/log.ts';
import type { Answered, ChannelListener, ChannelReport, ChannelStatus, OutChannel, Outgoing } from '../channel.ts';
import type { FlightLog } from '../flight-log.ts';
import { SubmissionEncoder, type SubmitBody } from './submission.ts';
import { isThrottled, REPORTED, refusalOf } from './words.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const THROTTLE_MIN_MS = 100;
const THROTTLE_MAX_MS = 5_000;
/** Messages of a lane held beyond the window, so that the next write never waits for the store. */
const AHEAD_WINDOWS = 10;
const AHEAD_MIN = 1_000;
/** Reports not yet safe in the store, before reading from the carrier stops for a while. */
const MAX_OPEN_REPORTS = 20_000;

/** A message between being handed in and being answered. */
interface Flight {
  message: Outgoing;
  /** Parts of the whole text. */
  parts: number;
  /** Those that are to be sent: fewer once one has failed. */
  bodies: SubmitBody[];
  /** Parts written so far. */
  written: number;
  /** Parts answered so far. */
  answered: number;
  carrierIds: string[];
  /** The first part's refusal; it decides for the message. */
  refusal: Extract<Outcome, { kind: 'refused' }> | null;
  unknown: string | null;
  /** Place in the flight log, once octets are about to leave. */
  place: number;
}

/** The context of one submit_sm: its message and which part of it. */
interface PartContext {
  flight: Flight;
  part: number;
}

/** One SMPP bind as a transceiver: keeps the link up, keeps its window full, and tells what became of each message. */
export class SmppConnector implements OutChannel {
  readonly id: number;
  readonly #settings: SmppSettings;
  readonly #listener: ChannelListener;
  readonly #flightLog: FlightLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #encoder: SubmissionEncoder;
  readonly #ahead: number;
  #session: EsmeSession<PartContext> | null = null;
  #link: ChannelStatus['link'] = 'down';
  #reason = 'not started';
  #attempt = 0;
  #timer: Timer | null = null;
  #stopping = false;
  /** Handed in and not wholly written, by lane; the first of a lane may be partly written. */
  readonly #waiting: Record<Category, Flight[]> = { verification: [], notification: [], marketing: [] };
  /** Handed in and not answered. */
  readonly #held: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  #pausedUntil = 0;
  #throttleMs = 0;
  #openReports = 0;
  #submitted = 0;
  #throttled = 0;

  constructor(
    id: number,
    settings: SmppSettings,
    deps: { listener: ChannelListener; flightLog: FlightLog; clock: Clock; log: Logger },
  ) {
    this.id = id;
    this.#settings = settings;
    this.#listener = deps.listener;
    this.#flightLog = deps.flightLog;
    this.#clock = deps.clock;
    this.#log = deps.log.child({ channel: id });
    this.#encoder = new SubmissionEncoder(settings.sender, settings.receipts);
    this.#ahead = Math.max(AHEAD_MIN, settings.window * AHEAD_WINDOWS);
  }

  start(): void {
    this.#connect();
  }

  room(lane: Category): number {
    return this.#link === 'bound' && !this.#stopping ? Math.max(0, this.#ahead - this.#held[lane]) : 0;
  }

  status(): ChannelStatus {
    return {
      link: this.#link,
      reason: this.#reason,
      inFlight: this.#session?.unanswered ?? 0,
      window: this.#settings.window,
      submitted: this.#submitted,
      throttled: this.#throttled,
    };
  }

  send(batch: readonly Outgoing[]): void {
    for (const message of batch) {
      const bodies = this.#encoder.encode(message.recipient, message.text);
      this.#held[message.lane]++;
      this.#waiting[message.lane].push({
        message,
        parts: bodies.length,
        bodies,
        written: 0,
        answered: 0,
        carrierIds: [],
        refusal: null,
        unknown: null,
        place: -1,
      });
    }
    if (this.#link === 'bound') this.#fill();
    else this.#handBackWaiting();
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#handBackWaiting();
    await this.#session?.unbind(drainMs);
    this.#link = 'down';
    this.#reason = 'stopped';
  }

  #connect(): void {
    if (this.#stopping) return;
    this.#link = 'connecting';
    const { host, port, systemId, password, systemType, window, responseTimeoutMs, enquireLinkMs } = this.#settings;
    const session = new EsmeSession<PartContext>({
      host,
      port,
      system_id: systemId,
      password,
      system_type: systemType,
      window,
      responseTimeoutMs,
      enquireLinkMs,
    });
    this.#session = session;
    session.on('results', (answers) => this.#answered(answers));
    session.on('pdus', (pdus) => this.#inbound(session, pdus));
    session.on('late', (responses) => this.#late(responses));
    session.on('drain', () => this.#fill());
    session.on('malformed', (error) => this.#log.warn({ err: error }, 'the carrier sent a PDU that cannot be read'));
    session.on('closed', (reason) => this.#closed(reason));
    session.open().then(
      () => {
        this.#link = 'bound';
        this.#reason = '';
        this.#attempt = 0;
        this.#log.info({ host, port }, 'bound');
        this.#fill();
        this.#listener.room(this.id);
      },
      (error: unknown) => {
        // `closed` has been emitted as well and has planned the next try; here only the cause is told.
        const refused = error instanceof BindError && error.status !== undefined;
        if (refused) this.#log.error({ err: error }, 'the carrier refused the bind: check system id and password');
      },
    );
  }

  #closed(reason: CloseReason): void {
    const wasBound = this.#link === 'bound';
    this.#link = 'down';
    this.#reason = `${reason.kind}: ${reason.detail}`;
    this.#session = null;
    this.#openReports = 0;
    this.#handBackWaiting();
    if (this.#stopping) return;
    const delay = nextDelayMs(this.#attempt++, RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    if (wasBound || this.#attempt === 1) this.#log.warn({ reason: this.#reason, retryInMs: delay }, 'the link is down');
    this.#timer = this.#clock.setTimer(() => this.#connect(), delay);
  }

  /** Writes as much as window, throttle and socket take: many PDUs, one write. */
  #fill(): void {
    const session = this.#session;
    if (
      session === null ||
      this.#link !== 'bound' ||
      !session.writable ||
      this.#clock.monotonic() < this.#pausedUntil
    ) {
      return;
    }
    const bodies: SubmitBody[] = [];
    const contexts: PartContext[] = [];
    let free = session.free;
    for (const lane of CATEGORIES) free -= this.#fillFrom(this.#waiting[lane], free, bodies, contexts);
    if (bodies.length === 0) return;
    this.#flightLog.write();
    this.#submit(session, bodies, contexts);
  }

  /** Takes at most `free` parts from a lane's waiting messages; returns how many. */
  #fillFrom(waiting: Flight[], free: number, bodies: SubmitBody[], contexts: PartContext[]): number {
    let left = free;
    let whole = 0;
    for (const flight of waiting) {
      if (left === 0) break;
      if (flight.written === 0) flight.place = this.#flightLog.leaving(flight.message.planId, flight.message.index);
      while (left > 0 && flight.written < flight.bodies.length) {
        bodies.push(flight.bodies[flight.written]!);
        contexts.push({ flight, part: flight.written++ });
        left--;
      }
      if (flight.written === flight.bodies.length) whole++;
    }
    waiting.splice(0, whole);
    return free - left;
  }

  #submit(session: EsmeSession<PartContext>, bodies: SubmitBody[], contexts: PartContext[]): void {
    let from = 0;
    while (from < bodies.length) {
      try {
        const taken = session.submitMany(bodies, contexts, from);
        if (taken === 0) break;
        from += taken;
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        // A body that can never be sent, a sender that is too long say: it is refused here, the others go on.
        const at = Number((error as { index?: number }).index ?? from);
        const done: Answered[] = [];
        this.#partRefused(contexts[at]!, { kind: 'refused', retry: 'never', error: error.message }, done);
        this.#report(done);
        from = at + 1;
      }
    }
    // The link went away under our hands: nothing of these left.
    if (from < bodies.length) {
      const done: Answered[] = [];
      for (const context of contexts.slice(from)) this.#partRefused(context, notTaken, done);
      this.#report(done);
    }
  }

  #answered(answers: readonly Answer<PartContext>[]): void {
    const done: Answered[] = [];
    let throttled = false;
    for (const answer of answers) {
      const { flight, part } = answer.context;
      if (answer.outcome === 'answered') {
        if (answer.status === STATUS.ESME_ROK) {
          this.#submitted++;
          flight.carrierIds[part] = answer.messageId;
          this.#partDone(flight, done);
        } else {
          if (isThrottled(answer.status)) {
            throttled = true;
            this.#throttled++;
          }
          this.#partRefused(answer.context, refusalOf(answer.status), done);
        }
      } else {
        flight.unknown ??= answer.outcome === 'timeout' ? 'no answer in time' : 'the link was lost before the answer';
        this.#cutShort(flight);
        this.#partDone(flight, done);
      }
    }
    if (throttled) this.#slowDown();
    else if (done.length > 0) this.#throttleMs = 0;
    this.#report(done);
    this.#fill();
  }

  #partRefused({ flight }: PartContext, refusal: Extract<Outcome, { kind: 'refused' }>, done: Answered[]): void {
    flight.refusal ??= refusal;
    this.#cutShort(flight);
    this.#partDone(flight, done);
  }

  /** Leaves out the parts that were not written yet: the message has failed already. */
  #cutShort(flight: Flight): void {
    if (flight.written === flight.bodies.length) return;
    flight.bodies.length = flight.written;
    const { lane } = flight.message;
    this.#waiting[lane] = this.#waiting[lane].filter((other) => other !== flight);
  }

  #partDone(flight: Flight, done: Answered[]): void {
    if (++flight.answered === flight.bodies.length) this.#done(flight, done);
  }

  #done(flight: Flight, done: Answered[]): void {
    const { planId, index, recipient } = flight.message;
    let outcome: Outcome;
    if (flight.unknown !== null) outcome = { kind: 'unknown', error: flight.unknown };
    else if (flight.refusal !== null) outcome = flight.refusal;
    else outcome = { kind: 'accepted', carrierIds: flight.carrierIds };
    if (outcome.kind === 'accepted') this.#flightLog.accepted(this.id, planId, index, recipient, outcome.carrierIds);
    else if (outcome.kind === 'refused') this.#flightLog.notAccepted(planId, index);
    done.push({ message: flight.message, outcome, place: flight.place });
  }

  #report(done: Answered[]): void {
    if (done.length === 0) return;
    this.#flightLog.write();
    for (const { message } of done) this.#held[message.lane]--;
    this.#listener.answered(this.id, done);
  }

  /** Gives back what was handed in and of which nothing has left, and what has left in part only. */
  #handBackWaiting(): void {
    const done: Answered[] = [];
    for (const lane of CATEGORIES) {
      for (const flight of this.#waiting[lane].splice(0)) {
        if (flight.written === 0) {
          done.push({ message: flight.message, outcome: { kind: 'notSent' }, place: -1 });
          continue;
        }
        // The carrier has the first parts; what it makes of them nobody can say.
        flight.unknown ??= 'the link was lost between the parts of the text';
        flight.bodies.length = flight.written;
        if (flight.answered === flight.written) this.#done(flight, done);
      }
    }
    this.#report(done);
  }

  #slowDown(): void {
    this.#throttleMs = Math.min(THROTTLE_MAX_MS, Math.max(THROTTLE_MIN_MS, this.#throttleMs * 2));
    this.#pausedUntil = this.#clock.monotonic() + this.#throttleMs;
    this.#clock.setTimer(() => this.#fill(), this.#throttleMs + 1);
  }

  /** An answer after its timeout: the message is uncertain already, and the answer settles it. */
  #late(responses: readonly LateResponse<PartContext>[]): void {
    const done: Answered[] = [];
    for (const { context, response } of responses) {
      if (context === undefined || response.command !== 'submit_sm_resp' || context.flight.parts > 1) continue;
      if (response.status !== STATUS.ESME_ROK) continue;
      // Its place in the flight log has been given back with the first answer.
      const { message } = context.flight;
      done.push({ message, outcome: { kind: 'accepted', carrierIds: [response.message_id] }, place: -1 });
    }
    if (done.length > 0) this.#listener.answered(this.id, done);
  }

  #inbound(session: EsmeSession<PartContext>, pdus: readonly InboundPdu[]): void {
    const requests: DeliverSm[] = [];
    const reports: ChannelReport[] = [];
    for (const pdu of pdus) {
      if (pdu.command !== 'deliver_sm') {
        if (pdu.command === 'data_sm') session.respond(pdu, STATUS.ESME_RX_R_APPN);
        continue;
      }
      const receipt = parseReceipt(pdu);
      if (receipt === null) {
        this.#log.warn(
          { from: maskNumber(pdu.source_addr) },
          'an inbound message was refused: this version takes delivery reports only',
        );
        session.respond(pdu, STATUS.ESME_RX_R_APPN);
        continue;
      }
      requests.push(pdu);
      const state = REPORTED[receipt.state] ?? null;
      if (state === null || receipt.messageId === '') continue;
      reports.push({
        carrierId: receipt.messageId,
        recipient: readRecipient(pdu.source_addr),
        state,
        error: receipt.error,
      });
    }
    if (requests.length === 0) return;
    if (reports.length === 0) {
      session.respondMany(requests);
      return;
    }
    this.#openReports += reports.length;
    if (this.#openReports > MAX_OPEN_REPORTS) session.pause();
    this.#listener.reported(this.id, reports).then(
      () => this.#reportsSafe(session, requests, STATUS.ESME_ROK, reports.length),
      // The carrier keeps them and delivers them again.
      () => this.#reportsSafe(session, requests, STATUS.ESME_RX_T_APPN, reports.length),
    );
  }

  #reportsSafe(session: EsmeSession<PartContext>, requests: DeliverSm[], status: number, count: number): void {
    session.respondMany(requests, status);
    if (session !== this.#session) return;
    this.#openReports -= count;
    if (this.#openReports < MAX_OPEN_REPORTS / 2) session.resume();
  }
}

const notTaken: Extract<Outcome, { kind: 'refused' }> = { kind: 'refused', retry: 'later', error: 'the link closed' };

/** The number a report speaks of: where the message went, which is the report's source. */
function readRecipient(address: string): number | null {
  const digits = address.replace(/^\+/, '');
  return /^\d{5,15}$/.test(digits) ? Number(digits) : null;
}

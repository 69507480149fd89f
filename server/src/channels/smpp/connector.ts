import {
  type Answer,
  BindError,
  type CloseReason,
  type DeliverSm,
  EncodeError,
  EsmeSession,
  type InboundPdu,
  type LateResponse,
  STATUS,
} from '@signet/smpp';
import type { Category } from '../../domain/category.ts';
import type { SmppSettings } from '../../domain/channel.ts';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { type Logger, maskNumber } from '../../lib/log.ts';
import type { ChannelListener, ChannelStatus, OutChannel, Outgoing } from '../channel.ts';
import type { FlightLog } from '../flight-log.ts';
import { Flights, type Part, type Writing } from './flights.ts';
import { sortInbound } from './reports.ts';
import { SubmissionEncoder } from './submission.ts';
import { isThrottled, refusalOf } from './words.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 30_000;
const THROTTLE_MIN_MS = 100;
const THROTTLE_MAX_MS = 5_000;
/** Messages of a lane held beyond the window, so that the next write never waits for the store. */
const AHEAD_WINDOWS = 10;
const AHEAD_MIN = 1_000;
/** Reports not yet safe in the store, before reading from the carrier stops for a while. */
const MAX_OPEN_REPORTS = 20_000;

/** One SMPP bind as a transceiver: keeps the link up, keeps its window full, and tells what became of each message. */
export class SmppConnector implements OutChannel {
  readonly id: number;
  readonly #settings: SmppSettings;
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #flights: Flights;
  #session: EsmeSession<Part> | null = null;
  #link: ChannelStatus['link'] = 'down';
  #reason = 'not started';
  #attempt = 0;
  #timer: Timer | null = null;
  #stopping = false;
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
    this.#clock = deps.clock;
    this.#log = deps.log.child({ channel: id });
    const encoder = new SubmissionEncoder(settings.sender, settings.receipts);
    const ahead = Math.max(AHEAD_MIN, settings.window * AHEAD_WINDOWS);
    this.#flights = new Flights(id, encoder, deps.flightLog, ahead);
  }

  start(): void {
    this.#connect();
  }

  room(lane: Category): number {
    return this.#link === 'bound' && !this.#stopping ? this.#flights.room(lane) : 0;
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
    this.#flights.add(batch);
    if (this.#link === 'bound') this.#fill();
    else this.#handBack();
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    this.#handBack();
    await this.#session?.unbind(drainMs);
    this.#link = 'down';
    this.#reason = 'stopped';
  }

  #connect(): void {
    if (this.#stopping) return;
    this.#link = 'connecting';
    const { host, port, systemId, password, systemType, window, responseTimeoutMs, enquireLinkMs } = this.#settings;
    const session = new EsmeSession<Part>({
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
    this.#handBack();
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
    const writing = this.#flights.take(session.free);
    if (writing.parts.length === 0) return;
    this.#submit(session, writing);
    this.#tellDone();
  }

  #submit(session: EsmeSession<Part>, { bodies, parts }: Writing): void {
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
      this.#flights.refused(part, { kind: 'refused', retry: 'later', error: 'the link closed' });
    }
  }

  #answered(answers: readonly Answer<Part>[]): void {
    let throttled = false;
    let answered = false;
    for (const { context, outcome, status, messageId } of answers) {
      if (outcome !== 'answered') {
        const lost = outcome === 'timeout' ? 'no answer in time' : 'the link was lost before the answer';
        this.#flights.unknown(context, lost);
        continue;
      }
      answered = true;
      if (status === STATUS.ESME_ROK) {
        this.#submitted++;
        this.#flights.accepted(context, messageId);
        continue;
      }
      if (isThrottled(status)) {
        throttled = true;
        this.#throttled++;
      }
      this.#flights.refused(context, refusalOf(status));
    }
    if (throttled) this.#slowDown();
    else if (answered) this.#throttleMs = 0;
    this.#tellDone();
    this.#fill();
  }

  #handBack(): void {
    this.#flights.handBack();
    this.#tellDone();
  }

  #tellDone(): void {
    const done = this.#flights.takeDone();
    if (done.length > 0) this.#listener.answered(this.id, done);
  }

  #slowDown(): void {
    this.#throttleMs = Math.min(THROTTLE_MAX_MS, Math.max(THROTTLE_MIN_MS, this.#throttleMs * 2));
    this.#pausedUntil = this.#clock.monotonic() + this.#throttleMs;
    this.#clock.setTimer(() => this.#fill(), this.#throttleMs + 1);
  }

  /** An answer after its timeout: the message is uncertain already, and the answer settles it. */
  #late(responses: readonly LateResponse<Part>[]): void {
    const done = [];
    for (const { context, response } of responses) {
      if (context === undefined || response.command !== 'submit_sm_resp' || response.status !== STATUS.ESME_ROK)
        continue;
      const answered = this.#flights.acceptedLate(context, response.message_id);
      if (answered !== null) done.push(answered);
    }
    if (done.length > 0) this.#listener.answered(this.id, done);
  }

  #inbound(session: EsmeSession<Part>, pdus: readonly InboundPdu[]): void {
    const { receipts, reports, unwanted } = sortInbound(pdus);
    for (const pdu of unwanted) {
      this.#log.warn(
        { from: maskNumber(pdu.source_addr) },
        'an inbound message was refused: this version takes delivery reports only',
      );
      session.respond(pdu, STATUS.ESME_RX_R_APPN);
    }
    if (reports.length === 0) {
      session.respondMany(receipts);
      return;
    }
    this.#openReports += reports.length;
    if (this.#openReports > MAX_OPEN_REPORTS) session.pause();
    this.#listener.reported(this.id, reports).then(
      () => this.#reportsSafe(session, receipts, STATUS.ESME_ROK, reports.length),
      // The carrier keeps them and delivers them again.
      () => this.#reportsSafe(session, receipts, STATUS.ESME_RX_T_APPN, reports.length),
    );
  }

  #reportsSafe(session: EsmeSession<Part>, requests: DeliverSm[], status: number, count: number): void {
    session.respondMany(requests, status);
    if (session !== this.#session) return;
    this.#openReports -= count;
    if (this.#openReports < MAX_OPEN_REPORTS / 2) session.resume();
  }
}

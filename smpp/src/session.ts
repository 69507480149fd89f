import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Alarm } from './alarm.ts';
import { DEFAULT_MAX_PDU_OCTETS } from './framer.ts';
import { type Clock, systemClock, type Timer } from './lib/clock.ts';
import { Link, WriteForbidden } from './link.ts';
import { EncodeError } from './pdu/bytes.ts';
import {
  type BodyInput,
  type Command,
  commandByName,
  type MessageRequestInput,
  type Pdu,
  type PduInput,
  type PduOf,
  type RequestName,
  type ResponsePdu,
  type Role,
  refusalByState,
  responseId,
  type SessionState,
} from './pdu/commands.ts';
import { DecodeError, decodePdu } from './pdu/decode.ts';
import { STATUS } from './pdu/statuses.ts';
import { Requests } from './requests.ts';
import {
  type Answer,
  type Bound,
  type CloseReason,
  DEFAULT_LIMITS,
  DEFAULT_WINDOW,
  type InboundPdu,
  type LateResponse,
  type SessionEvents,
  type SessionOptions,
} from './session-contract.ts';
import { type Due, type NextStep, nextStep, type TimerLimits } from './timers.ts';

const BOUND_STATES = { transmitter: 'bound_tx', receiver: 'bound_rx', transceiver: 'bound_trx' } as const;

const GENERIC_NACK_ID = 0x80000000;

/**
 * One SMPP session (§2), the part both ends share: it frames, decodes and answers what the protocol answers by itself
 * (enquire_link, unbind, nonsense), keeps our requests in a window until they are answered, expired or handed back,
 * and gives everything else to the application in batches. Nothing a peer sends makes it throw.
 *
 * @typeParam C what the application wants back with each result of submitMany() or deliverMany().
 */
export abstract class Session<C = unknown> extends EventEmitter<SessionEvents<C>> {
  readonly role: Role;
  protected readonly clock: Clock;
  protected link: Link | undefined;
  readonly #peer: Role;
  readonly #limits: TimerLimits;
  readonly #maxPduOctets: number;
  readonly #requests: Requests<C>;
  readonly #alarm: Alarm;
  readonly #mayWrite: (() => boolean) | undefined;
  #state: SessionState = 'open';
  #bound: Bound | undefined;
  #bindingSince: number | undefined;
  #lastReceivedAt = 0;
  #lastMessageAt = 0;
  #enquiringSince: number | undefined;
  #resumedAt = 0;
  #draining = false;
  #drainTimer: Timer | undefined;
  #unbindSequence = 0;
  #unbindingSince: number | undefined;
  #ending: { reason: CloseReason; cut: boolean } | undefined;
  /** Moment of the socket read being worked on. */
  #readAt: number | undefined;
  #results: Answer<C>[] = [];
  #late: LateResponse<C>[] = [];
  #inbound: InboundPdu[] = [];
  #malformed: DecodeError[] = [];

  protected constructor(role: Role, options: SessionOptions) {
    super();
    this.role = role;
    this.#peer = role === 'esme' ? 'smsc' : 'esme';
    this.clock = options.clock ?? systemClock;
    this.#mayWrite = options.mayWrite;
    this.#requests = new Requests(options.window ?? DEFAULT_WINDOW);
    this.#maxPduOctets = options.maxPduOctets ?? DEFAULT_MAX_PDU_OCTETS;
    this.#limits = {
      bindTimeoutMs: options.bindTimeoutMs ?? DEFAULT_LIMITS.bindTimeoutMs,
      responseTimeoutMs: options.responseTimeoutMs ?? DEFAULT_LIMITS.responseTimeoutMs,
      enquireLinkMs: options.enquireLinkMs ?? DEFAULT_LIMITS.enquireLinkMs,
      inactivityMs: options.inactivityMs ?? DEFAULT_LIMITS.inactivityMs,
    };
    this.#alarm = new Alarm(this.clock, {
      nextStep: (now) => this.#nextStep(now),
      perform: (due, now) => this.#perform(due, now),
    });
  }

  /** The session state of §2.2. */
  get state(): SessionState {
    return this.#state;
  }

  /** What the bind said; undefined before it. */
  get bound(): Bound | undefined {
    return this.#bound;
  }

  /**
   * How many requests submitMany() or deliverMany() would take now; 0 unless bound in that direction (an ESME's
   * receiver sends no messages, an SMSC sends none to a transmitter), and 0 while unbinding.
   */
  get free(): number {
    const sending = this.#state === 'bound_trx' || this.#state === (this.role === 'esme' ? 'bound_tx' : 'bound_rx');
    return sending && !this.#draining ? this.#requests.free : 0;
  }

  /** Requests of ours that wait for their responses. */
  get unanswered(): number {
    return this.#requests.waiting;
  }

  /**
   * False while the peer does not read what it is sent, or was asked whether it lives and has said nothing since: what is
   * sent then may be lost. `drain` tells when it is true again.
   */
  get writable(): boolean {
    return this.#enquiringSince === undefined && (this.link?.writable ?? false);
  }

  /** Stops reading from the peer; while stopped, no response timeout runs out. */
  pause(): void {
    this.#setPaused(true);
  }

  /** Reads again. */
  resume(): void {
    this.#setPaused(false);
  }

  /** Answers one request of the peer; refusals of submit_sm and binds carry no body (§4.4.2). */
  respond<Name extends RequestName>(
    request: { command: Name; sequence: number },
    status: number = STATUS.ESME_ROK,
    body: BodyInput<`${Name}_resp`> = {} as BodyInput<`${Name}_resp`>,
  ): void {
    if (this.link === undefined || this.#state === 'closed') return;
    const response = { ...body, command: `${request.command}_resp`, status, sequence: request.sequence };
    this.link.writer.add(response as unknown as PduInput);
    this.#messageSent();
  }

  /**
   * Answers a whole batch with one socket write; notices, which nobody answers, are passed over. `statuses` is one for
   * all or one each. `messageIds` goes with an SMSC's responses; an ESME's deliver_sm_resp leaves it empty (§4.6.2).
   */
  respondMany(
    requests: readonly { command: InboundPdu['command']; sequence: number }[],
    statuses: number | ArrayLike<number> = STATUS.ESME_ROK,
    messageIds?: readonly string[],
  ): void {
    if (this.link === undefined || this.#state === 'closed' || requests.length === 0) return;
    const { writer } = this.link;
    for (let i = 0; i < requests.length; i++) {
      const { command, sequence } = requests[i]!;
      const status = typeof statuses === 'number' ? statuses : statuses[i]!;
      const message_id = messageIds?.[i] ?? '';
      if (command === 'deliver_sm') writer.messageResp(0x05, status, sequence, message_id);
      else if (command === 'submit_sm') writer.messageResp(0x04, status, sequence, message_id);
      else if (command !== 'outbind' && command !== 'alert_notification') {
        writer.add({ command: `${command}_resp`, status, sequence, message_id } as PduInput);
      }
    }
    this.#messageSent();
  }

  /**
   * Sends one request outside of the batches (query_sm, cancel_sm, data_sm, …) and resolves with what became of it.
   * Rejects with RangeError when the window is full or the session is not bound, with EncodeError for a bad value.
   */
  async request(pdu: MessageRequestInput): Promise<Answer<undefined>> {
    const link = this.link;
    if (this.free === 0 || link === undefined) throw new RangeError('the window is full or the session not bound');
    return new Promise((resolve, reject) => {
      const sequence = this.#requests.openAwaited(resolve, this.#now());
      try {
        link.writer.add({ ...pdu, status: 0, sequence });
      } catch (error) {
        this.#requests.withdraw(sequence);
        reject(error);
        return;
      }
      this.#messageSent();
    });
  }

  /**
   * Ends the session in order: takes no more requests, waits for the responses to the open ones (no longer than
   * drainTimeoutMs), unbinds (§4.2), and closes. Resolves when the session is closed; a pause is ended.
   */
  unbind(drainTimeoutMs: number = this.#limits.responseTimeoutMs): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    const closed = new Promise<void>((resolve) => this.once('closed', () => resolve()));
    if (this.#bound === undefined) this.destroy();
    else if (!this.#draining) {
      this.#draining = true;
      this.#setPaused(false);
      if (this.#requests.waiting === 0) this.#sendUnbind();
      else this.#drainTimer = this.clock.setTimer(() => this.#sendUnbind(), drainTimeoutMs);
    }
    return closed;
  }

  /** Sends octets as they are, for peers that misbehave on purpose. */
  sendOctets(octets: Uint8Array): void {
    if (this.link === undefined || this.#state === 'closed') return;
    this.link.writer.octets(octets);
    this.#messageSent();
  }

  /**
   * Never sends anything again, not even what answers itself, and keeps the connection: a link that is open at one end
   * only, for peers that misbehave on purpose.
   */
  mute(): void {
    this.link?.mute();
  }

  /** Cuts the link at once; unanswered requests are handed back. */
  destroy(): void {
    this.end({ kind: 'destroyed', detail: 'closed by this side' }, true);
  }

  /** Sends up to `free` of the requests from index `from` on in one socket write; returns how many. */
  protected sendMessages(
    id: 0x04 | 0x05,
    requests: readonly BodyInput<'submit_sm'>[],
    contexts: readonly C[],
    from: number,
  ): number {
    const link = this.link;
    const count = Math.min(this.free, requests.length - from);
    if (count <= 0 || link === undefined) return 0;
    const now = this.#now();
    for (let i = from; i < from + count; i++) {
      const sequence = this.#requests.open(contexts[i]!, now);
      try {
        link.writer.message(id, 0, sequence, this.#sendable(requests[i]!));
      } catch (error) {
        this.#requests.withdraw(sequence);
        if (error instanceof EncodeError) error.index = i;
        this.#messageSent();
        throw error;
      }
    }
    this.#messageSent();
    return count;
  }

  /** §3.4: who speaks 3.3 is sent no optional parameters; what cannot be said without them is not sent at all. */
  #sendable(request: BodyInput<'submit_sm'>): BodyInput<'submit_sm'> {
    const { tlvs } = request;
    if (tlvs === undefined || this.#bound!.optionalParameters) return request;
    for (const name of ['message_payload', 'sar_msg_ref_num'] as const) {
      if (tlvs[name] !== undefined) throw new EncodeError(name, 'needs SMPP 3.4, and this session speaks 3.3');
    }
    return { ...request, tlvs: undefined };
  }

  /** Takes over a connected socket. */
  protected attach(socket: Socket): void {
    const now = this.clock.now();
    this.#bindingSince = now;
    this.#lastReceivedAt = now;
    this.#lastMessageAt = now;
    this.link = new Link(socket, this.#maxPduOctets, this.clock, {
      frame: (buffer, start, end) => this.#frame(buffer, start, end),
      readDone: () => this.#readDone(),
      congested: () => this.#arm(),
      drained: () => {
        this.#resumedAt = this.#now();
        this.#arm();
        if (this.writable) this.emit('drain');
      },
      mayWrite: this.#mayWrite,
      lost: (error) => {
        const kind =
          error === undefined ? 'peer-closed' : error instanceof WriteForbidden ? 'forbidden' : 'socket-error';
        this.end({ kind, detail: error?.message ?? 'the peer closed the connection' }, true);
      },
    });
    this.#arm();
  }

  /** The bind is complete. */
  protected becomeBound(bound: Bound): void {
    this.#bound = bound;
    this.#state = BOUND_STATES[bound.bindType];
    this.#bindingSince = undefined;
    this.#lastMessageAt = this.#now();
    this.#arm();
    this.emit('bound', bound);
  }

  /** A number for a request that does not count in the window. */
  protected nextSequence(): number {
    return this.#requests.nextSequence();
  }

  /** A bind request came in while the session is open. */
  protected abstract bindRequested(request: PduOf<'bind_transmitter' | 'bind_receiver' | 'bind_transceiver'>): void;

  /** A response came in before the bind is complete; returns whether it was the bind's. */
  protected abstract bindAnswered(sequence: number, status: number, response: ResponsePdu | undefined): boolean;

  /** Ends the session: hands back what is unanswered and closes, in order or by cutting the connection. */
  protected end(reason: CloseReason, cut: boolean): void {
    if (this.#state === 'closed' || this.#ending !== undefined) return;
    this.#ending = { reason, cut };
    // During a read, the PDUs before the end are handed over first.
    if (this.#readAt === undefined) this.#finish();
  }

  #finish(): void {
    const { reason, cut } = this.#ending!;
    this.#state = 'closed';
    this.#alarm.stop();
    this.#drainTimer?.cancel();
    if (cut) this.link?.destroy();
    else this.link?.end();
    const answers: Answer<C>[] = [];
    this.#requests.closed(answers);
    if (answers.length > 0) this.emit('results', answers);
    this.emit('closed', reason, answers);
  }

  #frame(buffer: Buffer, start: number, end: number): void {
    this.#readAt ??= this.clock.now();
    if (this.#ending !== undefined) return;
    const pdu = decodePdu(buffer, start, end);
    if (pdu instanceof DecodeError) this.#undecodable(pdu);
    else this.#dispatch(pdu);
  }

  #dispatch(pdu: Pdu): void {
    switch (pdu.command) {
      case 'submit_sm':
      case 'deliver_sm':
      case 'data_sm':
      case 'submit_multi':
      case 'query_sm':
      case 'cancel_sm':
      case 'replace_sm':
      case 'alert_notification':
      case 'outbind':
        if (this.#refusedByState(pdu)) return;
        this.#lastMessageAt = this.#readAt!;
        this.#inbound.push(pdu);
        return;
      case 'enquire_link':
        if (!this.#refusedByState(pdu)) this.link!.writer.bare(responseId(0x15), STATUS.ESME_ROK, pdu.sequence);
        return;
      case 'unbind':
        if (this.#refusedByState(pdu)) return;
        this.link!.writer.bare(responseId(0x06), STATUS.ESME_ROK, pdu.sequence);
        this.end({ kind: 'peer-unbound', detail: 'the peer sent unbind' }, false);
        return;
      case 'bind_transmitter':
      case 'bind_receiver':
      case 'bind_transceiver':
        if (!this.#refusedByState(pdu)) this.bindRequested(pdu);
        return;
      default:
        this.#answered(pdu.sequence, pdu.status, pdu);
    }
  }

  #refusedByState(pdu: Pdu): boolean {
    const command = commandByName(pdu.command);
    const status = refusalByState(command, this.#peer, this.#state);
    if (status === STATUS.ESME_ROK) return false;
    this.#refuse(command, pdu.sequence, status);
    return true;
  }

  #undecodable(error: DecodeError): void {
    this.#malformed.push(error);
    // A response is never answered, or two confused peers would go on for ever. Its header still settles the request.
    if (error.isResponse) this.#answered(error.sequence, error.headerStatus, undefined);
    else this.#refuse(error.command, error.sequence, error.status);
  }

  /** Refuses with the command's own response, or with generic_nack where it has none (§4.3). */
  #refuse(command: Command | undefined, sequence: number, status: number): void {
    this.link!.writer.bare(command?.respId ?? GENERIC_NACK_ID, status, sequence);
  }

  #answered(sequence: number, status: number, response: ResponsePdu | undefined): void {
    if (this.#requests.answered(sequence, status, response, this.#results)) this.#lastMessageAt = this.#readAt!;
    else if (this.#unbindSequence !== 0 && sequence === this.#unbindSequence) {
      this.end({ kind: 'unbound', detail: 'unbound by this side' }, false);
    } else if (this.#bound === undefined && this.bindAnswered(sequence, status, response)) return;
    else if (response !== undefined && response.command !== 'enquire_link_resp') {
      this.#late.push({ context: this.#requests.late(sequence), response });
    }
  }

  #readDone(): void {
    // Only whole PDUs prove that the peer lives: one that never ends would swallow the answer to every question.
    const answers = this.#readAt !== undefined && this.#enquiringSince !== undefined;
    if (this.#readAt !== undefined) {
      this.#lastReceivedAt = this.#readAt;
      this.#enquiringSince = undefined;
      this.#readAt = undefined;
    }
    const broken = this.link!.brokenLength;
    if (broken !== undefined && this.#ending === undefined) {
      this.link!.writer.bare(GENERIC_NACK_ID, STATUS.ESME_RINVCMDLEN, 0);
      this.#ending = { reason: { kind: 'broken-stream', detail: `command_length ${broken}` }, cut: false };
    }
    this.#handOver();
    if (this.#ending !== undefined) {
      if (this.#state !== 'closed') this.#finish();
      return;
    }
    if (this.#draining && this.#requests.waiting === 0) this.#sendUnbind();
    this.#arm();
    if (answers && this.writable) this.emit('drain');
  }

  /** Gives the application what one read brought, responses before the requests that may refer to them. */
  #handOver(): void {
    const malformed = this.#malformed;
    const results = this.#results;
    const late = this.#late;
    const inbound = this.#inbound;
    if (malformed.length > 0) {
      this.#malformed = [];
      for (const each of malformed) this.emit('malformed', each);
    }
    if (results.length > 0) {
      this.#results = [];
      this.emit('results', results);
    }
    if (late.length > 0) {
      this.#late = [];
      this.emit('late', late);
    }
    if (inbound.length > 0) {
      this.#inbound = [];
      // A session the application has cut meanwhile could not answer them; the peer will bring them again.
      if (this.#state !== 'closed') this.emit('pdus', inbound);
    }
  }

  /** A message was written: it leaves now, or with everything else at the end of the current read. */
  #messageSent(): void {
    this.#lastMessageAt = this.#now();
    this.link?.flush();
    this.#arm();
  }

  #setPaused(paused: boolean): void {
    if (this.link === undefined || this.#state === 'closed') return;
    this.link.setPaused(paused);
    if (!paused) this.#resumedAt = this.#now();
    this.#arm();
  }

  #sendUnbind(): void {
    if (this.#unbindSequence !== 0 || this.#state === 'closed') return;
    this.#drainTimer?.cancel();
    this.#unbindSequence = this.#requests.nextSequence();
    this.#unbindingSince = this.#now();
    this.link!.writer.bare(0x06, STATUS.ESME_ROK, this.#unbindSequence);
    this.link!.flush();
    this.#arm();
  }

  #nextStep(now: number): NextStep {
    return nextStep(
      {
        bindingSince: this.#bindingSince,
        lastReceivedAt: this.#lastReceivedAt,
        lastMessageAt: this.#lastMessageAt,
        enquiringSince: this.#enquiringSince,
        oldestSentAt: this.#requests.oldestSentAt,
        unbindingSince: this.#unbindingSince,
        paused: this.link?.paused ?? false,
        congestedSince: this.link?.congestedSince,
        resumedAt: this.#resumedAt,
      },
      this.#limits,
      now,
    );
  }

  #perform(due: Due, now: number): void {
    switch (due.kind) {
      case 'enquire':
        this.#enquiringSince = now;
        this.link!.writer.bare(0x15, STATUS.ESME_ROK, this.#requests.nextSequence());
        this.link!.flush();
        return;
      case 'expire':
        this.#expire(due.sentAtOrBefore);
        return;
      case 'inactive':
        this.end({ kind: 'inactive', detail: `no message for ${this.#limits.inactivityMs} ms` }, false);
        return;
      case 'bind-timeout':
        this.end({ kind: 'bind-timeout', detail: `no bind within ${this.#limits.bindTimeoutMs} ms` }, true);
        return;
      case 'unbind-timeout':
      case 'link-dead':
        this.end({ kind: due.kind, detail: `no answer within ${this.#limits.responseTimeoutMs} ms` }, true);
        return;
    }
  }

  #expire(sentAtOrBefore: number): void {
    const answers: Answer<C>[] = [];
    this.#requests.expire(sentAtOrBefore, answers);
    if (answers.length > 0) this.emit('results', answers);
    if (this.#draining && this.#requests.waiting === 0) this.#sendUnbind();
  }

  #arm(): void {
    this.#alarm.arm(this.#now());
  }

  #now(): number {
    return this.#readAt ?? this.clock.now();
  }
}

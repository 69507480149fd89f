import {
  type Answer,
  type BindError,
  type Bound,
  type CloseReason,
  type DeliverSm,
  type LateResponse,
  STATUS,
  systemClock as sessionClock,
} from '@signet/smpp';
import { type Exchange, exchangeOf, type Said } from '../../domain/exchange.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ChannelReport } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';
import type { Part } from './flight.ts';

/** How carriers write that there was none. */
const NO_ERROR = /^0*$/;

/** Notes what one bind exchanges with the carrier in the channel's log. Times of sessions are those of their clock. */
export class BindExchanges {
  readonly #log: ExchangeLog;
  readonly #bind: number;
  readonly #clock: Clock;

  /** @param bind which one of the channel, from 1 */
  constructor(log: ExchangeLog, bind: number, clock: Clock) {
    this.#log = log;
    this.#bind = bind;
    this.#clock = clock;
  }

  /** What a request to the carrier will have taken; to be asked when it is made. */
  stopwatch(): () => number {
    const begun = sessionClock.now();
    return () => sessionClock.now() - begun;
  }

  bound({ bindType, systemId }: Bound, tookMs: number): void {
    const detail = systemId === '' ? bindType : `${bindType} to ${systemId}`;
    this.#note({ kind: 'bind', tookMs, answer: 'smpp', status: STATUS.ESME_ROK, detail });
  }

  /** A bind came to nothing; the carrier's refusal has a status. */
  notBound({ reason, status }: BindError, tookMs: number): void {
    const detail = reasonText(reason);
    if (status !== undefined) this.#note({ kind: 'bind', tookMs, answer: 'smpp', status, detail });
    else this.#note({ kind: 'bind', tookMs, answer: reason.kind === 'bind-timeout' ? 'timeout' : 'lost', detail });
  }

  /** A link that was up is not any more. */
  closed(reason: CloseReason): void {
    if (reason.kind === 'unbound') {
      this.#note({ kind: 'unbind', answer: 'smpp', status: STATUS.ESME_ROK });
      return;
    }
    if (reason.kind === 'link-dead') this.#note({ kind: 'enquire_link', answer: 'timeout', detail: reason.detail });
    this.#note({ kind: 'down', detail: reasonText(reason) });
  }

  /** What became of parts that were written. */
  answered(answers: readonly Answer<Part>[]): void {
    const at = this.#clock.now();
    const now = sessionClock.now();
    for (const answer of answers) {
      const { outcome, status = 0, messageId } = answer;
      this.#submit(answer.context, at, {
        tookMs: now - answer.sentAt,
        answer: outcome === 'answered' ? 'smpp' : outcome === 'timeout' ? 'timeout' : 'lost',
        status,
        carrierId: messageId,
        detail: '',
      });
    }
  }

  /** Answers that came after their time: the parts stand in the log as not answered already. */
  late(responses: readonly LateResponse<Part>[]): void {
    const at = this.#clock.now();
    for (const { context, response } of responses) {
      if (context === undefined || response.command !== 'submit_sm_resp') continue;
      const { status, message_id: carrierId = '' } = response;
      this.#submit(context, at, { tookMs: null, answer: 'smpp', status, carrierId, detail: 'answered late' });
    }
  }

  /** Reports of the carrier, and how they were answered. */
  reported(reports: readonly ChannelReport[], status: number, tookMs: number): void {
    const at = this.#clock.now();
    for (const { carrierId, recipient, state, error } of reports) {
      const said = state ?? 'on its way';
      const detail = NO_ERROR.test(error) ? said : `${said}, error ${error}`;
      const number = recipient ?? 0;
      this.#log.add(
        exchangeOf(this.#bind, at, { kind: 'report', tookMs, number, answer: 'smpp', status, carrierId, detail }),
      );
    }
  }

  /** A message from a phone, and how it was answered. */
  inbound(pdu: Pick<DeliverSm, 'source_addr' | 'data_coding' | 'short_message'>, status: number): void {
    const digits = pdu.source_addr.replace(/^\+/, '');
    this.#note({
      kind: 'inbound',
      number: /^\d{1,15}$/.test(digits) ? Number(digits) : 0,
      octets: pdu.short_message.length,
      dataCoding: pdu.data_coding,
      answer: 'smpp',
      status,
    });
  }

  #submit(
    { flight, part }: Part,
    at: number,
    said: Pick<Exchange, 'tookMs' | 'answer' | 'status' | 'carrierId' | 'detail'>,
  ): void {
    const { message, bodies } = flight;
    const body = bodies[part]!;
    this.#log.add({
      kind: 'submit',
      bind: this.#bind,
      at,
      tookMs: said.tookMs,
      planId: message.planId,
      index: message.index,
      part: part + 1,
      parts: bodies.length,
      octets: body.tlvs?.message_payload?.length ?? body.short_message.length,
      dataCoding: body.data_coding,
      number: message.recipient,
      answer: said.answer,
      status: said.status,
      carrierId: said.carrierId,
      detail: said.detail,
    });
  }

  #note(said: Said): void {
    this.#log.add(exchangeOf(this.#bind, this.#clock.now(), said));
  }
}

const reasonText = ({ kind, detail }: CloseReason): string => `${kind}: ${detail}`;

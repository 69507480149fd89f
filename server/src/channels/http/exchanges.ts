import { exchangeOf, type Said } from '../../domain/exchange.ts';
import type { Clock } from '../../lib/clock.ts';
import type { HttpExchange } from '../../lib/http-client.ts';
import { maskNumber } from '../../lib/log.ts';
import type { CallbackSays, Outgoing } from '../channel.ts';
import type { ExchangeLog } from '../exchange-log.ts';

/** A channel that speaks HTTP has no binds: everything stands under the first. */
const BIND = 1;
/** What in a carrier's words may be the number of a phone. */
const NUMBERS = /\+?\d{8,15}/g;
const SURELY_NUMBER = /^\+?(\d{1,15})$/;

/** Notes what a channel that speaks HTTP exchanges with its carrier in the channel's log. */
export class HttpExchanges {
  readonly #log: ExchangeLog;
  readonly #clock: Clock;

  constructor(log: ExchangeLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** The carrier could be reached, or why not. */
  reached(failure: string | null, tookMs: number): void {
    const answer = failure === null ? 'none' : 'lost';
    this.#note({ kind: 'bind', tookMs, answer, detail: failure ?? '' });
  }

  /** Nothing is sent for a while. */
  down(reason: string): void {
    this.#note({ kind: 'down', detail: reason });
  }

  /** A message was handed over, and how that ended. `octets`: of the request's body. */
  submitted(
    message: Outgoing,
    octets: number,
    exchange: HttpExchange,
    said: { carrierId: string; error: string },
    tookMs: number,
  ): void {
    const { planId, index, recipient } = message;
    const answered = exchange.kind === 'answered';
    this.#note({
      kind: 'submit',
      tookMs,
      planId,
      index,
      part: 1,
      parts: 1,
      octets,
      number: recipient,
      answer: answered ? 'http' : 'lost',
      status: answered ? exchange.status : 0,
      carrierId: said.carrierId,
      detail: answered ? said.error.replaceAll(NUMBERS, maskNumber) : exchange.reason,
    });
  }

  /** A callback, and the status it was answered with. */
  told({ reports, inbound }: Pick<CallbackSays, 'reports' | 'inbound'>, status: number, tookMs: number): void {
    const answer = 'http';
    for (const { carrierId, recipient, state, error } of reports) {
      const said = state ?? 'on its way';
      const detail = error === '' ? said : `${said}, error ${error.replaceAll(NUMBERS, maskNumber)}`;
      this.#note({ kind: 'report', tookMs, answer, status, number: recipient ?? 0, carrierId, detail });
    }
    for (const { from } of inbound) {
      const number = Number(SURELY_NUMBER.exec(from)?.[1] ?? 0);
      this.#note({ kind: 'inbound', tookMs, answer, status, number });
    }
  }

  #note(said: Said): void {
    this.#log.add(exchangeOf(BIND, this.#clock.now(), said));
  }
}

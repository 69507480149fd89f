import { type InboundPdu, STATUS } from '@signet/smpp';
import type { Clock } from '../../lib/clock.ts';
import type { ChannelListener, ChannelReport } from '../channel.ts';
import type { Bind, PartSession } from './bind.ts';
import { type HandsetPdu, readInbound } from './inbound.ts';
import { sortInbound } from './reports.ts';

/** Reports and inbound messages not yet safe in the store, before reading from the carrier stops for a while. */
const MAX_OPEN = 20_000;

/** Takes what a carrier sends on one bind: it is answered when it is safe in the store. */
export class Intake {
  readonly #channelId: number;
  readonly #bind: Bind;
  readonly #listener: ChannelListener;
  readonly #clock: Clock;
  readonly #linkSince: () => number;
  /** Not safe yet, of the session that is up. */
  #open = 0;

  /** @param deps.linkSince since when all binds of the channel are as they are, by the wall clock */
  constructor(
    channelId: number,
    bind: Bind,
    deps: { listener: ChannelListener; clock: Clock; linkSince: () => number },
  ) {
    this.#channelId = channelId;
    this.#bind = bind;
    this.#listener = deps.listener;
    this.#clock = deps.clock;
    this.#linkSince = deps.linkSince;
  }

  take(session: PartSession, pdus: readonly InboundPdu[]): void {
    const { receipts, reports, handset } = sortInbound(pdus);
    if (handset.length > 0) this.#received(session, handset);
    if (reports.length === 0) session.respondMany(receipts);
    else this.#reported(session, receipts, reports);
  }

  /** The session is over, with what it brought. */
  closed(): void {
    this.#open = 0;
  }

  #reported(session: PartSession, receipts: Parameters<PartSession['respondMany']>[0], reports: ChannelReport[]): void {
    const { exchanges } = this.#bind;
    const took = exchanges?.stopwatch();
    const answer = (status: number) => {
      session.respondMany(receipts, status);
      this.#safe(session, reports.length);
      exchanges?.reported(reports, status, took!());
    };
    this.#opened(session, reports.length);
    this.#listener.reported(this.#channelId, reports).then(
      () => answer(STATUS.ESME_ROK),
      // The carrier keeps them and delivers them again.
      () => answer(STATUS.ESME_RX_T_APPN),
    );
  }

  #received(session: PartSession, pdus: readonly HandsetPdu[]): void {
    const at = this.#clock.now();
    const answer = (status: number) => {
      for (const pdu of pdus) {
        session.respond(pdu, status);
        if (pdu.command === 'deliver_sm') this.#bind.exchanges?.inbound(pdu, status);
      }
      this.#safe(session, pdus.length);
    };
    this.#opened(session, pdus.length);
    this.#listener
      .received(
        this.#channelId,
        pdus.map((pdu) => readInbound(pdu, at, this.#linkSince())),
      )
      // When they are not safe, the carrier keeps them and delivers them again.
      .then(
        () => answer(STATUS.ESME_ROK),
        () => answer(STATUS.ESME_RX_T_APPN),
      );
  }

  /** So many more reports and messages wait for the store. */
  #opened(session: PartSession, count: number): void {
    this.#open += count;
    if (this.#open > MAX_OPEN) session.pause();
  }

  #safe(session: PartSession, count: number): void {
    if (session !== this.#bind.session) return;
    this.#open -= count;
    if (this.#open < MAX_OPEN / 2) session.resume();
  }
}

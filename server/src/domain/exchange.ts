/**
 * What can be exchanged with a carrier. The position is the code in the files of the channel log: append, never
 * reorder.
 */
export const EXCHANGE_KINDS = [
  /** A link was asked for: it came up, or why it did not. */
  'bind',
  /** The link was closed in order, by us. */
  'unbind',
  /** The link was lost, or closed by the carrier. */
  'down',
  /** The carrier did not answer whether it lives. */
  'enquire_link',
  /** One part of a message was handed over. */
  'submit',
  /** The carrier reported what became of a part. */
  'report',
  /** The carrier brought a message from a phone. */
  'inbound',
  /** Any other request of a channel that speaks HTTP. */
  'request',
] as const;
export type ExchangeKind = (typeof EXCHANGE_KINDS)[number];

/**
 * How an exchange was answered: with a command_status of SMPP, with a status of HTTP, not in time, not before the link
 * was lost; none: there was nothing to answer. The position is the code in the files.
 */
export const EXCHANGE_ANSWERS = ['none', 'smpp', 'http', 'timeout', 'lost'] as const;
export type ExchangeAnswer = (typeof EXCHANGE_ANSWERS)[number];

/** One thing said to a carrier or by it, with its answer. Texts are never part of it. */
export interface Exchange {
  kind: ExchangeKind;
  /** Which bind of the channel, from 1. */
  bind: number;
  /** When it was over, wall time in milliseconds. */
  at: number;
  /** From the request to its answer, in milliseconds; null: there was nothing to wait for. */
  tookMs: number | null;
  /** The message it is about; 0: none that is known. */
  planId: number;
  index: number;
  /** Which part of how many, from 1; 0: not about a part. */
  part: number;
  parts: number;
  /** Octets of the part's text as it goes on the air, headers included. */
  octets: number;
  dataCoding: number;
  /** The phone's number; 0: none. It is masked before it is kept. */
  number: number;
  answer: ExchangeAnswer;
  /** The status that `answer` speaks of. */
  status: number;
  /** The carrier's id of the message; empty: none. */
  carrierId: string;
  /** What else there is to say: why a link is down, what a report says. */
  detail: string;
}

/** What there is to tell of an exchange. */
export type Said = Pick<Exchange, 'kind'> & Partial<Omit<Exchange, 'bind' | 'at'>>;

/** An exchange of which only some things are to be told. Written out, since a spread would cost more than its line. */
export function exchangeOf(bind: number, at: number, said: Said): Exchange {
  return {
    kind: said.kind,
    bind,
    at,
    tookMs: said.tookMs ?? null,
    planId: said.planId ?? 0,
    index: said.index ?? 0,
    part: said.part ?? 0,
    parts: said.parts ?? 0,
    octets: said.octets ?? 0,
    dataCoding: said.dataCoding ?? 0,
    number: said.number ?? 0,
    answer: said.answer ?? 'none',
    status: said.status ?? 0,
    carrierId: said.carrierId ?? '',
    detail: said.detail ?? '',
  };
}

/** Where a line stands in the log of its channel: file, block, line. */
export type LogPlace = readonly [file: number, offset: number, line: number];

/** An exchange as the log gives it back. */
export interface LoggedExchange extends Omit<Exchange, 'number' | 'status' | 'answer'> {
  place: LogPlace;
  /** The number, masked; empty: none. */
  number: string;
  /** `ESME_ROK`, `200`, `timeout`, `lost`; empty: there was nothing to answer. */
  status: string;
}

/** Which lines of a log are asked for; null: whatever. */
export interface LogFilter {
  /** Wall time in milliseconds, both included. */
  from: number | null;
  to: number | null;
  message: { planId: number; index: number } | null;
  carrierId: string | null;
  status: string | null;
  kind: ExchangeKind | null;
}

/** What is asked of the log of a channel. */
export interface LogQuestion {
  channelId: number;
  filter: LogFilter;
  /** Lines before this one only: how a next page is asked for. */
  before: LogPlace | null;
  /** Lines behind this one only: how a log is followed. */
  after: LogPlace | null;
  limit: number;
}

/** Lines of a log, newest first. */
export interface LogPage {
  exchanges: LoggedExchange[];
  /** Where the next page begins, exclusive; null: there is nothing before. A page may be empty and have a next one. */
  next: LogPlace | null;
}

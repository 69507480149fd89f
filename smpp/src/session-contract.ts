import type { Clock } from './lib/clock.ts';
import type { MessageRequestPdu, NoticePdu, ResponsePdu } from './pdu/commands.ts';
import type { DecodeError } from './pdu/decode.ts';
import type { TimerLimits } from './timers.ts';

/** How a session waits and how much it holds. */
export interface SessionOptions extends Partial<TimerLimits> {
  /** Requests of ours that may wait for their responses at once (§2.9); default 100. */
  window?: number;
  /** The largest PDU taken from the peer; default 64 KiB. */
  maxPduOctets?: number;
  /** Default: the machine's time. */
  clock?: Clock;
  /**
   * Asked right before each socket write. Once it says no, nothing is written any more: the connection is cut, and the session
   * ends as `forbidden`. Absent: everything may be written.
   */
  mayWrite?: () => boolean;
}

/**
 * What became of a request: answered, not answered in time by a peer that lives, or not answered when the link closed. A
 * link whose peer is silent closes, and its requests with it, however long they have waited.
 */
export type Answer<C> =
  | {
      readonly outcome: 'answered';
      readonly context: C;
      readonly sequence: number;
      readonly sentAt: number;
      /** command_status of the response; ESME_ROK is 0. */
      readonly status: number;
      /** The SMSC's id of the message; empty where the response brings none. */
      readonly messageId: string;
      /** The response; undefined when its body could not be understood and only its header counts. */
      readonly response: ResponsePdu | undefined;
    }
  | {
      readonly outcome: 'timeout' | 'closed';
      readonly context: C;
      readonly sequence: number;
      readonly sentAt: number;
      readonly status: undefined;
      readonly messageId: '';
      readonly response: undefined;
    };

/** A response nobody waits for: its request has timed out (context known while remembered), or there was none. */
export interface LateResponse<C> {
  readonly context: C | undefined;
  readonly response: ResponsePdu;
}

/** Why a session ended. */
export interface CloseReason {
  readonly kind:
    | 'unbound'
    | 'peer-unbound'
    | 'peer-closed'
    | 'socket-error'
    | 'connect-failed'
    | 'bind-refused'
    | 'bind-timeout'
    | 'unbind-timeout'
    | 'link-dead'
    | 'inactive'
    | 'broken-stream'
    | 'forbidden'
    | 'destroyed';
  /** For the log. */
  readonly detail: string;
}

/** What the bind said, once it is complete. */
export interface Bound {
  readonly bindType: BindType;
  /** The ESME's system_id on the SMSC's side, the SMSC's on the ESME's. */
  readonly systemId: string;
  /** The version the peer speaks (0x34 is 3.4); undefined when it does not say. */
  readonly interfaceVersion: number | undefined;
  /** Whether messages may carry optional parameters: both ends speak 3.4 or later (§3.4). */
  readonly optionalParameters: boolean;
}

/** SMPP 3.4, as interface_version says it (§5.2.4); 0x33 is 3.3, 0x50 is 5.0. */
export const SMPP_3_4 = 0x34;

/**
 * Whether both ends know optional parameters, which came with 3.4. An SMSC that does not tell its version is taken to
 * know them: §3.4 reads its silence as 3.3, but many of 3.4 are silent.
 */
export function knowOptionalParameters(ours: number, theirs: number | undefined): boolean {
  return ours >= SMPP_3_4 && (theirs === undefined || theirs >= SMPP_3_4);
}

export type BindType = 'transmitter' | 'receiver' | 'transceiver';

/** What came in that the application has to look at. */
export type InboundPdu = MessageRequestPdu | NoticePdu;

/** The events of a session. All PDUs of one socket read arrive together: first `results`, then `pdus`. */
export interface SessionEvents<C> {
  bound: [Bound];
  /** What became of our requests, in the order it became known. */
  results: [Answer<C>[]];
  /** Requests of the peer, each to be answered with respond() or respondMany(); and notices, which are not. */
  pdus: [InboundPdu[]];
  late: [LateResponse<C>[]];
  /** A PDU that could not be understood; it has been answered already where an answer is due. */
  malformed: [DecodeError];
  /** The peer reads or speaks again; `writable` is true again. */
  drain: [];
  /** The session is over; the unanswered requests have been handed over in `results` before, as one batch. */
  closed: [CloseReason, Answer<C>[]];
}

/** Requests that may wait for their responses where nothing else is said. */
export const DEFAULT_WINDOW = 100;

/** Limits of a session's waiting where nothing else is said. */
export const DEFAULT_LIMITS: TimerLimits = {
  bindTimeoutMs: 10_000,
  responseTimeoutMs: 30_000,
  enquireLinkMs: 30_000,
  inactivityMs: 0,
};

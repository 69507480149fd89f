import type { Category } from './category.ts';
import type { MessageState } from './message.ts';

/** What figures can be told apart by. */
export const FIGURE_DIMENSIONS = ['business', 'channel', 'country', 'category', 'template'] as const;
export type FigureDimension = (typeof FIGURE_DIMENSIONS)[number];

/** What is counted of messages. */
export interface FigureSums {
  /** Messages a carrier accepted. */
  sent: number;
  /** Of them, those reported delivered. */
  delivered: number;
  /** Messages that did not arrive, as far as is known: sent and reported so, or never sent. */
  failed: number;
  /** Segments that carriers accepted, or may have accepted. */
  segments: number;
  /** Credits charged for them, */
  settled: number;
  /** and those given back because of a report. */
  refunded: number;
  /** What carriers charge for them, millionths of the currency. */
  cost: number;
}

/** What is counted together. */
export interface FigureKey {
  businessId: number;
  /** Quarters of an hour since 1970: every zone's days begin with one. */
  quarter: number;
  /** Null: no channel had it. */
  channelId: number | null;
  /** ISO 3166-1 alpha-2; null: of no country. */
  country: string | null;
  category: Category;
  templateId: number;
  /** ISO 4217 of the cost; null: the channel has none for it. */
  currency: string | null;
}

export type FigureRow = FigureKey & FigureSums;

export const NO_SUMS: Readonly<FigureSums> = {
  sent: 0,
  delivered: 0,
  failed: 0,
  segments: 0,
  settled: 0,
  refunded: 0,
  cost: 0,
};

/** What is known of a message that has come to a state. */
export interface CountedMessage {
  segments: number;
  reserved: number;
  settled: number;
  refunded: number;
  submittedAt: number | null;
  finalAt: number | null;
}

/** What a message's coming to a state adds, and to which moment. */
export interface Contribution {
  at: number;
  sums: Omit<FigureSums, 'cost'>;
}

const SENT = 'sent';
const DELIVERED = 'delivered';
/** It was sent and did not arrive. */
const LOST = 'lost';
/** It was not sent, or not as a whole. */
const UNSENT = 'unsent';
/** Its owner took it back, which is no failure. */
const TAKEN_BACK = 'takenBack';

/** What coming to a state counts as; null: nothing. A message comes to each of these once at most. */
const COUNTS_AS: Readonly<Record<MessageState, string | null>> = {
  accepted: null,
  queued: null,
  dispatching: null,
  uncertain: null,
  // Never a message to anybody.
  invalid: null,
  submitted: SENT,
  // Neither delivered nor failed: nobody knows.
  unreported: null,
  delivered: DELIVERED,
  undelivered: LOST,
  expired: LOST,
  rejected: LOST,
  refused: UNSENT,
  failed: UNSENT,
  expired_unsent: UNSENT,
  unknown: UNSENT,
  cancelled: TAKEN_BACK,
};

/** States that are counted. */
export const COUNTED_STATES = (Object.keys(COUNTS_AS) as MessageState[]).filter((state) => COUNTS_AS[state] !== null);

/**
 * What a message adds when it comes to a state. A report counts where the message was sent, however late it comes; what
 * was never sent counts where it ended. Everything read of the message stays as it is from that state on, so the answer
 * is the same whenever it is asked.
 */
export function contributionOf(state: MessageState, message: CountedMessage): Contribution | null {
  const { segments, settled, refunded, submittedAt, finalAt } = message;
  const none = { sent: 0, delivered: 0, failed: 0, segments: 0, settled: 0, refunded: 0 };
  switch (COUNTS_AS[state]) {
    case SENT:
      return at(submittedAt, { ...none, sent: 1, segments, settled });
    case DELIVERED:
      return at(submittedAt, { ...none, delivered: 1 });
    case LOST:
      return at(submittedAt, { ...none, failed: 1, refunded });
    case UNSENT:
      return at(finalAt, { ...none, failed: 1, segments: paidSegments(message), settled });
    case TAKEN_BACK:
      return settled === 0 ? null : at(finalAt, { ...none, segments: paidSegments(message), settled });
    default:
      return null;
  }
}

const at = (moment: number | null, sums: Contribution['sums']): Contribution | null =>
  moment === null ? null : { at: moment, sums };

/** Segments of a message that was not sent as a whole which a carrier accepted, or may have: those that were paid. */
function paidSegments({ segments, reserved, settled }: CountedMessage): number {
  return reserved === 0 ? 0 : Math.ceil((segments * settled) / reserved);
}

/** Adds sums to others. */
export function addSums(to: FigureSums, more: Readonly<FigureSums>): void {
  to.sent += more.sent;
  to.delivered += more.delivered;
  to.failed += more.failed;
  to.segments += more.segments;
  to.settled += more.settled;
  to.refunded += more.refunded;
  to.cost += more.cost;
}

/** The feed of events that counts what happens; others count some time again. */
export const LIVE_FEED = 0;

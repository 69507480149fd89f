import type { Category } from './category.ts';
import type { PartsAnswer } from './parts.ts';

/** What a channel answered for one message. */
export type Outcome =
  /** The carrier took every part; its ids, one a part, in order. */
  | { kind: 'accepted'; carrierIds: string[] }
  /** The carrier said no. `retry`: 'later' here, 'elsewhere' on another channel, or 'never'. */
  | { kind: 'refused'; retry: 'later' | 'elsewhere' | 'never'; error: string }
  /**
   * Bytes left and no answer came. `linkLost`: because the link broke; otherwise a carrier that lives did not answer.
   * `userReference`: our own number for the attempt, null when it has none.
   */
  | { kind: 'unknown'; error: string; linkLost?: boolean; userReference?: number | null }
  /** A text of several parts that the carrier has or may have in part, or of which it already had some. */
  | ({ kind: 'inParts' } & PartsAnswer);

/** What becomes of a message whose outcome is unknown. */
export type UncertainPolicy =
  /** Sent again, flagged, as soon as the carrier is there again. */
  | { decision: 'repeat'; afterMs: number }
  /** Never sent again. */
  | { decision: 'giveUp' };

/** Repeats of one message after unknown outcomes, at most. */
const MAX_REPEATS = 1;

/**
 * How long an uncertain message waits for a report before it is repeated; null: it is never repeated. A code that may be
 * missing is worse than a code that comes twice; an advertisement that comes twice is worse than one that may be missing
 * (docs/message-states.md, "uncertain").
 */
export const DEFAULT_REPEAT_AFTER_MS: Readonly<Record<Category, number | null>> = {
  verification: 0,
  notification: 60_000,
  marketing: null,
};

/**
 * @param repeatAfterMs of the message's category
 * @param repeats before this attempt's outcome was unknown
 * @param lostRepeats how often a message is repeated when that is because its link broke each time; null: it is not
 */
export function uncertainPolicy(
  repeatAfterMs: number | null,
  repeats: number,
  lostRepeats: number | null,
): UncertainPolicy {
  const most = lostRepeats ?? MAX_REPEATS;
  if (repeats >= most || repeatAfterMs === null) return { decision: 'giveUp' };
  return { decision: 'repeat', afterMs: repeatAfterMs };
}

/** Waits before a message that was refused for now is tried again: doubling from 1 s, at most 1 min. */
export function retryDelayMs(attempts: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(attempts - 1, 6));
}

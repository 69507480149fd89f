import type { Category } from './category.ts';

/** What a channel answered for one message. */
export type Outcome =
  /** The carrier took every part; its ids, one a part, in order. */
  | { kind: 'accepted'; carrierIds: string[] }
  /** The carrier said no. `retry`: 'later' here, 'elsewhere' on another channel, or 'never'. */
  | { kind: 'refused'; retry: 'later' | 'elsewhere' | 'never'; error: string }
  /** Bytes left and no answer came. */
  | { kind: 'unknown'; error: string };

/** What becomes of a message whose outcome is unknown. */
export type UncertainPolicy =
  /** Sent once more, flagged, as soon as the carrier is there again. */
  | { decision: 'repeat'; afterMs: number }
  /** Never sent again. */
  | { decision: 'giveUp' };

/** How long a notification waits for a report before its one flagged repeat. */
export const DEFAULT_UNCERTAIN_WAIT_MS = 60_000;

/** Repeats of one message after unknown outcomes. */
export const MAX_REPEATS = 1;

/**
 * A code that may be missing is worse than a code that comes twice; an advertisement that comes twice is worse than one
 * that may be missing (docs/message-states.md, "uncertain").
 */
export function uncertainPolicy(category: Category, repeats: number, uncertainWaitMs: number): UncertainPolicy {
  if (repeats >= MAX_REPEATS || category === 'marketing') return { decision: 'giveUp' };
  return { decision: 'repeat', afterMs: category === 'verification' ? 0 : uncertainWaitMs };
}

/** Waits before a message that was refused for now is tried again: doubling from 1 s, at most 1 min. */
export function retryDelayMs(attempts: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(attempts - 1, 6));
}

import type { VerbName } from './desk.ts';

/** Says when the changes that a desk gathers go to the store. */
export interface BatchPace {
  /** A change goes into the next batch. @param rows what it weighs */
  gathered(verb: VerbName, rows: number): void;
  /** How long the batch that is gathered should wait, in milliseconds: 0, or Infinity until one under way has ended. */
  readonly restMs: number;
  /** The batch that was gathered has been sent. */
  sent(): void;
  /** So many batches have come to their end, the first of those under way. */
  ended(batches: number): void;
}

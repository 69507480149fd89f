import type { FigureDimension, FigureKey, FigureRow, FigureSums } from '../../domain/figure.ts';

/** What counts events: the one that counts what happens, or one that counts some quarters of an hour again. */
export interface FigureFeed {
  id: number;
  /** Events up to this one are counted. */
  eventId: number;
  /** Null: it counts what happens. `to` is not included. */
  again: { untilEvent: number; from: number; to: number } | null;
}

/** Sums over some quarters of an hour; of what they are not told apart by, nothing is said. */
export type FigureSum = Partial<Omit<FigureKey, 'quarter'>> & Pick<FigureKey, 'currency'> & FigureSums;

export interface FigureReader {
  feed(id: number): Promise<FigureFeed | null>;
  /** Up to which event every feed has counted. */
  oldestCursor(): Promise<number>;
  /** The one that counts again, or null. */
  rebuilding(): Promise<FigureFeed | null>;
  /** Of quarters `from` to `to` (not included), of a business or (null) of all, told apart by some things and by currency. */
  sums(query: {
    businessId: number | null;
    from: number;
    to: number;
    by: readonly FigureDimension[];
  }): Promise<FigureSum[]>;
  /** Whether long times are summed from what was added up before, however far back. */
  spanned(): Promise<boolean>;
}

export interface FigureWriter {
  add(rows: readonly FigureRow[]): Promise<void>;
  moveFeed(id: number, eventId: number): Promise<void>;
  /** Forgets quarters `from` to `to` (not included), and opens a feed that counts them again from events after `eventId`. */
  countAgain(again: { eventId: number; untilEvent: number; from: number; to: number }): Promise<void>;
  closeFeed(id: number): Promise<void>;
  /** Adds up the newest four hours that are not; to be repeated until all are (`spanned`). Sums stay the same. */
  makeSpan(): Promise<void>;
}

/**
 * The messages of the plans with ids above `after`, up to `to`, sorted by number. With runs over all but the newest
 * messages, those to one number are found by a look into each run, and no message pays for an index when it is written.
 * A run of very many messages, as a large plan makes it, is sorted in pieces, so that it need not fit into memory.
 */
export interface NumberRun {
  /** Of its first piece; the next ones have the numbers behind it. */
  id: number;
  after: number;
  to: number;
}

/** Messages in the order of their numbers, then of plans and indexes; the columns run in step. */
export interface SortedNumbers {
  recipients: Float64Array;
  planIds: Float64Array;
  indexes: Uint32Array;
}

export interface SortedPiece {
  numbers: SortedNumbers;
  /** The last message of the piece; null: the run has none behind it. */
  end: { planId: number; index: number } | null;
}

export interface NumberRunReader {
  /** The run behind the last: at least `size` messages, of whole plans. Null while there are fewer, or some are being written. */
  next(size: number): Promise<NumberRun | null>;
  /** The piece of a run behind a message (null: the first one), of at most `size` messages. */
  sort(run: NumberRun, after: SortedPiece['end'], size: number): Promise<SortedPiece>;
}

export interface NumberRunWriter {
  /** Adds numbers to a piece; those it has already stay. */
  add(pieceId: number, numbers: SortedNumbers): Promise<void>;
  /** The run's pieces have all their numbers: from now on messages are looked for in them. */
  seal(run: NumberRun, pieces: number): Promise<void>;
}

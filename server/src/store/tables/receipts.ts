import type { ReportedState } from '../../domain/message.ts';
import type { Range } from './plans.ts';

/** A part a carrier has accepted and not yet reported. */
export interface Awaiting {
  /** The channel it was sent on. */
  channelId: number;
  carrierId: string;
  planId: number;
  index: number;
  recipient: number;
  /** Reports that make the whole message delivered: its parts, as far as the carrier gave them different ids. */
  parts: number;
  since: number;
}

export interface AwaitingTable {
  add(rows: readonly Awaiting[]): Promise<void>;
  /**
   * All open parts of the channel with these carrier ids, newest first. `recipients` run in step with the ids: where a
   * newer part fits its recipient, older parts with the same id need not be looked for.
   */
  find(channelId: number, carrierIds: readonly string[], recipients?: readonly (number | null)[]): Promise<Awaiting[]>;
  remove(rows: readonly Pick<Awaiting, 'channelId' | 'carrierId' | 'planId' | 'index'>[]): Promise<void>;
  /** Messages whose parts have waited since before `since`, oldest plans first, after a place. */
  waitingSinceBefore(since: number, after: Range | null, limit: number): Promise<Awaiting[]>;
  /** Removes and counts parts that have waited since before `since`. */
  dropBefore(since: number): Promise<number>;
}

/** A carrier's report on one part. */
export interface Report {
  /** The channel it came on. */
  channelId: number;
  /** As the report has it. */
  carrierId: string;
  /** The number the report speaks of; null when the carrier left it out. */
  recipient: number | null;
  state: ReportedState;
  error: string;
  /** Our own number for the attempt, where the carrier gave it back. */
  userReference: number | null;
  at: number;
}

/** A report that waits for what it speaks of. */
export interface Parked extends Report {
  /** What it is taken out by: the id it has, as answers write it. */
  key: string;
  /** Whether a report with this id and recipient was applied before. */
  repeated: boolean;
}

/** Reports that came before what they speak of. */
export interface ParkedTable {
  add(reports: readonly Parked[]): Promise<void>;
  /** Takes out the reports of the channel with these keys. */
  take(channelId: number, keys: readonly string[]): Promise<Parked[]>;
  /** Takes out reports of the channel, oldest first. */
  takeOfChannel(channelId: number, limit: number): Promise<Parked[]>;
  any(): Promise<boolean>;
  /** Those that came by `until` to whom an uncertain message went, on whatever channel; repeated ones left out. */
  ofUncertain(until: number, limit: number): Promise<(Parked & { id: number })[]>;
  remove(ids: readonly number[]): Promise<void>;
  /** Takes out those that came before `before`, oldest first. */
  takeBefore(before: number, limit: number): Promise<Parked[]>;
}

/** A report that spoke of nothing we know. */
export interface Orphan extends Omit<Report, 'userReference'> {
  id: number;
}

export interface OrphanReader {
  /** Newest first, before `before` (an orphan's id); null: of every channel. */
  list(channelId: number | null, before: number | null, limit: number): Promise<Orphan[]>;
  count(): Promise<number>;
}

export interface OrphanWriter {
  add(reports: readonly Omit<Report, 'userReference'>[]): Promise<void>;
  /** Removes the oldest beyond `keep`, and those that came before `before`. */
  trim(keep: number, before: number): Promise<void>;
}

/** Reports of a moment as carriers wrote them, packed by those who read them. */
export interface ReportBatch {
  at: number;
  /** What its reports can be found by. */
  hashes: Uint32Array;
  body: Uint8Array;
}

export interface ReportLogReader {
  /**
   * Batches of a time, newest first, that have one of the hashes; before `before` (a batch's id; null: from the newest). It
   * looks through so many that it takes a moment, and may find fewer than there are. `next`: the `before` with which it goes
   * on; null when all have been looked through.
   */
  find(wanted: {
    hashes: readonly number[];
    from: number;
    until: number;
    before: number | null;
    limit: number;
  }): Promise<{ batches: (Omit<ReportBatch, 'hashes'> & { id: number })[]; next: number | null }>;
}

export interface ReportLogWriter {
  add(batch: ReportBatch): Promise<void>;
  /** Removes at most `limit` batches of before `before`; returns how many. */
  dropBefore(before: number, limit: number): Promise<number>;
}

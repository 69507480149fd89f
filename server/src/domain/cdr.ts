/** A row of a carrier's list of what it charges for (call detail records). */
export interface CdrRow {
  /** Where it stands in the file. */
  line: number;
  /** The carrier's id; empty: it has none. */
  id: string;
  /** E.164; null where it cannot be read. */
  recipient: number | null;
  segments: number;
  /** Milliseconds since 1970; null where it has none. */
  at: number | null;
  /** Millionths; null where it has none. */
  cost: number | null;
  /** In the carrier's words. */
  status: string;
}

/** A message as we know it. */
export interface OwnMessage {
  /** Its public id. */
  id: string;
  recipient: number;
  segments: number;
  sentAt: number;
  /** By the channel's costs, millionths; null where they say nothing. */
  cost: number | null;
  state: string;
}

/** Where a message and the rows about it differ. */
export type CdrDifference = 'segments' | 'cost' | 'segments and cost';

/** What a message and the rows about it disagree on; null: on nothing. */
export function differenceOf(message: OwnMessage, rows: readonly CdrRow[]): CdrDifference | null {
  const segments = rows.reduce((sum, row) => sum + row.segments, 0) !== message.segments;
  const theirs = rows.reduce<number | null>((sum, { cost }) => (sum === null || cost === null ? null : sum + cost), 0);
  const cost = theirs !== null && message.cost !== null && theirs !== message.cost;
  if (segments) return cost ? 'segments and cost' : 'segments';
  return cost ? 'cost' : null;
}

/** Carriers write one id in several ways: capitals, zeros before it, spaces around it. */
export const plainCarrierId = (id: string): string =>
  id
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');

/**
 * Takes the row that fits a part of a message best out of rows with its carrier id: one with its recipient, or with none that
 * can be read, and of these the nearest in time. Null when none fits.
 */
export function takeFitting(rows: CdrRow[], recipient: number, at: number): CdrRow | null {
  let best = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (const [i, row] of rows.entries()) {
    if (row.recipient !== null && row.recipient !== recipient) continue;
    const away = row.at === null ? 0 : Math.abs(row.at - at);
    if (away >= distance) continue;
    best = i;
    distance = away;
  }
  return best < 0 ? null : rows.splice(best, 1)[0]!;
}

/**
 * Pairs messages to one recipient with rows about it, by time: each message takes the nearest rows within `toleranceMs`, as
 * many as it has segments. A row without a time is taken by none.
 */
export function pairByTime(
  messages: readonly OwnMessage[],
  rows: readonly CdrRow[],
  toleranceMs: number,
): { pairs: { message: OwnMessage; rows: CdrRow[] }[]; messages: OwnMessage[]; rows: CdrRow[] } {
  const timed = rows.filter((row): row is CdrRow & { at: number } => row.at !== null).sort((a, b) => a.at - b.at);
  const taken = new Set<CdrRow>();
  const pairs: { message: OwnMessage; rows: CdrRow[] }[] = [];
  const alone: OwnMessage[] = [];
  // Rows before it are taken, or too early for this message and all after it.
  let first = 0;
  for (const message of messages.toSorted((a, b) => a.sentAt - b.sentAt)) {
    const isOver = (row: CdrRow & { at: number }) => taken.has(row) || row.at < message.sentAt - toleranceMs;
    while (first < timed.length && isOver(timed[first]!)) first++;
    const own: CdrRow[] = [];
    for (let missing = message.segments; missing > 0; ) {
      const row = nearest(timed, first, taken, message.sentAt, toleranceMs);
      if (row === null) break;
      taken.add(row);
      own.push(row);
      // A row of no segments is about the message all the same.
      missing -= Math.max(1, row.segments);
    }
    if (own.length === 0) alone.push(message);
    else pairs.push({ message, rows: own });
  }
  return { pairs, messages: alone, rows: rows.filter((row) => !taken.has(row)) };
}

/** Of rows in the order of their times, from a place on, the nearest to a time that is not taken; null when it is too far. */
function nearest(
  rows: readonly (CdrRow & { at: number })[],
  first: number,
  taken: ReadonlySet<CdrRow>,
  at: number,
  toleranceMs: number,
): CdrRow | null {
  let best: (CdrRow & { at: number }) | null = null;
  for (let i = first; i < rows.length && rows[i]!.at <= at + toleranceMs; i++) {
    const row = rows[i]!;
    if (taken.has(row)) continue;
    if (best === null || Math.abs(row.at - at) < Math.abs(best.at - at)) best = row;
    // Those behind it are farther away.
    else if (row.at > at) break;
  }
  return best;
}

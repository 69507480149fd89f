import type { Range } from '../store.ts';
import type { Cell, Database } from './database.ts';

/**
 * From this length on a range is a statement of its own; shorter ones go place by place, all in one statement. A round trip
 * costs about as much as a hundred places.
 */
const LONG = 64;
/** Places one statement names, at most. */
const MAX_PLACES = 4_000;

/** Numbers of a list beside each other, as a table `r` with `n` (from 1), `p` (plan) and `i` (index). */
const PLACES = "JSON_TABLE(?, '$[*]' COLUMNS (n FOR ORDINALITY, p BIGINT PATH '$[0]', i INT UNSIGNED PATH '$[1]')) r";

/** A message that was found: its index, then what was asked for. */
export type FoundRow = readonly [index: number, ...cells: Cell[]];

/** A place of one range of those asked for. */
interface Place {
  range: number;
  planId: number;
  index: number;
}

/** As {@link findIn}, but a message that several ranges name is found in the first of them only. */
export async function findOnce(
  db: Database,
  ranges: readonly Range[],
  columns: string,
  condition: string,
): Promise<FoundRow[][]> {
  const found = await findIn(db, ranges, columns, condition);
  const overlaps = new Overlaps(ranges);
  if (overlaps.none) return found;
  return found.map((rows, range) => rows.filter(([index]) => overlaps.first(ranges[range]!, index)));
}

/**
 * Looks messages up range by range, however many ranges there are, in few statements.
 * @param columns of the table `m`
 * @param condition what messages have to fulfil, without values of its own
 * @returns for each range what was found, indexes rising
 */
export async function findIn(
  db: Database,
  ranges: readonly Range[],
  columns: string,
  condition: string,
): Promise<FoundRow[][]> {
  const found: FoundRow[][] = ranges.map(() => []);
  const places: Place[] = [];
  for (const [range, { planId, from, to }] of ranges.entries()) {
    if (to - from + 1 < LONG) {
      for (let index = from; index <= to; index++) places.push({ range, planId, index });
      continue;
    }
    const rows = await db.lists(
      `SELECT m.idx, ${columns} FROM message m WHERE m.plan_id = ? AND m.idx BETWEEN ? AND ? AND ${condition} ORDER BY m.idx`,
      planId,
      from,
      to,
    );
    found[range] = rows as unknown as FoundRow[];
  }
  for (let at = 0; at < places.length; at += MAX_PLACES) {
    const asked = places.slice(at, at + MAX_PLACES);
    const rows = await db.lists(
      `SELECT r.n, m.idx, ${columns} FROM ${PLACES} STRAIGHT_JOIN message m ON m.plan_id = r.p AND m.idx = r.i
       WHERE ${condition}`,
      JSON.stringify(asked.map(({ planId, index }) => [planId, index])),
    );
    for (const [n, ...row] of rows) {
      found[asked[(n as number) - 1]!.range]!.push(row as unknown as FoundRow);
    }
  }
  for (const rows of found) rows.sort((a, b) => a[0] - b[0]);
  return found;
}

/** Knows which places were named before, where ranges of one plan may name the same. */
class Overlaps {
  /** Indexes seen of plans that several ranges are of. */
  readonly #seen = new Map<number, Set<number>>();

  constructor(ranges: readonly Range[]) {
    const once = new Set<number>();
    for (const { planId } of ranges) {
      if (once.has(planId)) this.#seen.set(planId, new Set());
      else once.add(planId);
    }
  }

  get none(): boolean {
    return this.#seen.size === 0;
  }

  first({ planId }: Range, index: number): boolean {
    const seen = this.#seen.get(planId);
    if (seen === undefined) return true;
    if (seen.has(index)) return false;
    seen.add(index);
    return true;
  }
}

/**
 * Changes the messages of runs, all of which fulfil `guard`: it stands in the statement too, and when fewer rows fulfil it
 * than were found before, somebody else has written without having the turn.
 * @param set of the table `m`; its values are `values`
 */
export async function changeRuns(
  db: Database,
  runs: readonly Range[],
  set: string,
  values: readonly (string | number | null)[],
  guard: string,
): Promise<void> {
  const places: [planId: number, index: number][] = [];
  for (const { planId, from, to } of runs) {
    if (to - from + 1 < LONG && (runs.length > 1 || from < to)) {
      for (let index = from; index <= to; index++) places.push([planId, index]);
      continue;
    }
    await db.runOn(
      to - from + 1,
      `UPDATE message m SET ${set} WHERE m.plan_id = ? AND m.idx BETWEEN ? AND ? AND ${guard}`,
      ...values,
      planId,
      from,
      to,
    );
  }
  for (const piece of inPieces(places, MAX_PLACES)) {
    await db.runOn(
      piece.length,
      `UPDATE ${PLACES} STRAIGHT_JOIN message m ON m.plan_id = r.p AND m.idx = r.i SET ${set} WHERE ${guard}`,
      JSON.stringify(piece),
      ...values,
    );
  }
}

/** The unbroken runs among places of one plan, indexes rising. */
export function runsOf(planId: number, indexes: readonly number[]): Range[] {
  const runs: Range[] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last.to === index - 1) last.to = index;
    else runs.push({ planId, from: index, to: index });
  }
  return runs;
}

/**
 * Rows as they stand in `(…, …) IN (?)`. One alone is written twice: MariaDB looks for several rows in an index, and for a
 * single one through the whole table.
 */
export const amongRows = <T extends readonly unknown[]>(rows: readonly T[]): readonly T[] =>
  rows.length === 1 ? [rows[0]!, rows[0]!] : rows;

/** A list in pieces of at most so many. */
export function* inPieces<T>(list: readonly T[], size: number): Iterable<readonly T[]> {
  if (list.length <= size) {
    if (list.length > 0) yield list;
    return;
  }
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

import type { Piece } from './callback.ts';
import type { MessageRun } from './event.ts';

/** Rows that pieces make together. */
export function rowsIn(pieces: readonly Piece[]): number {
  let rows = 0;
  for (const piece of pieces) {
    if (!('runs' in piece)) rows++;
    else for (const [, from, to] of piece.runs) rows += to - from + 1;
  }
  return rows;
}

/** The pieces without their first `skip` rows, `limit` rows of them at most. */
export function cut(pieces: readonly Piece[], skip: number, limit: number): Piece[] {
  const kept: Piece[] = [];
  let left = limit;
  for (const piece of pieces) {
    if (left === 0) break;
    const rows = rowsIn([piece]);
    if (skip >= rows) {
      skip -= rows;
      continue;
    }
    const part = !('runs' in piece) ? piece : { ...piece, runs: cutRuns(piece.runs, skip, left) };
    skip = 0;
    left -= rowsIn([part]);
    kept.push(part);
  }
  return kept;
}

function cutRuns(runs: readonly MessageRun[], skip: number, limit: number): MessageRun[] {
  const kept: MessageRun[] = [];
  for (const [planId, from, to] of runs) {
    if (limit === 0) break;
    const rows = to - from + 1;
    if (skip >= rows) {
      skip -= rows;
      continue;
    }
    const end = Math.min(to, from + skip + limit - 1);
    kept.push([planId, from + skip, end]);
    limit -= end - from - skip + 1;
    skip = 0;
  }
  return kept;
}

/** Parts a list into lists of at most `size` rows each, in order. */
export function packed(pieces: readonly Piece[], size: number): Piece[][] {
  const lists: Piece[][] = [];
  let list: Piece[] = [];
  let room = size;
  for (const piece of pieces) {
    const rows = rowsIn([piece]);
    for (let done = 0; done < rows; ) {
      const part = cut([piece], done, room);
      const count = rowsIn(part);
      list.push(...part);
      done += count;
      room -= count;
      if (room === 0) {
        lists.push(list);
        list = [];
        room = size;
      }
    }
  }
  if (list.length > 0) lists.push(list);
  return lists;
}

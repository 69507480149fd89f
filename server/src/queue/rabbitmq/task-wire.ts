import type { DispatchTask } from '../queue.ts';

/** A task as it stands in a queue: JSON of plain lists, which other versions of this program read too. */
export function writeTask({ channelId, line, ranges, retries }: DispatchTask): Buffer {
  return Buffer.from(
    JSON.stringify({
      v: VERSION,
      c: channelId,
      l: line,
      r: ranges.map(({ planId, from, to }) => [planId, from, to]),
      again: retries.map(({ planId, index, attempts }) => [planId, index, attempts]),
    }),
  );
}

/** A task, or null when the octets are none, or that of a version to come. */
export function readTask(octets: Uint8Array): DispatchTask | null {
  if (octets.length > MAX_OCTETS) return null;
  let read: { v: unknown; c: unknown; l: unknown; r: unknown; again: unknown } | null;
  try {
    read = JSON.parse(Buffer.from(octets).toString('utf8'));
  } catch {
    return null;
  }
  if (read === null || typeof read !== 'object' || read.v !== VERSION) return null;
  const { c, l, r, again } = read;
  if (!isCount(c) || typeof l !== 'string' || !isList(r, 3) || !isList(again, 3)) return null;
  const ranges = r.map(([planId, from, to]) => ({ planId: planId!, from: from!, to: to! }));
  if (ranges.some(({ from, to }) => to < from)) return null;
  return {
    channelId: c,
    line: l,
    ranges,
    retries: again.map(([planId, index, attempts]) => ({ planId: planId!, index: index!, attempts: attempts! })),
  };
}

const VERSION = 2;
/** Some ten times what the largest task takes. */
const MAX_OCTETS = 1 << 20;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isList = (value: unknown, length: number): value is number[][] =>
  Array.isArray(value) && value.every((each) => Array.isArray(each) && each.length === length && each.every(isCount));

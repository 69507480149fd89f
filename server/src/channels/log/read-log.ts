import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { LogFilter, LoggedExchange, LogPage, LogPlace } from '../../domain/exchange.ts';
import { timeOfId } from '../../lib/ids.ts';
import { type BlockHead, blockHead, blockHeads, blockRecords, fileIn, filesIn, HEAD_OCTETS } from './log-file.ts';
import { RecordReader } from './record.ts';

/** What one question may look through: files opened, and blocks inflated, 64 KB each. */
const MAX_FILES = 16;
const MAX_BLOCKS = 400;
/** A file's time is the file system's, a line's the server's. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Lines of one channel's log that fit a filter, newest first: up to `limit` of those before `before` and behind `after`.
 * What one call looks through is bounded, so a page may have few lines, or none, and a next one all the same.
 */
export function readLog(
  folder: string,
  filter: LogFilter,
  { before, after, limit }: { before: LogPlace | null; after: LogPlace | null; limit: number },
): LogPage {
  const exchanges: LoggedExchange[] = [];
  const from = earliest(filter);
  let files = 0;
  let blocks = 0;
  for (const file of filesIn(folder).reverse()) {
    if (before !== null && file > before[0]) continue;
    if (after !== null && file < after[0]) break;
    if (files === MAX_FILES) return { exchanges, next: [file + 1, 0, 0] };
    files++;
    const path = fileIn(folder, file);
    const times = timesOf(path);
    // Taken away meanwhile: so are those before it.
    if (times === null) break;
    if (times.changedAt + CLOCK_SLACK_MS < from) break;
    if (filter.to !== null && times.firstAt > filter.to) continue;
    const octets = readWhole(path);
    if (octets === null) break;
    for (const head of blockHeads(octets).reverse()) {
      if (before !== null && file === before[0] && head.offset > before[1]) continue;
      if (after !== null && file === after[0] && head.offset < after[1]) break;
      if (!mayHold(head, filter, from)) continue;
      if (blocks === MAX_BLOCKS) return { exchanges, next: [file, head.offset + 1, 0] };
      blocks++;
      const records = blockRecords(octets, head);
      if (records === null) continue;
      for (const found of matching(new RecordReader(records), [file, head.offset], filter, from).reverse()) {
        if (before !== null && compare(found.place, before) >= 0) continue;
        if (after !== null && compare(found.place, after) <= 0) break;
        if (exchanges.length === limit) return { exchanges, next: exchanges.at(-1)!.place };
        exchanges.push(found);
      }
    }
  }
  return { exchanges, next: null };
}

/** Before this nothing can fit. */
function earliest({ from, message }: LogFilter): number {
  const begun = message === null ? Number.NEGATIVE_INFINITY : timeOfId(message.planId) - CLOCK_SLACK_MS;
  return Math.max(begun, from ?? Number.NEGATIVE_INFINITY);
}

function mayHold(head: BlockHead, { to, message }: LogFilter, from: number): boolean {
  if (head.lastAt < from || (to !== null && head.firstAt > to)) return false;
  return message === null || (message.planId >= head.lowestPlan && message.planId <= head.highestPlan);
}

function matching(
  records: RecordReader,
  [file, offset]: readonly [number, number],
  { to, message, carrierId, status, kind }: LogFilter,
  from: number,
): LoggedExchange[] {
  const found: LoggedExchange[] = [];
  for (let line = 0; records.advance(); line++) {
    if (records.at < from || (to !== null && records.at > to)) continue;
    if (message !== null && (records.planId !== message.planId || records.index !== message.index)) continue;
    if (kind !== null && records.kind !== kind) continue;
    if (status !== null && records.status !== status) continue;
    if (carrierId !== null && records.carrierId !== carrierId) continue;
    found.push(records.exchange([file, offset, line]));
  }
  return found;
}

function compare(a: LogPlace, b: LogPlace): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** When a file was last written and when its first line is from; null when it is gone. */
function timesOf(path: string): { changedAt: number; firstAt: number } | null {
  const head = Buffer.alloc(HEAD_OCTETS);
  try {
    const { mtimeMs } = statSync(path);
    const handle = openSync(path, 'r');
    try {
      const octets = readSync(handle, head, 0, HEAD_OCTETS, 0);
      return { changedAt: mtimeMs, firstAt: blockHead(head.subarray(0, octets), 0)?.firstAt ?? mtimeMs };
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

function readWhole(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

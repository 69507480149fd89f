import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exchange, exchangeOf, type LogFilter, type LogPlace } from '../../domain/exchange.ts';
import { idAt } from '../../lib/ids.ts';
import { createLogger } from '../../lib/log.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import { ChannelLogs, type LogReader } from './channel-logs.ts';
import { fileIn, filesIn, folderOf } from './log-file.ts';
import { trimLogs } from './log-room.ts';
import { readLog } from './read-log.ts';

const CHANNEL = 7;
const ALL: LogFilter = { from: null, to: null, message: null, carrierId: null, status: null, kind: null };
const DAY_MS = 86_400_000;

let dir: string;
let clock: ManualClock;
let logs: ChannelLogs;

const here: LogReader = {
  read: async ({ channelId, filter, ...page }) => readLog(folderOf(dir, channelId), filter, page),
  close: async () => {},
};
const openLogs = (limits = { maxOctets: 1e9, maxAgeMs: 7 * DAY_MS }): ChannelLogs =>
  new ChannelLogs(dir, limits, { reader: here, clock, log: createLogger('silent') });
const submit = ({ at = clock.now(), ...fields }: Partial<Omit<Exchange, 'bind'>> = {}): Exchange =>
  exchangeOf(1, at, {
    kind: 'submit',
    tookMs: 20,
    planId: 1,
    number: 8_613_800_130_000,
    answer: 'smpp',
    ...fields,
  });
const read = (
  filter: Partial<LogFilter> = {},
  {
    before = null,
    after = null,
    limit = 1_000,
  }: { before?: LogPlace | null; after?: LogPlace | null; limit?: number } = {},
) => logs.read({ channelId: CHANNEL, filter: { ...ALL, ...filter }, before, after, limit });
const indexes = async (...asked: Parameters<typeof read>) => (await read(...asked)).exchanges.map(({ index }) => index);
const write = (count: number, fields: (index: number) => Partial<Omit<Exchange, 'bind'>> = () => ({})): void => {
  for (let index = 0; index < count; index++) logs.of(CHANNEL)?.add(submit({ index, ...fields(index) }));
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signet-channel-log-'));
  clock = new ManualClock(Date.now());
  logs = openLogs();
});
afterEach(async () => {
  await logs.stop();
  rmSync(dir, { recursive: true });
});

describe('a channel log', () => {
  it('gives back what was noted, the newest first, at once', async () => {
    write(3);
    expect(await indexes()).toEqual([2, 1, 0]);
    write(1, () => ({ index: 3 }));
    expect(await indexes()).toEqual([3, 2, 1, 0]);
  });

  it('writes by itself after half a second', async () => {
    write(1);
    expect(filesIn(folderOf(dir, CHANNEL))).toEqual([]);
    clock.advance(500);
    const written = () =>
      filesIn(folderOf(dir, CHANNEL)).some((file) => statSync(fileIn(folderOf(dir, CHANNEL), file)).size > 0);
    for (let i = 0; i < 1_000 && !written(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(written()).toBe(true);
  });

  it('is one log a channel', async () => {
    write(2);
    logs.of(8)?.add(submit({ index: 50 }));
    expect(await indexes()).toEqual([1, 0]);
  });

  it('is read page after page, over blocks and files and starts of the server', async () => {
    for (let start = 0; start < 3; start++) {
      write(3_000, (i) => ({ index: start * 3_000 + i }));
      await logs.stop();
      logs = openLogs();
    }
    const found: number[] = [];
    let before: LogPlace | null = null;
    do {
      const { exchanges, next } = await read({}, { before, limit: 700 });
      found.push(...exchanges.map(({ index }) => index));
      before = next;
    } while (before !== null);
    expect(found).toEqual(Array.from({ length: 9_000 }, (_, i) => 8_999 - i));
    expect(filesIn(folderOf(dir, CHANNEL))).toEqual([1, 2, 3]);
  });

  it('is followed from a line on', async () => {
    write(3);
    const [newest] = (await read()).exchanges;
    expect(await indexes({}, { after: newest!.place })).toEqual([]);
    write(2, (i) => ({ index: 10 + i }));
    expect(await indexes({}, { after: newest!.place })).toEqual([11, 10]);
  });

  it('is asked for a time, a message, an id of the carrier, a status, a kind', async () => {
    const begun = clock.now();
    const planId = idAt(begun);
    write(4, (index) => ({ index, planId, at: begun + index * 1_000, carrierId: `id-${index}` }));
    logs.of(CHANNEL)?.add(submit({ planId: planId + 1, index: 2, status: 0x58, at: begun + 4_000 }));
    logs.of(CHANNEL)?.add(exchangeOf(1, begun + 5_000, { kind: 'down', index: 9, detail: 'peer-closed' }));
    expect(await indexes({ from: begun + 1_000, to: begun + 2_000 })).toEqual([2, 1]);
    expect((await read({ message: { planId, index: 2 } })).exchanges.map(({ carrierId }) => carrierId)).toEqual([
      'id-2',
    ]);
    expect(await indexes({ carrierId: 'id-3' })).toEqual([3]);
    expect(await indexes({ status: 'ESME_RTHROTTLED' })).toEqual([2]);
    expect(await indexes({ kind: 'down' })).toEqual([9]);
    expect(await indexes({ message: { planId, index: 9 } })).toEqual([]);
  });

  it('looks through a bounded piece for one page, and says where to go on', async () => {
    logs.of(CHANNEL)?.add(submit({ detail: 'the one', status: 0x58 }));
    // Long lines fill blocks sooner; more than one question inflates.
    for (let piece = 0; piece < 12; piece++) {
      write(5_000, () => ({ detail: 'x'.repeat(500) }));
      await read({}, { limit: 1 });
    }
    const first = await read({ status: 'ESME_RTHROTTLED' });
    expect(first.exchanges).toEqual([]);
    expect(first.next).not.toBeNull();
    const second = await read({ status: 'ESME_RTHROTTLED' }, { before: first.next });
    expect(second.exchanges.map(({ detail }) => detail)).toEqual(['the one']);
    expect(second.next).toBeNull();
  });

  it('passes over what a kill or a power failure left behind the whole blocks', async () => {
    write(2);
    await logs.stop();
    appendFileSync(fileIn(folderOf(dir, CHANNEL), 1), Buffer.alloc(5_000));
    logs = openLogs();
    write(1, () => ({ index: 5 }));
    expect(await indexes()).toEqual([5, 1, 0]);
    appendFileSync(fileIn(folderOf(dir, CHANNEL), 2), 'SXL1 and then something else that is long enough to be a head');
    expect(await indexes()).toEqual([5, 1, 0]);
  });

  it('leaves lines out when the disk refuses, and goes on when it does not any more', async () => {
    writeFileSync(join(dir, String(CHANNEL)), 'in the way');
    write(1);
    expect(await indexes()).toEqual([]);
    rmSync(join(dir, String(CHANNEL)));
    write(1, () => ({ index: 1 }));
    expect(await indexes()).toEqual([1]);
  });

  it('does not wait for a disk that is slow: what does not fit into its memory is left out', async () => {
    // In one turn of the loop nothing is written, as if the disk hung.
    write(12_000, () => ({ detail: 'x'.repeat(500) }));
    const { exchanges } = await read({}, { limit: 1 });
    expect(exchanges[0]!.index).toBeLessThan(11_999);
    expect(exchanges[0]!.index).toBeGreaterThan(6_000);
  });

  it('that is off notes nothing', async () => {
    await logs.stop();
    logs = openLogs({ maxOctets: 0, maxAgeMs: DAY_MS });
    write(3);
    expect(logs.on).toBe(false);
    expect(await indexes()).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('what is kept', () => {
  const size = (channel: number): number =>
    filesIn(folderOf(dir, channel)).reduce((sum, file) => sum + statSync(fileIn(folderOf(dir, channel), file)).size, 0);

  it('is bounded in octets, whatever is written', async () => {
    await logs.stop();
    logs = openLogs({ maxOctets: 200_000, maxAgeMs: DAY_MS });
    for (let round = 0; round < 20; round++) {
      write(2_000, (i) => ({
        index: round * 2_000 + i,
        planId: (round * 2_000 + i) * 7_919,
        carrierId: `${Math.sqrt(round * 2_000 + i)}`,
      }));
      await read({}, { limit: 1 });
    }
    await logs.stop();
    await trimLogs(dir, { maxOctets: 200_000, keepAfter: 0 }, new Map());
    expect(size(CHANNEL)).toBeLessThanOrEqual(200_000);
    expect(size(CHANNEL)).toBeGreaterThan(100_000);
    expect((await read({}, { limit: 1 })).exchanges[0]!.index).toBe(39_999);
  });

  it('gives room where most is used, the oldest first, and never the file being written', async () => {
    for (const [channel, files] of [
      [1, 4],
      [2, 1],
    ] as const) {
      for (let file = 1; file <= files; file++) {
        logs.of(channel)?.add(submit());
        await logs.read({ channelId: channel, filter: ALL, before: null, after: null, limit: 1 });
        await logs.stop();
        logs = openLogs();
        writeFileSync(fileIn(folderOf(dir, channel), file), Buffer.alloc(1_000));
      }
    }
    await trimLogs(dir, { maxOctets: 3_000, keepAfter: 0 }, new Map([['1', 4]]));
    expect(filesIn(folderOf(dir, 1))).toEqual([3, 4]);
    expect(filesIn(folderOf(dir, 2))).toEqual([1]);
    await trimLogs(dir, { maxOctets: 0, keepAfter: 0 }, new Map([['1', 4]]));
    expect(filesIn(folderOf(dir, 1))).toEqual([4]);
    expect(filesIn(folderOf(dir, 2))).toEqual([]);
  });

  it('goes when it is too old, also while nothing follows it', async () => {
    logs = openLogs({ maxOctets: 1e9, maxAgeMs: 2 * DAY_MS });
    await logs.start();
    write(1);
    await read();
    const left = () => filesIn(folderOf(dir, CHANNEL)).length;
    expect(left()).toBe(1);
    // The file is of now, by the machine's clock; the server's goes on.
    for (let i = 0; i < 1_000 && left() > 0; i++) {
      clock.advance(3_600_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(left()).toBe(0);
    write(1, () => ({ index: 8 }));
    expect(await indexes()).toEqual([8]);
  });

  it('goes when it is too old, though written by a server that is gone', async () => {
    write(1);
    await logs.stop();
    const path = fileIn(folderOf(dir, CHANNEL), 1);
    const old = (clock.now() - 8 * DAY_MS) / 1_000;
    utimesSync(path, old, old);
    logs = openLogs();
    await logs.start();
    for (let i = 0; i < 1_000 && filesIn(folderOf(dir, CHANNEL)).length > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(filesIn(folderOf(dir, CHANNEL))).toEqual([]);
  });
});

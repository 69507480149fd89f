import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Journal, type JournalHeader } from './journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'signet-journal-'));
const path = join(directory, 'numbers.csv.signet-send.jsonl');
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const header: Omit<JournalHeader, 'signet_send'> = {
  run: 'run',
  begun_at: '2026-01-01T00:00:00.000Z',
  file: { bytes: 1, sha256: '00', records: 3 },
  order: {
    url: 'http://127.0.0.1:5000',
    user: 'acme',
    signId: 1,
    tempId: 2,
    params: {},
    batch: 2,
    country: 'CN',
    layout: { encoding: 'utf-8', delimiter: ',', header: null, numberColumn: 0 },
    sources: [],
  },
};

/** A send of two chunks: the first is split and loses a row, the second is under way. */
async function write(): Promise<void> {
  const journal = await Journal.create(path, header);
  await journal.begin('0', 't0');
  await journal.settle('0', { result: 'split' });
  await journal.begin('0.0', 't1');
  await journal.settle('0.0', { result: 'accepted', uuid: 'u1', messages: 1 });
  await journal.begin('0.1', 't2');
  await journal.settle('0.1', { result: 'rejected', code: 'too_often', reason: 'r', rows: 1 });
  await journal.finishChunk(0, 40);
  await journal.begin('1', 't3');
  await journal.close();
}

async function resumed(): Promise<Journal> {
  const journal = await Journal.resume(path);
  await journal!.close();
  return journal!;
}

describe('Journal', () => {
  it('remembers what a run wrote', async () => {
    await write();
    const journal = await resumed();
    expect(journal.header).toEqual({ signet_send: 1, ...header });
    expect(journal.chunksDone).toBe(1);
    expect(journal.rejectedBytes).toBe(40);
    expect(journal.messages).toBe(1);
    expect(journal.uuids).toEqual(['u1']);
    expect(journal.rejected).toEqual(new Map([['too_often', 1]]));
    expect(journal.beganAt('1')).toBe('t3');
    expect(journal.resultOf('0')).toBeUndefined();
    expect(journal.finishedAt).toBeNull();
  });

  it('keeps the first time a request was made, and forgets one that left nothing', async () => {
    await write();
    const journal = (await Journal.resume(path))!;
    await journal.begin('1', 't9');
    expect(journal.beganAt('1')).toBe('t3');
    await journal.forget('1');
    expect(journal.beganAt('1')).toBeUndefined();
    await journal.finish('t10');
    await journal.close();
    expect((await resumed()).finishedAt).toBe('t10');
  });

  it('goes on from a journal that was torn anywhere', async () => {
    await write();
    const whole = readFileSync(path, 'utf8');
    const lines = whole.split('\n');
    for (let length = lines[0]!.length + 1; length <= whole.length; length += 7) {
      writeFileSync(path, whole.slice(0, length));
      const journal = (await Journal.resume(path))!;
      await journal.begin('2', 'after');
      await journal.close();
      const again = await resumed();
      expect(again.beganAt('2')).toBe('after');
      expect(again.messages).toBe(
        whole.slice(0, length).includes('"0.0","result":"accepted","uuid":"u1","messages":1}\n') ? 1 : 0,
      );
    }
  });

  it('begins anew where not even the first line was written', async () => {
    expect(await Journal.resume(path)).toBeNull();
    for (const text of ['', '{"signet_send":1']) {
      writeFileSync(path, text);
      expect(await Journal.resume(path)).toBeNull();
      await (await Journal.create(path, header)).close();
      rmSync(path);
    }
  });

  it('refuses what is no journal, and never overwrites one', async () => {
    for (const text of ['{"signet_send":99}\n', 'hello\n', '{"run":1}\n']) {
      writeFileSync(path, text);
      await expect(Journal.resume(path)).rejects.toThrow('not a journal');
      await expect(Journal.create(path, header)).rejects.toThrow('EEXIST');
    }
  });
});

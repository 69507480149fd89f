import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from './draft.ts';
import { Journal, type JournalHeader } from './journal.ts';

const directory = mkdtempSync(join(tmpdir(), 'signet-journal-'));
const path = join(directory, 'numbers.csv.signet-send.jsonl');
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const header: Omit<JournalHeader, 'signet_send'> = {
  begun_at: '2026-01-01T00:00:00.000Z',
  file: { bytes: 1, sha256: '00' },
  order: { url: 'http://127.0.0.1:5000', user: 'acme', query: { template_id: '2' } },
};
const draft = { plan_id: 7, total: 3 } as Draft;

async function write(): Promise<void> {
  const journal = await Journal.create(path, header);
  await journal.begin('key-1');
  await journal.drafted(draft);
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
    expect(journal.header).toEqual({ signet_send: 2, ...header });
    expect(journal).toMatchObject({ key: 'key-1', draft, confirmedAt: null });
  });

  it('goes on with what was written before', async () => {
    await write();
    const again = (await Journal.resume(path))!;
    await again.begin('key-2');
    expect(again).toMatchObject({ key: 'key-2', draft: null });
    await again.drafted({ ...draft, plan_id: 8 });
    await again.confirmed('t');
    await again.close();
    expect(await resumed()).toMatchObject({ key: 'key-2', draft: { plan_id: 8 }, confirmedAt: 't' });
  });

  it('passes over what a crash tore', async () => {
    await write();
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '{"confirmed_');
    expect(await resumed()).toMatchObject({ draft, confirmedAt: null });
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it('that was torn in its first line was never begun', async () => {
    writeFileSync(path, '{"signet_send":2,');
    expect(await Journal.resume(path)).toBe(null);
    expect(existsSync(path)).toBe(false);
    expect(await Journal.resume(path)).toBe(null);
  });

  it.each([
    ['of another form', '{"signet_send":1}\n'],
    ['that is none', 'mobile,name\n13800138000,Ann\n'],
    ['with a broken line', `${JSON.stringify({ signet_send: 2, ...header })}\nnonsense\n`],
  ])('%s is refused, and left as it is', async (_what, text) => {
    writeFileSync(path, text);
    await expect(Journal.resume(path)).rejects.toMatchObject({ facts: { code: 'journal' } });
  });

  it('is not begun twice', async () => {
    await write();
    await expect(Journal.create(path, header)).rejects.toMatchObject({ code: 'EEXIST' });
  });
});

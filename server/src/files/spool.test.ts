import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusalOf } from '../../test/desk.ts';
import { Spool } from './spool.ts';

let folder: string;
let spool: Spool;

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'signet-spool-')), 'uploads');
  spool = new Spool(folder, 100);
  await spool.clean();
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const of = (text: string) => Readable.from([Buffer.from(text.slice(0, 2)), Buffer.from(text.slice(2))]);

test('an upload is a file while somebody works with it', async () => {
  const seen = await spool.with(1, of('abc'), async (file) => {
    expect(readFileSync(file.path, 'utf8')).toBe('abc');
    return file;
  });
  expect(seen).toMatchObject({
    bytes: 3,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  });
  expect(existsSync(seen.path)).toBe(false);
});

test('nothing is left of one that is too large, breaks off, or whose work fails', async () => {
  const work = async () => 'never';
  expect(await refusalOf(spool.with(1, of('x'.repeat(101)), work))).toEqual({ code: 'fileTooLarge', limitBytes: 100 });
  const broken = new PassThrough();
  broken.write('x');
  const taking = refusalOf(spool.with(1, broken, work));
  broken.destroy();
  expect(await taking).toMatchObject({ code: 'fileRefused', why: 'the upload broke off' });
  await expect(
    spool.with(1, of('abc'), async () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});

test('what a process before left is removed', async () => {
  writeFileSync(join(folder, 'old'), '');
  await spool.clean();
  expect(readdirSync(folder)).toEqual([]);
});

test('each owner has a few at a time, two are worked on, and nobody waits for one that is slow to arrive', async () => {
  const slow = new PassThrough();
  const done: string[] = [];
  const running = new Set<string>();
  let most = 0;
  const gates: (() => void)[] = [];
  const work = (name: string) => async () => {
    running.add(name);
    most = Math.max(most, running.size);
    await new Promise<void>((resolve) => gates.push(resolve));
    running.delete(name);
    done.push(name);
  };
  const all = [
    spool.with(1, slow, work('slow')),
    ...['a', 'b', 'c'].map((name) => spool.with(1, of('abc'), work(name))),
    spool.with(2, of('abc'), work('d')),
  ];
  expect(await refusalOf(spool.with(1, of('abc'), work('e')))).toMatchObject({ code: 'overloaded' });
  while (done.length < 4) {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBe(2);
  expect([...done].sort()).toEqual(['a', 'b', 'c', 'd']);
  slow.end('abc');
  while (done.length < 5) {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
});

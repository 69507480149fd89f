import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newFolder } from '../../test/folder.ts';
import { KeptFiles } from './kept-files.ts';
import { Partitions, type ScatteredRow } from './partitions.ts';

test('rows with one key are in one file, all of them, in their order', async () => {
  const partitions = await Partitions.in(join(newFolder(), 'work'));
  const added = Array.from({ length: 5_000 }, (_, i): ScatteredRow => [`key ${i % 700}`, i, 'line\u2028end\n', null]);
  for (const [i, row] of added.entries()) {
    if (partitions.add(row[0] as string, row) || i % 999 === 0) await partitions.flush();
  }
  await partitions.end();
  const where = new Map<string, number>();
  const read: ScatteredRow[] = [];
  for (let i = 0; i < Partitions.count; i++) {
    for (const row of await partitions.part(i)) {
      const key = row[0] as string;
      expect(where.get(key) ?? i).toBe(i);
      where.set(key, i);
      read.push(row);
    }
  }
  expect(new Set(where.values()).size).toBeGreaterThan(Partitions.count / 2);
  const ofKey = (rows: ScatteredRow[], key: string) => rows.filter(([each]) => each === key);
  expect(read).toHaveLength(added.length);
  for (const key of ['key 0', 'key 699']) expect(ofKey(read, key)).toEqual(ofKey(added, key));
});

test('of files that are kept, the newest stay', async () => {
  const kept = new KeptFiles(join(newFolder(), 'kept'), 2);
  for (const id of [8, 9, 10]) {
    const file = await kept.create(id);
    await file.write(String(id));
    await file.close();
  }
  expect([await kept.find(8), (await kept.find(9)) !== null, (await kept.find(10)) !== null]).toEqual([
    null,
    true,
    true,
  ]);
  await kept.remove(9);
  expect(await kept.find(9)).toBe(null);
  await expect(kept.create(10)).rejects.toThrow();
});

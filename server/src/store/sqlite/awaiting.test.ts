import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newFolder } from '../../../test/folder.ts';
import type { Awaiting } from '../store.ts';
import { SqliteStore } from './sqlite.ts';

const AT = 1_767_225_600_000;
const MINUTE = 60_000;

let dir: string;
let store: SqliteStore;
const path = () => join(dir, 'signet.db');
beforeEach(() => {
  dir = newFolder();
  store = new SqliteStore(path(), 'write');
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const part = (carrierId: string, change: Partial<Awaiting> = {}): Awaiting => ({
  channelId: 1,
  carrierId,
  planId: 5,
  index: 0,
  recipient: 8_613_800_138_000,
  parts: 1,
  since: AT,
  ...change,
});
const add = (...rows: Awaiting[]) => store.transact((tx) => tx.awaiting.add(rows));
const remove = (...rows: Awaiting[]) => store.transact((tx) => tx.awaiting.remove(rows));
const found = (...ids: string[]) =>
  store.transact(async (tx) => (await tx.awaiting.find(1, ids)).map(({ carrierId }) => carrierId).sort());
async function restart(): Promise<void> {
  await store.close();
  store = new SqliteStore(path(), 'write');
}
/** Rows of the log and of the table behind it. */
function onDisk(): { log: number; table: number } {
  const db = new DatabaseSync(path(), { readOnly: true });
  const count = (table: string) => db.prepare(`SELECT count(*) AS count FROM ${table}`).get()!.count as number;
  try {
    return { log: count('awaiting_log'), table: count('awaiting_receipt') };
  } finally {
    db.close();
  }
}

test('what was noted is found after a start', async () => {
  await add(part('a'), part('b'));
  await add(part('long', { parts: 2 }));
  await restart();
  expect(await found('a', 'b', 'long')).toEqual(['a', 'b', 'long']);
});

test('what was noted or taken away in a transaction that failed is as it was before', async () => {
  await add(part('a'));
  const failed = store.transact(async (tx) => {
    await tx.awaiting.add([part('b')]);
    await tx.awaiting.remove([part('a')]);
    throw new Error('broken');
  });
  await expect(failed).rejects.toThrow('broken');
  expect(await found('a', 'b')).toEqual(['a']);
});

test('what was noted in a savepoint that failed is gone, what was noted before it stays', async () => {
  await store.transact(async (tx) => {
    await tx.awaiting.add([part('a')]);
    const failed = tx.savepoint(async () => {
      await tx.awaiting.add([part('b')]);
      throw new Error('broken');
    });
    await expect(failed).rejects.toThrow('broken');
    await tx.awaiting.add([part('c')]);
  });
  expect(await found('a', 'b', 'c')).toEqual(['a', 'c']);
});

test('a savepoint that failed over something else brings back nothing that was reported', async () => {
  await add(part('a'), part('b'));
  await store.transact(async (tx) => {
    await tx.awaiting.remove([part('a')]);
    const failed = tx.savepoint(() => Promise.reject(new Error('broken')));
    await expect(failed).rejects.toThrow('broken');
  });
  expect(await found('a', 'b')).toEqual(['b']);
});

test('a transaction that failed after a savepoint in it had changed nothing is undone whole', async () => {
  const failed = store.transact(async (tx) => {
    await tx.awaiting.add([part('a')]);
    await tx.savepoint(async () => {});
    throw new Error('broken');
  });
  await expect(failed).rejects.toThrow('broken');
  expect(await found('a')).toEqual([]);
});

test('the log is dropped from its old end once everything in it was reported', async () => {
  await add(part('a'), part('b'));
  await add(part('c'));
  await remove(part('c'));
  await remove(part('a'));
  await add(part('d'));
  expect(onDisk()).toEqual({ log: 3, table: 0 });
  await remove(part('b'));
  await add(part('e'));
  expect(onDisk()).toEqual({ log: 2, table: 0 });
  expect(await found('a', 'b', 'c', 'd', 'e')).toEqual(['d', 'e']);
});

test('what waits long moves to the table, and is still found, newest first, and taken away', async () => {
  await add(part('a', { index: 1 }), part('b'));
  await remove(part('b'));
  await add(part('a', { index: 2, since: AT + 3 * MINUTE }));
  expect(onDisk()).toEqual({ log: 1, table: 1 });
  const indexes = () => store.transact(async (tx) => (await tx.awaiting.find(1, ['a'])).map(({ index }) => index));
  expect(await indexes()).toEqual([2, 1]);
  await restart();
  expect(await indexes()).toEqual([2, 1]);
  await remove(part('a', { index: 1 }), part('a', { index: 2 }));
  expect(await indexes()).toEqual([]);
});

test('parts of long messages go to the table at once, because a second report of one would count', async () => {
  await add(part('a', { parts: 2 }), part('b', { parts: 2 }));
  await remove(part('a', { parts: 2 }));
  await restart();
  expect(await found('a', 'b')).toEqual(['b']);
  expect(onDisk()).toEqual({ log: 0, table: 1 });
});

test('memory is bounded: the oldest beyond it go to the table', async () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => part(`id-${from + i}`, { index: from + i }));
  for (let from = 0; from < 210_000; from += 30_000) await add(...many(from, 30_000));
  expect(onDisk()).toEqual({ log: 6, table: 30_000 });
  expect(await found('id-0', 'id-29999', 'id-30000', 'id-209999')).toHaveLength(4);
});

/** One thing that can happen to the table, and what a plain list makes of it. */
type Step =
  | { do: 'add'; ids: number[]; long: boolean }
  | { do: 'remove'; id: number }
  | { do: 'fail'; ids: number[] }
  | { do: 'pass'; ms: number }
  | { do: 'restart' };

const id = fc.integer({ min: 0, max: 7 });
const steps = fc.array<Step>(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
      long: fc.boolean(),
    }),
    fc.record({ do: fc.constant('remove' as const), id }),
    fc.record({ do: fc.constant('fail' as const), ids: fc.uniqueArray(id, { maxLength: 4 }) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 2 * MINUTE }) }),
    fc.record({ do: fc.constant('restart' as const) }),
  ),
  { maxLength: 25 },
);

test('whatever happens, nothing that waits is lost, and only a report can come twice', async () => {
  const all = ['0', '1', '2', '3', '4', '5', '6', '7'];
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      let now = AT;
      let index = 0;
      const open = new Map<string, Awaiting>();
      /** Short parts that were reported: a start or a failure may bring them back. */
      const reported = new Set<string>();
      const keyOf = (row: Awaiting) => `${row.carrierId} ${row.index}`;
      for (const step of steps) {
        if (step.do === 'add') {
          const rows = step.ids.map((carrierId) =>
            part(String(carrierId), { index: index++, since: now, parts: step.long ? 2 : 1 }),
          );
          await add(...rows);
          for (const row of rows) open.set(keyOf(row), row);
        } else if (step.do === 'remove') {
          const row = [...open.values()].find(({ carrierId }) => carrierId === String(step.id));
          if (row === undefined) continue;
          await remove(row);
          open.delete(keyOf(row));
          if (row.parts === 1) reported.add(keyOf(row));
        } else if (step.do === 'fail') {
          const failed = store.transact(async (tx) => {
            await tx.awaiting.add(step.ids.map((carrierId) => part(String(carrierId), { index: -1 })));
            await tx.awaiting.remove([...open.values()]);
            throw new Error('broken');
          });
          await expect(failed).rejects.toThrow('broken');
        } else if (step.do === 'pass') now += step.ms;
        else await restart();
        const rows = await store.transact((tx) => tx.awaiting.find(1, all));
        const keys = new Set(rows.map(keyOf));
        for (const key of open.keys()) expect(keys).toContain(key);
        for (const row of rows) {
          if (!open.has(keyOf(row))) expect(reported).toContain(keyOf(row));
          else expect(row).toEqual(open.get(keyOf(row)));
        }
        expect(rows.map(({ since }) => since)).toEqual(rows.map(({ since }) => since).sort((a, b) => b - a));
      }
      // The next run begins with nothing.
      await store.close();
      rmSync(dir, { recursive: true });
      dir = newFolder();
      store = new SqliteStore(path(), 'write');
    }),
    { numRuns: 40 },
  );
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder } from '../../test/folder.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { SqliteStore } from '../store/sqlite/sqlite.ts';
import { limitsContract } from './contract.ts';
import type { Counting, RecentCounts } from './limits.ts';
import { StoreFrequencyLimits } from './store.ts';

const dir = newFolder();
let store: SqliteStore;
beforeAll(() => {
  store = new SqliteStore(join(dir, 'signet.db'), 'write');
});
afterAll(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});
const transact = <T>(work: (counts: RecentCounts) => Promise<T>): Promise<T> =>
  store.transact((tx) => work(tx.frequency));

limitsContract(
  'StoreFrequencyLimits',
  async (policy) => {
    await store.transact((tx) => tx.frequency.dropTimesBefore(Number.MAX_SAFE_INTEGER, 1_000_000));
    return { limits: new StoreFrequencyLimits(policy), transact };
  },
  60,
);

describe('frequency counts in the store', () => {
  const AT = 1_767_225_600_000;
  const one = { ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 60_000 }] };
  const of: Counting = { businessId: 7, category: 'marketing', recipients: [8_613_800_138_000] };
  const take = (limits: StoreFrequencyLimits, at: number) => transact((counts) => limits.take(counts, of, at));

  test('are shared by all processes, whose clocks may differ a little', async () => {
    const [a, b] = [new StoreFrequencyLimits(one), new StoreFrequencyLimits(one)];
    expect(await take(a, AT)).toBe(null);
    expect(await take(b, AT - 40)).toBe(null);
    expect(await take(a, AT + 59_999)).toBe(0);
    expect(await take(b, AT + 59_999)).toBe(0);
    expect(await take(b, AT + 60_000)).toBe(null);
  });
});

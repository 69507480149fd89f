import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Clock } from '../src/lib/clock.ts';
import type { OpenedStore } from '../src/store/contract/seed.ts';
import { SqliteStore } from '../src/store/sqlite/sqlite.ts';
import { newFolder } from './folder.ts';
import { TestDatabase } from './mysql.ts';

/** With SIGNET_TEST_STORE=mysql verbs are tested over a database, one for each file. */
const database = process.env.SIGNET_TEST_STORE === 'mysql' ? await TestDatabase.make() : null;
if (database !== null) afterAll(() => database.drop());

/** An empty store for one test, of the kind that the environment asks for. */
export async function openTestStore(clock: Clock): Promise<OpenedStore> {
  if (database !== null) return database.open(clock);
  const dir = newFolder();
  const store = new SqliteStore(join(dir, 'signet.db'), 'write', clock);
  return {
    store,
    async dispose() {
      await store.close();
      rmSync(dir, { recursive: true });
    },
  };
}

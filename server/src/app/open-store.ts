import { sleep, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { MOVING } from '../store/moving/mark.ts';
import { SqliteStore } from '../store/sqlite/sqlite.ts';
import { type Store, StoreAway } from '../store/store.ts';

/** Where everything is kept: a file of SQLite, or a database of MySQL or MariaDB. */
export type StorePlace = { path: string } | { url: string };

const TRY_EVERY_MS = 500;

/**
 * Opens the store. A server that is started together with its database may wait for it.
 * @throws what the store says when it cannot be opened, or not in time
 */
export async function openStore(
  place: StorePlace,
  mode: 'write' | 'read',
  { log, waitMs }: { log: Logger; waitMs: number },
): Promise<Store> {
  if ('path' in place) return new SqliteStore(place.path, mode);
  const until = systemClock.monotonic() + waitMs;
  for (let tries = 0; ; tries++) {
    try {
      return await opened(place.url, mode);
    } catch (error) {
      if (!(error instanceof StoreAway) || systemClock.monotonic() > until) throw error;
      if (tries === 0) log.warn({ err: error }, 'the store is away; waiting for it');
    }
    await sleep(systemClock, TRY_EVERY_MS);
  }
}

async function opened(url: string, mode: 'write' | 'read'): Promise<Store> {
  // Its driver is loaded where it is used.
  const { MysqlStore } = await import('../store/mysql/mysql.ts');
  const store = await MysqlStore.open(url, mode);
  if (!(await store.read((reader) => reader.installation.get(MOVING)))) return store;
  await store.close();
  throw new Error('an installation is being moved into this database: end it with "signet migrate"');
}

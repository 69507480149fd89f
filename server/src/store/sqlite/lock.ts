import { DatabaseSync } from '@photostructure/sqlite';

/** Another process has this data directory open. */
export class DataInUse extends Error {
  constructor(path: string) {
    super(`another Signet server uses this data directory (${path} is locked); stop it first, or set SIGNET_DATA`);
    this.name = 'DataInUse';
  }
}

/**
 * Holds a data directory for this process. The lock is the operating system's, so it goes with the process however that
 * ends.
 * @throws DataInUse when another process holds it
 */
export function lockData(path: string): { release(): void } {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch {
    db.close();
    throw new DataInUse(path);
  }
  return {
    release() {
      db.close();
    },
  };
}

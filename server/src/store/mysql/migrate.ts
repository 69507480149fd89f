import type { MysqlAddress } from '../../lib/mysql-address.ts';
import { Connection } from './connection.ts';
import { isAnswer } from './errors.ts';
import { migrations } from './migrations/migrations.ts';
import { written } from './sql.ts';

/** How long a node waits for another that brings the schema up to date; then it gives up and may be started again. */
const WAIT_FOR_OTHER_S = 600;
/** Copying a large table takes as long as it takes. */
const STEP_TIMEOUT_MS = 24 * 3_600_000;

/** There is no such table. */
const NO_TABLE = 1146;
/** The table, column or index is there already, or gone already: a step that was done, and not noted. */
const DONE_BEFORE = [1050, 1060, 1061, 1091];

/**
 * Brings a database to this version's schema. Many nodes may do so at once: one holds a lock of the server, the others wait
 * for it and then find nothing to do. MySQL commits each change of a table by itself, so each step is noted by itself, and
 * one that was done without being noted is recognized when it is done again.
 * @throws StoreAway; Error when the database is of a newer version, or another node takes too long
 */
export async function migrate(place: MysqlAddress): Promise<void> {
  const connection = await Connection.open(place);
  const ask = async (sql: string, ...values: (number | string)[]) =>
    (await connection.query({ sql: written(sql, values) }, STEP_TIMEOUT_MS)) as Record<string, unknown>[];
  try {
    // The server closes connections that stand still; this one may wait for a lock.
    await ask('SET SESSION wait_timeout = 86400, SESSION lock_wait_timeout = 600');
    // A name has at most 64 letters; it stands for this database on the whole server. MySQL 9.6 and later have no md5().
    const [locked] = await ask(
      `SELECT GET_LOCK(concat('signet ', left(sha2(database(), 256), 32)), ?) AS held`,
      WAIT_FOR_OTHER_S,
    );
    if (locked!.held !== 1) throw new Error('another node has been bringing the database to a new schema for too long');
    await bring(ask);
  } finally {
    connection.drop();
  }
}

type Ask = (sql: string, ...values: (number | string)[]) => Promise<Record<string, unknown>[]>;

async function bring(ask: Ask): Promise<void> {
  const table = await tableOptions(ask);
  const { version, step } = await progress(ask);
  if (version > migrations.length) {
    throw new Error(`the database is of a newer version (schema ${version}, this is ${migrations.length})`);
  }
  for (let at = version; at < migrations.length; at++) {
    const statements = migrations[at]!(table);
    for (let next = at === version ? step : 0; next < statements.length; next++) {
      try {
        await ask(statements[next]!);
      } catch (error) {
        if (!isAnswer(error, ...DONE_BEFORE)) throw error;
      }
      await note(ask, at, next + 1);
    }
    await note(ask, at + 1, 0);
  }
}

/** How far the schema is: whole versions, and steps of the next. */
async function progress(ask: Ask): Promise<{ version: number; step: number }> {
  try {
    const [row] = await ask('SELECT version, step FROM schema_version WHERE id = 1');
    if (row !== undefined) return row as { version: number; step: number };
  } catch (error) {
    if (!isAnswer(error, NO_TABLE)) throw error;
  }
  return { version: 0, step: 0 };
}

async function note(ask: Ask, version: number, step: number): Promise<void> {
  await ask(
    `INSERT INTO schema_version (id, version, step) VALUES (1, ?, ?)
     ON DUPLICATE KEY UPDATE version = VALUES(version), step = VALUES(step)`,
    version,
    step,
  );
}

/**
 * How tables are kept. Texts are compared octet by octet, blanks at their end included; MySQL and MariaDB have different
 * names for that.
 */
async function tableOptions(ask: Ask): Promise<string> {
  const [row] = await ask('SELECT version() AS version');
  const collation = /mariadb/i.test(String(row!.version)) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
  return `ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`;
}

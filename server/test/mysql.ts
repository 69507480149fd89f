import { type Clock, systemClock } from '../src/lib/clock.ts';
import { mysqlAddress } from '../src/lib/mysql-address.ts';
import { randomSecret } from '../src/lib/random.ts';
import type { OpenedStore } from '../src/store/contract/seed.ts';
import { Connection, type Result } from '../src/store/mysql/connection.ts';
import { MysqlStore } from '../src/store/mysql/mysql.ts';
import { have } from './needs.ts';

/** Where tests find a server: SIGNET_TEST_MYSQL without a database, or the usual place. */
const SERVER = process.env.SIGNET_TEST_MYSQL || 'mysql://root@127.0.0.1:3306';
const STATEMENT_TIMEOUT_MS = 60_000;

/** A database made for one test file. */
export class TestDatabase {
  /** Its address, for `MysqlStore.open`. */
  readonly url: string;
  readonly name: string;
  /** What stands in its tables before anything happens, by table; null until it has tables. */
  #fresh: Map<string, Record<string, unknown>[]> | null = null;

  private constructor(name: string) {
    this.name = name;
    this.url = addressOf(name);
  }

  static async make(): Promise<TestDatabase> {
    const name = `signet_test_${randomSecret(64).replaceAll(/[^A-Za-z0-9]/g, '0')}`;
    await onServer(`CREATE DATABASE ${name}`);
    return new TestDatabase(name);
  }

  drop(): Promise<unknown> {
    return onServer(`DROP DATABASE IF EXISTS ${this.name}`);
  }

  /** An empty store of it; for contracts. */
  async open(clock: Clock = systemClock): Promise<OpenedStore> {
    await this.empty();
    const store = await MysqlStore.open(this.url, 'write', clock);
    if (this.#fresh === null) {
      await store.close();
      this.#fresh = await this.#contents();
      return this.open(clock);
    }
    return { store, dispose: () => store.close() };
  }

  /** Brings its tables back to how they were made: much faster than making them again. */
  async empty(): Promise<void> {
    if (this.#fresh === null) return;
    const statements = [...this.#fresh].flatMap(([table, rows]) => [
      `DELETE FROM ${table}`,
      ...rows.map(
        (row) =>
          `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`,
      ),
    ]);
    // The first business of an installation is the administrator, whom commands of tests name by its number.
    const first = this.#fresh.has('business') ? 'ALTER TABLE business AUTO_INCREMENT = 1' : 'DO 0';
    await this.run(`SET autocommit = 0; ${statements.join('; ')}; COMMIT; ${first}`);
  }

  /** Runs statements beside the store. */
  run(sql: string): Promise<Result> {
    return onServer(sql, this.name);
  }

  async #contents(): Promise<Map<string, Record<string, unknown>[]>> {
    const tables = (await this.run('SHOW TABLES')) as Record<string, string>[];
    const contents = new Map<string, Record<string, unknown>[]>();
    for (const table of tables.map((row) => Object.values(row)[0]!)) {
      if (table === 'writer') contents.set(table, []);
      else contents.set(table, (await this.run(`SELECT * FROM ${table}`)) as Record<string, unknown>[]);
    }
    return contents;
  }
}

/** Whether there is a server for tests; where there is none they are left out, which is said plainly. */
export async function haveMysql(): Promise<boolean> {
  try {
    await onServer('DO 0');
    return have(`a MySQL server at ${shown()}`, true);
  } catch (error) {
    return have(`a MySQL server at ${shown()} (${(error as Error).message})`, false);
  }
}

function addressOf(database: string): string {
  const url = new URL(SERVER);
  url.pathname = `/${database}`;
  return url.href;
}

const shown = () => new URL(SERVER).host;

const literal = (value: unknown): string =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;

/** Runs statements on a connection of their own. */
async function onServer(sql: string, database = 'information_schema'): Promise<Result> {
  const connection = await Connection.open(mysqlAddress(addressOf(database)));
  try {
    return await connection.query({ sql }, STATEMENT_TIMEOUT_MS);
  } finally {
    connection.drop();
  }
}

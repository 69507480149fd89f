import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';
import { migrations } from './migrations/migrations.ts';

export type Value = null | number | string | Uint8Array;
type Row = Record<string, Value>;

/**
 * Pages in the write-ahead log before they are copied into the database. Tables grow at their ends, so a longer log
 * copies the same pages less often; 4,000 pages are 16 MB.
 */
const CHECKPOINT_PAGES = 4_000;

/**
 * How long a statement waits for a lock of another process: somebody who looks into the file with SQLite's own shell locks
 * it for a moment when they come and when they go, which must not end the server.
 */
const LOCK_WAIT_MS = 10_000;

/** A connection with its prepared statements. Rows come as objects unless said otherwise. */
export class Database {
  readonly #db: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();
  /** Those whose rows come as lists. */
  readonly #listing = new Map<string, StatementSyncInstance>();
  /** Whether the running transaction only looks at what is committed. */
  looks = false;

  private constructor(db: DatabaseSyncInstance) {
    this.#db = db;
  }

  /**
   * The one connection that writes. A commit is on disk when it returns (synchronous=FULL); the database is brought to
   * this version's schema.
   */
  static openWriter(path: string): Database {
    const db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    `);
    const database = new Database(db);
    database.#migrate();
    return database;
  }

  /** A connection that only looks, beside the writer. */
  static openReader(path: string): Database {
    const db = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS });
    db.exec('PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY');
    return new Database(db);
  }

  /** The statement for this text, prepared once. */
  statement(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  get(sql: string, ...values: Value[]): Row | undefined {
    return this.statement(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  /**
   * Runs a statement that returns no rows. It is stepped by `get`, since `run` would make an object of what changed,
   * which takes as long as a small change itself (1.1 instead of 2.0 µs).
   */
  run(sql: string, ...values: Value[]): void {
    this.statement(sql).get(...values);
  }

  /** Runs a statement and returns the number of rows changed. */
  changes(sql: string, ...values: Value[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  /** The first row as a list of its columns, for statements that run for every message: cheaper than an object. */
  first(sql: string, ...values: Value[]): Value[] | undefined {
    return this.#listed(sql).get(...values) as Value[] | undefined;
  }

  /** All rows at once, each as a list of its columns: cheaper than one by one, for as many as memory may hold. */
  allLists(sql: string, ...values: Value[]): Value[][] {
    return this.#listed(sql).all(...values) as unknown as Value[][];
  }

  /** All rows one by one, each as a list of its columns. */
  lists(sql: string, ...values: Value[]): Iterable<Value[]> {
    return this.#listed(sql).iterate(...values) as Iterable<Value[]>;
  }

  #listed(sql: string): StatementSyncInstance {
    let statement = this.#listing.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#listing.set(sql, statement);
    }
    return statement;
  }

  /** Runs an INSERT and returns the id it made. */
  insert(sql: string, ...values: Value[]): number {
    return Number(this.statement(sql).run(...values).lastInsertRowid);
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Runs `sql`, which ends or undoes a transaction, unless SQLite has rolled it back itself: a full disk makes it do so. */
  unwind(sql: string): void {
    if (this.#db.isTransaction) this.#db.exec(sql);
  }

  close(): void {
    this.#statements.clear();
    this.#listing.clear();
    this.#db.close();
  }

  #migrate(): void {
    const version = Number(this.get('PRAGMA user_version')!.user_version);
    if (version > migrations.length) {
      throw new Error(`the database is of a newer version (schema ${version}, this is ${migrations.length})`);
    }
    for (let next = version; next < migrations.length; next++) {
      this.exec('BEGIN IMMEDIATE');
      this.exec(migrations[next]!);
      this.exec(`PRAGMA user_version = ${next + 1}`);
      this.exec('COMMIT');
    }
  }
}

/** 1 and 0, as SQLite keeps truth. */
export const bit = (value: boolean): number => (value ? 1 : 0);

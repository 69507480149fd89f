import type { ResultSetHeader } from 'mysql2';
import { type Clock, sleep } from '../../lib/clock.ts';
import type { MysqlAddress } from '../../lib/mysql-address.ts';
import { StoreAway } from '../store.ts';
import { Connection } from './connection.ts';
import { type Values, written } from './sql.ts';

export type Cell = null | number | string | Uint8Array;
export type Row = Record<string, Cell>;

/** A server that stands still for longer than this is taken for lost. Statements of the house are bounded. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Looking may take longer: the books of an installation are checked entry by entry. */
const READ_TIMEOUT_MS = 600_000;
/** Idle connections are closed by the server after ten seconds. */
const PING_EVERY_MS = 3_000;
/** After a connection was refused, nobody tries again for so long. */
const REST_MS = 200;

/**
 * The connection of a store, made again when it was lost, and the statements that tables run through it. A transaction
 * lives and dies with the connection it began on: what comes after a loss fails with `StoreAway`, and never runs outside it.
 */
export class Database {
  readonly #place: MysqlAddress;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #connection: Connection | null = null;
  #inTransaction = false;
  #wrote = false;
  #closed = false;
  /** When the last attempt to connect failed, and how. */
  #refused: { at: number; error: Error } | null = null;

  /** @param mode whether transactions change things, or only look */
  constructor(place: MysqlAddress, mode: 'write' | 'read', clock: Clock) {
    this.#place = place;
    this.#clock = clock;
    this.#timeoutMs = mode === 'write' ? STATEMENT_TIMEOUT_MS : READ_TIMEOUT_MS;
    this.#ping();
  }

  /** Whether the running transaction has changed anything. */
  get wrote(): boolean {
    return this.#wrote;
  }

  /**
   * Connects where there is no connection.
   * @throws StoreAway
   */
  async connect(): Promise<void> {
    if (this.#connection?.alive) return;
    if (this.#closed) throw new Error('the store is closed');
    const now = this.#clock.monotonic();
    if (this.#refused !== null && now - this.#refused.at < REST_MS) throw this.#refused.error;
    try {
      this.#connection = await Connection.open(this.#place);
      this.#refused = null;
    } catch (error) {
      this.#refused = { at: this.#clock.monotonic(), error: error as Error };
      throw error;
    }
  }

  /**
   * Begins a transaction with these statements and gives what they gave. A connection that was lost while nobody looked is
   * made again.
   * @throws StoreAway
   */
  async begin(sql: string): Promise<unknown> {
    const fresh = this.#connection?.alive !== true;
    await this.connect();
    this.#wrote = false;
    this.#inTransaction = true;
    try {
      return await this.#run(sql);
    } catch (error) {
      this.#inTransaction = false;
      if (fresh || !(error instanceof StoreAway) || this.#connection?.alive) throw error;
    }
    return this.begin(sql);
  }

  /** Ends the transaction with these statements, COMMIT the last. */
  async end(sql: string): Promise<void> {
    try {
      await this.#run(sql);
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Undoes the transaction; with a connection that is lost the server does it. */
  async rollback(): Promise<void> {
    try {
      if (this.#connection?.alive) await this.#run('ROLLBACK');
    } catch {
      this.#connection?.drop();
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Rows as objects. */
  async all(sql: string, ...values: Values[]): Promise<Row[]> {
    return (await this.#run(written(sql, values))) as Row[];
  }

  async get(sql: string, ...values: Values[]): Promise<Row | undefined> {
    return ((await this.#run(written(sql, values))) as Row[])[0];
  }

  /** Rows as lists of their columns: cheaper where there are many. */
  async lists(sql: string, ...values: Values[]): Promise<Cell[][]> {
    return (await this.#run(written(sql, values), true)) as Cell[][];
  }

  /** Hands over rows one by one, each a list of its columns, without gathering them: for reading very many. */
  async each(sql: string, values: readonly Values[], visit: (row: readonly Cell[]) => void): Promise<void> {
    const text = written(sql, values);
    await this.#live().each(text, visit as (row: readonly unknown[]) => void, READ_TIMEOUT_MS);
  }

  /** Runs a statement that changes something. */
  async run(sql: string, ...values: Values[]): Promise<void> {
    await this.#change(sql, values);
  }

  /** Runs a statement and returns the number of rows changed; an UPDATE counts rows it found, changed or not. */
  async changes(sql: string, ...values: Values[]): Promise<number> {
    return (await this.#change(sql, values)).affectedRows;
  }

  /** Runs an INSERT of one row and returns the id it made. */
  async insert(sql: string, ...values: Values[]): Promise<number> {
    return (await this.#change(sql, values)).insertId;
  }

  /**
   * Runs a change and, in the same round trip, a question, which sees it. Both take their values from one list, in order.
   * @returns the rows of the question
   */
  async changeAndAsk(sql: string, ...values: Values[]): Promise<Row[]> {
    this.#wrote = true;
    return ((await this.#run(written(sql, values))) as [ResultSetHeader, Row[]])[1];
  }

  /** Savepoints and their ends. */
  async mark(sql: string): Promise<void> {
    await this.#run(sql);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close();
  }

  async #change(sql: string, values: readonly Values[]): Promise<ResultSetHeader> {
    this.#wrote = true;
    return (await this.#run(written(sql, values))) as ResultSetHeader;
  }

  #run(sql: string, rowsAsArray = false): Promise<unknown> {
    return this.#live().query({ sql, rowsAsArray }, this.#timeoutMs);
  }

  #live(): Connection {
    if (!this.#inTransaction) throw new Error('no transaction is open');
    return this.#connection!;
  }

  async #ping(): Promise<void> {
    while (!this.#closed) {
      await sleep(this.#clock, PING_EVERY_MS);
      const connection = this.#connection;
      if (this.#inTransaction || !connection?.alive) continue;
      // A connection that does not answer is found out here instead of by the next batch.
      await connection.query({ sql: 'DO 0' }, STATEMENT_TIMEOUT_MS).catch(() => {});
    }
  }
}

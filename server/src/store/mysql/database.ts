import type { ResultSetHeader } from 'mysql2';
import { type Clock, sleep } from '../../lib/clock.ts';
import type { MysqlAddress } from '../../lib/mysql-address.ts';
import { StoreAway } from '../store.ts';
import { Connection } from './connection.ts';
import { type Values, written } from './sql.ts';
import { Unsent } from './unsent.ts';

export type Cell = null | number | string | Uint8Array;
export type Row = Record<string, Cell>;

/** A server that stands still for longer than this is taken for lost. Statements of the house are bounded. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Looking may take longer: the books of an installation are checked entry by entry. */
const READ_TIMEOUT_MS = 600_000;
/** Idle connections are closed by the server after ten seconds. */
const PING_EVERY_MS = 3_000;
/** Characters of statements that wait for the next one: what a server takes at once is bounded. */
const MAX_UNSENT = 1_000_000;
/** After a connection was refused, nobody tries again for so long. */
const REST_MS = 200;

/**
 * The connection of a store, made again when it was lost, and the statements that tables run through it. A transaction
 * lives and dies with the connection it began on: what comes after a loss fails with `StoreAway`, and never runs outside it.
 *
 * Round trips are most of what a small transaction costs, both here and at the server. So what changes something and is not
 * asked what it did travels with the next statement, the commit at the latest: what is wrong with it is only known then.
 */
export class Database {
  readonly #place: MysqlAddress;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #connection: Connection | null = null;
  #inTransaction = false;
  #wrote = false;
  readonly #unsent = new Unsent();
  /** The transaction only looks. */
  #looks = false;
  /** What begins the transaction is among what was not sent yet, and the connection is from before it. */
  #unopened: 'fresh' | 'old' | null = null;
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

  /** Whether the running transaction only looks at what is committed. */
  get looks(): boolean {
    return this.#looks;
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
    const fresh = await this.#reset();
    try {
      return await this.#live().query({ sql }, this.#timeoutMs);
    } catch (error) {
      this.#inTransaction = false;
      if (fresh || !(error instanceof StoreAway) || this.#connection?.alive) throw error;
    }
    return this.begin(sql);
  }

  /**
   * The same for a transaction that only looks, with a statement that is not asked what it gives: it travels with the first.
   * @throws StoreAway
   */
  async beginLook(sql: string): Promise<void> {
    this.#unopened = (await this.#reset()) ? 'fresh' : 'old';
    this.#unsent.put(sql);
    this.#looks = true;
  }

  /** Ready for another transaction; whether the connection is a new one. */
  async #reset(): Promise<boolean> {
    const fresh = this.#connection?.alive !== true;
    await this.connect();
    this.#wrote = false;
    this.#inTransaction = true;
    this.#looks = false;
    this.#forget();
    return fresh;
  }

  /** Ends the transaction with these statements, COMMIT the last. */
  async end(sql: string): Promise<void> {
    try {
      // What finds too few rows must not be committed.
      if (this.#unsent.demands) await this.#flush();
      await this.#run(sql, { statements: null });
    } finally {
      this.#inTransaction = false;
    }
  }

  /** Undoes the transaction; with a connection that is lost the server does it. */
  async rollback(): Promise<void> {
    const begun = this.#unopened === null;
    this.#forget();
    try {
      if (begun && this.#connection?.alive) await this.#run('ROLLBACK');
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
    return (await this.#run(written(sql, values), { rowsAsArray: true })) as Cell[][];
  }

  /** Hands over rows one by one, each a list of its columns, without gathering them: for reading very many. */
  async each(sql: string, values: readonly Values[], visit: (row: readonly Cell[]) => void): Promise<void> {
    const text = written(sql, values);
    await this.#flush();
    await this.#live().each(text, visit as (row: readonly unknown[]) => void, READ_TIMEOUT_MS);
  }

  /** Changes something with one statement, before the next one runs. */
  run(sql: string, ...values: Values[]): Promise<void> {
    return this.#changeLater(written(sql, values), null);
  }

  /** The same; unless it finds so many rows, changed or not, the transaction fails. */
  runOn(rows: number, sql: string, ...values: Values[]): Promise<void> {
    return this.#changeLater(written(sql, values), rows);
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
    return ((await this.#run(written(sql, values), { statements: 2 })) as [ResultSetHeader, Row[]])[1];
  }

  /** Sets a savepoint. */
  mark(name: string): void {
    this.#live();
    this.#unsent.mark(name);
  }

  /** Keeps what was changed since a savepoint. */
  async keep(name: string): Promise<void> {
    if (!this.#unsent.unmark(name)) await this.#run(`RELEASE SAVEPOINT ${name}`);
  }

  /** Undoes what was changed since a savepoint. */
  async undo(name: string): Promise<void> {
    if (this.#unsent.undo(name)) return;
    this.#forget();
    await this.#run(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`, { statements: null });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close();
  }

  async #change(sql: string, values: readonly Values[]): Promise<ResultSetHeader> {
    this.#wrote = true;
    return (await this.#run(written(sql, values))) as ResultSetHeader;
  }

  async #changeLater(text: string, rows: number | null): Promise<void> {
    if (this.#looks) throw new Error('a transaction that is read-only was to change something');
    this.#wrote = true;
    this.#live();
    this.#unsent.put(text, rows);
    if (this.#unsent.characters > MAX_UNSENT) await this.#flush();
  }

  /** What was not sent will never be. */
  #forget(): void {
    this.#unsent.take();
    this.#unopened = null;
  }

  /** Sends what was not sent yet. */
  async #flush(): Promise<void> {
    if (!this.#unsent.empty) await this.#run(null, { statements: 0 });
  }

  /**
   * Sends a statement behind what was not sent yet.
   * @param statements how many it is: what they gave is a list where it is several; null where nobody asks
   */
  async #run(
    sql: string | null,
    { rowsAsArray = false, statements = 1 }: { rowsAsArray?: boolean; statements?: number | null } = {},
  ): Promise<unknown> {
    const later = this.#unsent.take();
    if (later.length === 0) return this.#live().query({ sql: sql!, rowsAsArray }, this.#timeoutMs);
    const texts = later.map(({ text }) => text);
    if (sql !== null) texts.push(sql);
    const given = await this.#send({ sql: texts.join(';\n'), rowsAsArray });
    const results = (texts.length === 1 ? [given] : given) as unknown[];
    if (statements !== null && results.length !== later.length + statements) {
      throw new Error(`${results.length} results came of ${later.length + statements} statements`);
    }
    for (const [i, { rows }] of later.entries()) {
      const found = rows === null ? null : (results[i] as ResultSetHeader).affectedRows;
      if (found !== rows) throw new Error(`${found} rows were changed where ${rows} were found`);
    }
    return statements === 1 ? results[later.length] : results.slice(later.length);
  }

  /** What is sent first on a connection that was lost while nobody looked is sent again on another. */
  async #send(options: { sql: string; rowsAsArray: boolean }): Promise<unknown> {
    const mayBeLost = this.#unopened === 'old';
    this.#unopened = null;
    try {
      return await this.#live().query({ ...options }, this.#timeoutMs);
    } catch (error) {
      if (!mayBeLost || !(error instanceof StoreAway) || this.#connection?.alive) throw error;
    }
    await this.connect();
    return this.#live().query(options, this.#timeoutMs);
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

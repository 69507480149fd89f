import mysql, { type Connection as Driver, type QueryOptions } from 'mysql2';
import type { MysqlAddress } from '../../lib/mysql-address.ts';
import { StoreAway } from '../store.ts';
import { told } from './errors.ts';

/** How long a server may take to answer a connection. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A process that stands still with the turn in its hand loses both after this. */
const IDLE_TIMEOUT_S = 10;
/** How long one waits for the turn, and for rows that others hold. */
const LOCK_WAIT_S = 20;

/**
 * Connections look alike whatever the server's own settings are. MariaDB would make temporary tables of long lists behind IN,
 * and search our tables through them; MySQL takes that line for a comment.
 */
const SESSION = `
  SET NAMES utf8mb4;
  SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
  SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    SESSION time_zone = '+00:00', SESSION wait_timeout = ${IDLE_TIMEOUT_S},
    SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_S}, SESSION autocommit = 1;
  /*M! SET SESSION in_predicate_conversion_threshold = 0 */`;

/** What a statement gave: rows, or what changed; several statements give a list of it. */
export type Result = unknown;

/** A connection to a server, until it is lost. Statements run one after the other, in the order they were handed in. */
export class Connection {
  readonly #driver: Driver;
  #lost: Error | null = null;

  private constructor(driver: Driver) {
    this.#driver = driver;
    // What happens between statements: the server has gone, or closed a connection that stood still for too long.
    driver.on('error', (error: Error) => {
      this.#lost ??= told(error);
    });
    driver.on('end', () => {
      this.#lost ??= new StoreAway('the MySQL server has closed the connection');
    });
  }

  /** @throws StoreAway when the server cannot be reached; whatever it says when it does not let us in */
  static async open(place: MysqlAddress): Promise<Connection> {
    const driver = mysql.createConnection({
      host: place.host,
      port: place.port,
      user: place.user,
      password: place.password,
      database: place.database,
      ...(place.tls === null
        ? {}
        : {
            ssl: {
              rejectUnauthorized: place.tls.verify,
              verifyIdentity: place.tls.verify,
              ...(place.tls.ca === null ? {} : { ca: place.tls.ca }),
              ...(place.tls.cert === null ? {} : { cert: place.tls.cert }),
              ...(place.tls.key === null ? {} : { key: place.tls.key }),
            },
          }),
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableKeepAlive: true,
      // The server may not ask for files of ours.
      flags: ['-LOCAL_FILES'],
      // Sums are DECIMAL; all numbers we keep are integers below 2^53, which a double holds exactly.
      decimalNumbers: true,
      jsonStrings: true,
      // A transaction begins and ends with several statements each: they travel together.
      multipleStatements: true,
    });
    const connection = new Connection(driver);
    try {
      await new Promise<void>((resolve, reject) => {
        driver.connect((error) => (error === null ? resolve() : reject(error)));
      });
      await connection.query({ sql: SESSION }, CONNECT_TIMEOUT_MS);
    } catch (error) {
      connection.drop();
      throw told(error);
    }
    return connection;
  }

  get alive(): boolean {
    return this.#lost === null;
  }

  /**
   * Runs statements. Whatever is taken for the server being away ends the connection: nobody knows what of them was done.
   * @param timeoutMs when the server is given up
   */
  query(options: QueryOptions, timeoutMs: number): Promise<Result> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    options.timeout = timeoutMs;
    return new Promise((resolve, reject) => {
      this.#driver.query(options, (error, result) => {
        if (error === null) resolve(result);
        else reject(this.#failed(error));
      });
    });
  }

  /** Hands over rows as they come, each a list of its columns, without gathering them. */
  each(sql: string, visit: (row: readonly unknown[]) => void, timeoutMs: number): Promise<void> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      let failed: Error | null = null;
      this.#driver
        .query({ sql, rowsAsArray: true, timeout: timeoutMs })
        .on('result', (row: unknown) => {
          if (failed !== null) return;
          try {
            visit(row as readonly unknown[]);
          } catch (error) {
            failed = error instanceof Error ? error : new Error(String(error));
          }
        })
        .on('error', (error: Error) => {
          failed = this.#failed(error);
        })
        .on('end', () => (failed === null ? resolve() : reject(failed)));
    });
  }

  /** Closes it politely. */
  async close(): Promise<void> {
    if (this.#lost !== null) return this.drop();
    this.#lost = new StoreAway('the connection was closed');
    await new Promise<void>((resolve) => {
      this.#driver.end(() => resolve());
    });
    this.#driver.destroy();
  }

  /** Closes it as it is: the server undoes what was not committed. */
  drop(): void {
    this.#lost ??= new StoreAway('the connection was closed');
    this.#driver.destroy();
  }

  #failed(error: unknown): Error {
    const what = told(error);
    if (what instanceof StoreAway) {
      this.#lost ??= what;
      this.#driver.destroy();
    }
    return what;
  }
}

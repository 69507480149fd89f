import { type Clock, sleep, systemClock } from '../../lib/clock.ts';
import { type MysqlAddress, mysqlAddress } from '../../lib/mysql-address.ts';
import { randomOctets } from '../../lib/random.ts';
import { CommitInDoubt, type Reader, type Store, StoreAway, type Tx } from '../store.ts';
import { Database } from './database.ts';
import { isAnswer } from './errors.ts';
import { migrate } from './migrate.ts';
import { Partitions } from './partitions.ts';
import { tables } from './tables.ts';
import { Turn } from './turn.ts';

/** How long one looks for what became of a transaction whose connection was lost while it was committed. */
const LOOK_FOR_COMMIT_MS = 30_000;
const LOOK_EVERY_MS = 250;

/** A table was cut since the view of a reader was made. */
const TABLE_CHANGED = 1412;

const LOOK = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY';

/**
 * The store of a cluster: a database of MySQL 8 or MariaDB. Its write transactions, whichever process they come from, run
 * one after the other (ADR 0016), which is what the single writer gives the embedded store. One transaction of a store runs
 * at a time; others wait for it.
 */
export class MysqlStore implements Store {
  readonly #db: Database;
  readonly #turn: Turn;
  readonly #tables: Tx;
  readonly #partitions: Partitions;
  readonly #clock: Clock;
  readonly #readOnly: boolean;
  /** The end of the last transaction that was handed in. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(place: MysqlAddress, db: Database, mode: 'write' | 'read', turn: Turn, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#readOnly = mode === 'read';
    this.#turn = turn;
    this.#partitions = new Partitions(place);
    this.#tables = tables(db, turn, this.#partitions);
  }

  /**
   * @param url see `mysqlAddress`
   * @param mode `write` for the connection that changes things, which brings the database to this version's schema; `read`
   *   for those beside it
   * @throws StoreAway when the server cannot be reached; Error when the database is of a newer version
   */
  static async open(url: string, mode: 'write' | 'read', clock: Clock = systemClock): Promise<MysqlStore> {
    const place = mysqlAddress(url);
    if (mode === 'write') await migrate(place);
    const db = new Database(place, mode, clock);
    const turn = new Turn(db, randomOctets(8).toString('hex'), clock);
    try {
      await db.connect();
      if (mode === 'write') await turn.forgetWriters();
    } catch (error) {
      await db.close();
      throw error;
    }
    return new MysqlStore(place, db, mode, turn, clock);
  }

  transact<T>(work: (tx: Tx) => Promise<T>, onDoubt: () => void = () => {}): Promise<T> {
    if (this.#readOnly) return Promise.reject(new Error('this connection only reads'));
    return this.#inLine(() => this.#transact(work, onDoubt));
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#inLine(async () => {
      try {
        return await this.#look(work);
      } catch (error) {
        if (!isAnswer(error, TABLE_CHANGED)) throw error;
        return this.#look(work);
      }
    });
  }

  async #look<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    await this.#db.beginLook(LOOK);
    try {
      return await work(this.#tables);
    } finally {
      await this.#db.rollback();
    }
  }

  backup(): Promise<void> {
    return Promise.reject(
      new Error(
        'this installation keeps its data in MySQL, whose own tools make copies of it: docs/operating/backup.md',
      ),
    );
  }

  async close(): Promise<void> {
    await this.#inLine(() => this.#db.close());
  }

  async #transact<T>(work: (tx: Tx) => Promise<T>, onDoubt: () => void): Promise<T> {
    // Of a transaction that did not come to its end.
    this.#partitions.forget();
    await this.#turn.take();
    let result: T;
    try {
      result = await work(this.#tables);
    } catch (error) {
      await this.#db.rollback();
      throw error;
    }
    await this.#commit(onDoubt);
    if (this.#partitions.wished) await this.#cut();
    return result;
  }

  /** Does to tables what was wished in a transaction, while nobody else writes. What does not go is told to whoever wishes next. */
  async #cut(): Promise<void> {
    try {
      await this.#turn.take();
      await this.#partitions.fulfil();
    } catch {
      // The server is away; there is time for another try.
    } finally {
      await this.#db.rollback();
    }
  }

  async #commit(onDoubt: () => void): Promise<void> {
    try {
      await this.#db.end(this.#turn.passing());
    } catch (error) {
      await this.#db.rollback();
      if (!(error instanceof StoreAway) || !this.#db.wrote) throw error;
      if (!(await this.#wasCommitted(onDoubt))) throw error;
    }
  }

  /** What became of a commit that nobody saw end. @throws CommitInDoubt when the server does not come back in time */
  async #wasCommitted(onDoubt: () => void): Promise<boolean> {
    const until = this.#clock.monotonic() + LOOK_FOR_COMMIT_MS;
    for (let tries = 0; ; tries++) {
      try {
        return await this.#turn.wasCommitted();
      } catch (error) {
        await this.#db.rollback();
        if (!(error instanceof StoreAway) || this.#clock.monotonic() > until) throw new CommitInDoubt({ cause: error });
      }
      if (tries === 0) onDoubt();
      await sleep(this.#clock, LOOK_EVERY_MS);
    }
  }

  #inLine<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

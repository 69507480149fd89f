import type { Clock } from '../../lib/clock.ts';
import { IdGenerator } from '../../lib/ids.ts';
import type { IdKind } from '../store.ts';
import type { Database, Row } from './database.ts';
import { written } from './sql.ts';

/**
 * Waits until nobody else writes, and says how things stand. The snapshot of the transaction is taken after it, by the question
 * which of the tables that are nearly always empty have rows: asked here it costs no round trip.
 */
const TAKE = `
  START TRANSACTION;
  SELECT seq, last_id, lists_seq, lists_from, rules_seq, rules_told FROM turn WHERE id = 1 FOR UPDATE;
  SELECT EXISTS (SELECT 1 FROM in_parts) AS in_parts, EXISTS (SELECT 1 FROM parked) AS parked`;

const WRITER_KEPT_MS = 7 * 86_400_000;

/**
 * The right to write, which one process at a time has: the lock of one row, from the begin of a transaction to its end.
 * It carries what all writers have to agree on: how many transactions there were, the highest id that was given out, and
 * when the lists of recipients and the rules of sending last changed.
 */
export class Turn {
  readonly #db: Database;
  /** Names this process's row of `writer`. */
  readonly #writer: string;
  readonly #clock: Clock;
  readonly #ids: Record<IdKind, IdGenerator>;
  /** How the turn stood before the transaction that runs. */
  #seq = -1;
  /** How it stands once that has been committed. */
  #next = -1;
  #lastId = 0;
  #listsSeq = 0;
  #listsFrom = 0;
  #rulesSeq = 0;
  #filled = { in_parts: true, parked: true };
  #listsChanged = false;
  #rulesChanged = false;

  constructor(db: Database, writer: string, clock: Clock) {
    this.#db = db;
    this.#writer = writer;
    this.#clock = clock;
    const ids = () => new IdGenerator(clock, 0);
    this.#ids = { plan: ids(), ledger: ids(), event: ids(), delivery: ids(), inbound: ids(), task: ids() };
  }

  /** The last transaction that changed lists of recipients, and the last whose changes are not told any more. */
  get lists(): { seq: number; from: number } {
    return { seq: this.#listsSeq, from: this.#listsFrom };
  }

  /** Begins a transaction that writes. @throws StoreAway */
  async take(): Promise<void> {
    const [, [row], [filled]] = (await this.#db.begin(TAKE)) as [unknown, Row[], Row[]];
    if (row === undefined) throw new Error('the table "turn" of the store is empty');
    this.#seq = row.seq as number;
    this.#filled = { in_parts: filled!.in_parts === 1, parked: filled!.parked === 1 };
    this.#lastId = row.last_id as number;
    for (const generator of Object.values(this.#ids)) generator.rise(this.#lastId);
    this.#listsSeq = row.lists_seq as number;
    this.#listsFrom = row.lists_from as number;
    // Processes of the version before do not tell what they change.
    this.#rulesSeq = (row.rules_told === row.seq ? row.rules_seq : row.seq) as number;
    this.#listsChanged = false;
    this.#rulesChanged = false;
  }

  /** The number of the running transaction. */
  get next(): number {
    return this.#seq + 1;
  }

  /** Above every id that anybody has given out, whatever the clocks say. */
  nextId(kind: IdKind): number {
    return this.#ids[kind].next();
  }

  /** The running transaction changes the lists of recipients. */
  changeLists(): void {
    this.#listsChanged = true;
  }

  /** Whether a table may have rows: it had some when the transaction began, or was given some. */
  mayHold(table: 'in_parts' | 'parked'): boolean {
    return this.#filled[table];
  }

  /** The running transaction gives a table rows. */
  fill(table: 'in_parts' | 'parked'): void {
    this.#filled[table] = true;
  }

  /** The last transaction that changed rules of sending, the running one included. */
  get rules(): number {
    return this.#rulesChanged ? this.next : this.#rulesSeq;
  }

  /** The running transaction changes rules of sending. */
  changeRules(): void {
    this.#rulesChanged = true;
  }

  /** Statements that pass the turn on and commit. */
  passing(): string {
    this.#next = this.#db.wrote ? this.#seq + 1 : this.#seq;
    if (!this.#db.wrote) return 'COMMIT';
    const seq = this.#next;
    const highest = Math.max(this.#lastId, ...Object.values(this.#ids).map((generator) => generator.last));
    return written(
      `UPDATE turn SET seq = ?, last_id = ?, lists_seq = ?, rules_seq = ?, rules_told = ? WHERE id = 1;
       INSERT INTO writer (id, seq, at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE seq = VALUES(seq), at = VALUES(at);
       COMMIT`,
      [seq, highest, this.#listsChanged ? seq : this.#listsSeq, this.rules, seq, this.#writer, seq, this.#clock.now()],
    );
  }

  /** Removes the rows of processes that have not written for very long. @throws StoreAway */
  async forgetWriters(): Promise<void> {
    await this.#db.begin(TAKE);
    try {
      await this.#db.run('DELETE FROM writer WHERE at < ?', this.#clock.now() - WRITER_KEPT_MS);
      await this.#db.end('COMMIT');
    } catch (error) {
      await this.#db.rollback();
      throw error;
    }
  }

  /**
   * Whether the transaction whose end nobody saw is committed. Whoever has the turn after it knows: the lock is only given
   * when the other connection has come to its end.
   */
  async wasCommitted(): Promise<boolean> {
    await this.#db.begin(TAKE);
    const row = await this.#db.get('SELECT seq FROM writer WHERE id = ?', this.#writer);
    await this.#db.end('COMMIT');
    return row?.seq === this.#next;
  }
}

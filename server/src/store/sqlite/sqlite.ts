import { existsSync, rmSync } from 'node:fs';
import type { Reader, Store, Tx } from '../store.ts';
import { businessTable, credentialTable, installationTable } from './accounts.ts';
import { SqliteAwaiting } from './awaiting.ts';
import { contentTable, signatureTable, templateTable } from './catalog.ts';
import { Database } from './database.ts';
import { messageReader } from './message-reader.ts';
import { messageWriter } from './message-writer.ts';
import { PlanOwners } from './plan-owners.ts';
import { planTable } from './plans.ts';
import { channelTable, eventTable, ledgerTable } from './records.ts';
import { idempotencyTable, parkedTable, retryTable, uncertainTable } from './sending.ts';

/**
 * The embedded store: one SQLite file. Its calls block the thread they run on, so the house gives it threads of its own
 * (storage-thread.ts); one transaction runs at a time.
 */
export class SqliteStore implements Store {
  readonly #db: Database;
  readonly #tx: Tx;
  readonly #awaiting: SqliteAwaiting;
  readonly #readOnly: boolean;

  /** @param mode `write` for the one connection that changes things, `read` for those beside it */
  constructor(path: string, mode: 'write' | 'read') {
    this.#readOnly = mode === 'read';
    this.#db = this.#readOnly ? Database.openReader(path) : Database.openWriter(path);
    this.#awaiting = new SqliteAwaiting(this.#db);
    this.#tx = tables(this.#db, this.#awaiting);
  }

  async transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#readOnly) throw new Error('this connection only reads');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = await work(this.#tx);
      this.#db.exec('COMMIT');
      this.#awaiting.committed();
      return result;
    } catch (error) {
      this.#db.unwind('ROLLBACK');
      this.#awaiting.rolledBack();
      throw error;
    }
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#db.exec('BEGIN');
    try {
      return await work(this.#tx);
    } finally {
      this.#db.unwind('COMMIT');
    }
  }

  async backup(path: string): Promise<void> {
    if (existsSync(path)) throw new Error(`${path} exists already`);
    this.#db.run('VACUUM INTO ?', path);
    const copy = Database.openReader(path);
    try {
      const verdict = copy.get('PRAGMA integrity_check')?.integrity_check;
      if (verdict !== 'ok') {
        rmSync(path);
        throw new Error(`the copy was damaged, and has been removed: ${String(verdict)}`);
      }
    } finally {
      copy.close();
    }
  }

  /** What SQLite finds wrong with the file; empty when it is whole. */
  damages(): string[] {
    return this.#db
      .all('PRAGMA integrity_check')
      .map((row) => String(row.integrity_check))
      .filter((verdict) => verdict !== 'ok');
  }

  /** The largest id in use of each time-ordered kind: generators start above it. */
  highestIds(): { plan: number; ledger: number; event: number } {
    const highest = (sql: string) => (this.#db.get(sql)!.id as number | null) ?? 0;
    return {
      plan: highest('SELECT max(id) AS id FROM plan'),
      ledger: highest(
        'SELECT max(id) AS id FROM (SELECT (SELECT max(l.id) FROM ledger_entry l WHERE l.business_id = b.id) AS id FROM business b)',
      ),
      event: highest('SELECT max(id) AS id FROM event'),
    };
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}

function tables(db: Database, awaiting: SqliteAwaiting): Tx {
  let depth = 0;
  const owners = new PlanOwners(db);
  return {
    installation: installationTable(db),
    businesses: businessTable(db),
    credentials: credentialTable(db),
    signatures: signatureTable(db),
    templates: templateTable(db),
    contents: contentTable(db),
    plans: planTable(db, owners),
    messages: { ...messageReader(db), ...messageWriter(db, owners) },
    ledger: ledgerTable(db),
    events: eventTable(db),
    channels: channelTable(db),
    retries: retryTable(db),
    uncertain: uncertainTable(db),
    awaiting,
    parked: parkedTable(db),
    idempotency: idempotencyTable(db),
    async savepoint(work) {
      const name = `s${depth++}`;
      db.exec(`SAVEPOINT ${name}`);
      const endOfSavepoint = awaiting.savepoint();
      try {
        const result = await work();
        db.exec(`RELEASE ${name}`);
        return result;
      } catch (error) {
        db.unwind(`ROLLBACK TO ${name}; RELEASE ${name}`);
        awaiting.rolledBack();
        throw error;
      } finally {
        endOfSavepoint();
        depth--;
      }
    },
  };
}

import { existsSync, rmSync } from 'node:fs';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { IdGenerator } from '../../lib/ids.ts';
import type { IdKind, Reader, Store, Tx } from '../store.ts';
import { businessTable, credentialTable, installationTable } from './accounts.ts';
import { auditTable } from './audit.ts';
import { SqliteAwaiting } from './awaiting.ts';
import { contentTable, signatureTable, templateTable } from './catalog.ts';
import { Database } from './database.ts';
import { draftTable } from './drafts.ts';
import { eventTable } from './events.ts';
import { figureTables } from './figures.ts';
import { frequencyTable } from './frequency.ts';
import { inPartsTable } from './in-parts.ts';
import { inboundTable } from './inbound.ts';
import { inboundNumberTable, keywordTable } from './inbound-numbers.ts';
import { noLeases } from './leases.ts';
import { listTable } from './lists.ts';
import { messageReader } from './message-reader.ts';
import { messageWriter } from './message-writer.ts';
import { numberRunTable } from './number-runs.ts';
import { inviteTable, memberTable, sessionTable } from './people.ts';
import { PlanOwners } from './plan-owners.ts';
import { planTable } from './plans.ts';
import { costTable, priceTable } from './prices.ts';
import { channelTable, ledgerTable } from './records.ts';
import { orphanTable, parkedTable, reportLog } from './reports.ts';
import { retentionTable } from './retention.ts';
import { approvedTable, pictureTable } from './review.ts';
import { routeTable } from './routes.ts';
import { idempotencyTable, retryTable, uncertainTable } from './sending.ts';
import { sweepTable } from './sweeps.ts';
import { taskTable } from './tasks.ts';
import { webhookTable } from './webhooks.ts';

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
  constructor(path: string, mode: 'write' | 'read', clock: Clock = systemClock) {
    this.#readOnly = mode === 'read';
    this.#db = this.#readOnly ? Database.openReader(path) : Database.openWriter(path);
    this.#awaiting = new SqliteAwaiting(this.#db);
    this.#tx = tables(this.#db, this.#awaiting, idsAbove(this.#db, clock));
  }

  async transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#readOnly) throw new Error('this connection only reads');
    this.#db.run('BEGIN IMMEDIATE');
    try {
      const result = await work(this.#tx);
      this.#db.run('COMMIT');
      this.#awaiting.committed();
      return result;
    } catch (error) {
      this.#db.unwind('ROLLBACK');
      this.#awaiting.rolledBack();
      throw error;
    }
  }

  async read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#db.run('BEGIN');
    this.#db.looks = true;
    try {
      return await work(this.#tx);
    } finally {
      this.#db.looks = false;
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

  async close(): Promise<void> {
    this.#db.close();
  }
}

/** Generators that start above what the file holds. */
function idsAbove(db: Database, clock: Clock): Record<IdKind, IdGenerator> {
  const above = (sql: string) => new IdGenerator(clock, 0, (db.get(sql)!.id as number | null) ?? 0);
  return {
    plan: above('SELECT max(id) AS id FROM plan'),
    ledger: above(
      'SELECT max(id) AS id FROM (SELECT (SELECT max(l.id) FROM ledger_entry l WHERE l.business_id = b.id) AS id FROM business b)',
    ),
    event: above('SELECT max(id) AS id FROM event'),
    delivery: above('SELECT max(id) AS id FROM webhook_delivery'),
    inbound: above('SELECT max(id) AS id FROM inbound'),
    task: above('SELECT max(id) AS id FROM chore_run'),
  };
}

function tables(db: Database, awaiting: SqliteAwaiting, ids: Record<IdKind, IdGenerator>): Tx {
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
    numberRuns: numberRunTable(db),
    ledger: ledgerTable(db),
    events: eventTable(db),
    channels: channelTable(db),
    routes: routeTable(db),
    webhooks: webhookTable(db),
    retries: retryTable(db),
    uncertain: uncertainTable(db),
    sweeps: sweepTable(db),
    tasks: taskTable(db),
    drafts: draftTable(db),
    figures: figureTables(db),
    prices: priceTable(db),
    costs: costTable(db),
    orphans: orphanTable(db),
    reportLog: reportLog(db),
    inParts: inPartsTable(db),
    inbound: inboundTable(db),
    inboundNumbers: inboundNumberTable(db),
    keywords: keywordTable(db),
    lists: listTable(db),
    members: memberTable(db),
    sessions: sessionTable(db),
    invites: inviteTable(db),
    audit: auditTable(db),
    approved: approvedTable(db),
    pictures: pictureTable(db),
    awaiting,
    parked: parkedTable(db),
    idempotency: idempotencyTable(db),
    frequency: frequencyTable(db),
    // Nobody else writes.
    notices: null,
    retention: retentionTable(db),
    leases: noLeases,
    // The file is locked: nobody else ever writes to it.
    rules: 0,
    nextId: (kind) => ids[kind].next(),
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

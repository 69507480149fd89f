import { Fifo } from '../../lib/fifo.ts';
import { idAt } from '../../lib/ids.ts';
import type { Awaiting, AwaitingTable } from '../store.ts';
import type { Database } from './database.ts';
import { OpenBatch, OpenParts, type PartKey } from './open-parts.ts';

/** Parts kept in memory; the oldest beyond it go to the table. */
const MAX_IN_MEMORY = 200_000;
/** Parts whose report has not come after this long go to the table. */
const MEMORY_MS = 120_000;
/** No part waits since before its plan was made; clocks that are set back differ. */
const SLACK_MS = 86_400_000;

type Row = NonNullable<ReturnType<Database['get']>>;
type Packed = [
  channelId: number,
  carrierId: string,
  planId: number,
  index: number,
  recipient: number,
  parts: number,
  since: number,
];

/**
 * Parts that wait for a report. Nearly all reports come within seconds, so a part is first kept in memory, and on disk
 * only in a log that is written and dropped from one end: an index on random carrier ids would cost more than all else
 * that is done for a message. What waits longer moves to a table with that index. After a start the log is read again:
 * parts that had been reported are then open once more, which does no harm, since a second report of a message of one
 * part changes nothing. Parts of long messages, which are counted, go to the table at once.
 */
export class SqliteAwaiting implements AwaitingTable {
  readonly #db: Database;
  readonly #open = new OpenParts();
  readonly #batches = new Fifo<OpenBatch>();
  #oldest: OpenBatch | null = null;
  #loaded = false;
  /** Changed since the transaction or its innermost savepoint began. */
  #touched = false;
  /** Rows of the log up to this id are done with; they are dropped with the next ones that are added. */
  #doneThrough = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  committed(): void {
    this.#touched = false;
  }

  /** Begins a savepoint; what is returned ends it, after {@link rolledBack} where it was undone. */
  savepoint(): () => void {
    const touchedBefore = this.#touched;
    this.#touched = false;
    return () => {
      this.#touched ||= touchedBefore;
    };
  }

  /** Forgets what memory holds if it was changed; it is read from disk again when it is needed. */
  rolledBack(): void {
    if (!this.#touched) return;
    this.#touched = false;
    this.#loaded = false;
    this.#open.clear();
    this.#batches.clear();
    this.#oldest = null;
    this.#doneThrough = 0;
  }

  async add(rows: readonly Awaiting[]): Promise<void> {
    this.#begin();
    this.#insert(rows.filter(({ parts }) => parts > 1));
    const short = rows.filter(({ parts }) => parts === 1);
    if (short.length === 0) return;
    if (this.#doneThrough > 0) {
      this.#db.run('DELETE FROM awaiting_log WHERE id <= ?', this.#doneThrough);
      this.#doneThrough = 0;
    }
    const logId = this.#db.insert('INSERT INTO awaiting_log (parts) VALUES (?)', JSON.stringify(short.map(pack)));
    this.#remember(logId, short);
    this.#spillBeyond();
    this.#spillBefore(short.at(-1)!.since - MEMORY_MS);
  }

  async find(
    channelId: number,
    carrierIds: readonly string[],
    recipients?: readonly (number | null)[],
  ): Promise<Awaiting[]> {
    this.#begin();
    const found: Awaiting[] = [];
    const inTable = new Set<string>();
    const seen = new Set<string>();
    for (let i = 0; i < carrierIds.length; i++) {
      const carrierId = carrierIds[i]!;
      const recipient = recipients?.[i];
      const rows = this.#open.find(channelId, carrierId);
      const fits = recipient !== undefined && rows.some((row) => recipient === null || row.recipient === recipient);
      if (!fits) inTable.add(carrierId);
      if (seen.has(carrierId)) continue;
      seen.add(carrierId);
      for (const row of rows) found.push(row);
    }
    if (inTable.size > 0 && this.#db.get('SELECT 1 FROM awaiting_receipt LIMIT 1') !== undefined) {
      for (const row of this.#db.all(
        `SELECT a.* FROM json_each(?) AS wanted CROSS JOIN awaiting_receipt a
           ON a.receipt_group = ? AND a.carrier_id = wanted.value`,
        JSON.stringify([...inTable]),
        channelId,
      )) {
        found.push(toAwaiting(row));
      }
    }
    return found.sort((a, b) => b.since - a.since);
  }

  async remove(rows: readonly PartKey[]): Promise<void> {
    this.#begin();
    for (const row of rows) {
      if (this.#open.remove(row)) continue;
      this.#db.run(
        'DELETE FROM awaiting_receipt WHERE receipt_group = ? AND carrier_id = ? AND plan_id = ? AND idx = ?',
        row.channelId,
        row.carrierId,
        row.planId,
        row.index,
      );
    }
    this.#dropDone();
  }

  async waitingSinceBefore(
    since: number,
    after: { planId: number; to: number } | null,
    limit: number,
  ): Promise<Awaiting[]> {
    this.#begin();
    this.#spillBefore(since);
    return this.#db
      .all(
        `SELECT * FROM awaiting_receipt INDEXED BY awaiting_receipt_place
         WHERE (plan_id, idx) > (?, ?) AND plan_id < ? AND since < ? ORDER BY plan_id, idx LIMIT ?`,
        after?.planId ?? 0,
        after?.to ?? 0,
        idAt(since + SLACK_MS),
        since,
        limit,
      )
      .map(toAwaiting);
  }

  async dropBefore(since: number): Promise<number> {
    this.#begin();
    this.#spillBefore(since);
    return this.#db.changes(
      'DELETE FROM awaiting_receipt INDEXED BY awaiting_receipt_place WHERE plan_id < ? AND since < ?',
      idAt(since + SLACK_MS),
      since,
    );
  }

  #begin(): void {
    this.#touched = true;
    if (this.#loaded) return;
    this.#loaded = true;
    // The newest are what is kept; they are not all read at once.
    for (let after = 0, more = true; more; ) {
      const rows = this.#db.all('SELECT id, parts FROM awaiting_log WHERE id > ? ORDER BY id LIMIT 100', after);
      for (const { id, parts } of rows) {
        after = id as number;
        this.#remember(after, (JSON.parse(parts as string) as Packed[]).map(unpack));
      }
      this.#spillBeyond();
      more = rows.length > 0;
    }
  }

  #remember(logId: number, rows: readonly Awaiting[]): void {
    const batch = new OpenBatch(logId, rows[0]!.since);
    for (const row of rows) {
      // Noted twice: the later one counts.
      this.#open.remove(row);
      this.#open.add(row, batch);
    }
    if (this.#oldest === null) this.#oldest = batch;
    else this.#batches.push(batch);
    this.#dropDone();
  }

  #dropDone(): void {
    while (this.#oldest?.done === true) this.#nextOldest();
  }

  #nextOldest(): void {
    this.#doneThrough = this.#oldest!.logId;
    this.#oldest = this.#batches.shift() ?? null;
  }

  #spillBeyond(): void {
    while (this.#open.size > MAX_IN_MEMORY) this.#spillOldest();
  }

  #spillBefore(since: number): void {
    while (this.#oldest !== null && this.#oldest.firstSince < since) this.#spillOldest();
  }

  /** Moves what is open of the oldest batch to the table. */
  #spillOldest(): void {
    // In the table's order, so that neighbours share its pages.
    this.#insert(
      this.#open
        .takeBatch(this.#oldest!)
        .sort((a, b) => a.channelId - b.channelId || (a.carrierId < b.carrierId ? -1 : 1)),
    );
    this.#nextOldest();
    this.#db.run('DELETE FROM awaiting_log WHERE id <= ?', this.#doneThrough);
    this.#dropDone();
  }

  #insert(rows: readonly Awaiting[]): void {
    for (const row of rows) {
      this.#db.run(
        `INSERT OR REPLACE INTO awaiting_receipt (receipt_group, carrier_id, plan_id, idx, recipient, parts, since)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...pack(row),
      );
    }
  }
}

const pack = (row: Awaiting): Packed => [
  row.channelId,
  row.carrierId,
  row.planId,
  row.index,
  row.recipient,
  row.parts,
  row.since,
];

const unpack = ([channelId, carrierId, planId, index, recipient, parts, since]: Packed): Awaiting => ({
  channelId,
  carrierId,
  planId,
  index,
  recipient,
  parts,
  since,
});

function toAwaiting(row: Row): Awaiting {
  return {
    channelId: row.receipt_group as number,
    carrierId: row.carrier_id as string,
    planId: row.plan_id as number,
    index: row.idx as number,
    recipient: row.recipient as number,
    parts: row.parts as number,
    since: row.since as number,
  };
}

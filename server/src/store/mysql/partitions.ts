import { localTime } from '../../lib/calendar.ts';
import { ID_EPOCH_MS, idAt } from '../../lib/ids.ts';
import type { MysqlAddress } from '../../lib/mysql-address.ts';
import { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { isAnswer } from './errors.ts';
import { written } from './sql.ts';

const DAY_MS = 86_400_000;
/** Days for which there is room ahead. */
const DAYS_AHEAD = 3;
/** Whoever reads a table keeps it from being cut; what cannot be done now is done by the next who comes. */
const LOCK_WAIT_S = 2;
/** Somebody else has made or dropped the same days between the wish and now. */
const DONE_BEFORE = [1493, 1507, 1517];
const STATEMENT_TIMEOUT_MS = 3_600_000;

/** A day starts with these values of the column that a table is cut by. */
const BY_ID = (dayStart: number): number => idAt(dayStart);
const BY_TIME = (dayStart: number): number => dayStart;

/** Tables that grow with traffic, cut into days. Plans are dropped first: what has no plan is seen by nobody. */
export const CUT = {
  plan: BY_ID,
  attempt: BY_ID,
  sorted_number: BY_ID,
  message_unusual: BY_ID,
  message: BY_ID,
  submission: BY_TIME,
  event: BY_ID,
} as const;
export type CutTable = keyof typeof CUT;

/** A day of a table: rows from `from` on, below `to`. */
export interface Day {
  name: string;
  from: number;
  to: number;
}

/** The days of a table, oldest first; the first holds whatever is older. What comes after the last is in none. */
export async function daysOf(db: Database, table: CutTable): Promise<Day[]> {
  const rows = (await db.lists(
    `SELECT partition_name, partition_description FROM information_schema.partitions
     WHERE table_schema = database() AND table_name = ? AND partition_description <> 'MAXVALUE'
     ORDER BY partition_ordinal_position`,
    table,
  )) as [string, string][];
  return rows.map(([name, to], i) => ({ name, from: i === 0 ? 0 : Number(rows[i - 1]![1]), to: Number(to) }));
}

/**
 * Cuts tables and drops what was cut off, after the transaction that wishes it: MySQL commits with every change of a table.
 * It is done in a turn, so that no transaction that writes sees a table change under it, on a connection of its own.
 */
export class Partitions {
  readonly #place: MysqlAddress;
  #wishes: string[] = [];
  #failed: Error | null = null;

  constructor(place: MysqlAddress) {
    this.#place = place;
  }

  get wished(): boolean {
    return this.#wishes.length > 0;
  }

  /** @throws what kept the last wishes from being fulfilled, so that whoever wishes again can say it */
  check(): void {
    const failed = this.#failed;
    this.#failed = null;
    if (failed !== null) throw new Error(`tables could not be cut: ${failed.message}`, { cause: failed });
  }

  /** Cuts what a table has behind its last day into days, up to some days ahead of `at`. */
  async cut(db: Database, table: CutTable, at: number): Promise<void> {
    const start = CUT[table];
    const last = (await daysOf(db, table)).at(-1)?.to ?? Number.NEGATIVE_INFINITY;
    const today = Math.floor(Math.max(at, ID_EPOCH_MS) / DAY_MS) * DAY_MS;
    const days: string[] = [];
    for (let day = 0; day <= DAYS_AHEAD; day++) {
      const end = today + (day + 1) * DAY_MS;
      if (start(end) <= last) continue;
      days.push(`PARTITION ${nameOf(end - DAY_MS)} VALUES LESS THAN (${start(end)})`);
    }
    if (days.length === 0) return;
    this.#wishes.push(
      `ALTER TABLE ${table} REORGANIZE PARTITION rest INTO (${days.join(', ')}, PARTITION rest VALUES LESS THAN MAXVALUE)`,
    );
  }

  drop(table: CutTable, { name }: Day): void {
    this.#wishes.push(`ALTER TABLE ${table} DROP PARTITION ${name}`);
  }

  /** Nothing of what was wished remains. */
  forget(): void {
    this.#wishes = [];
  }

  /** Does what was wished, in order, until something does not go; to be called by whoever has the turn. Never rejects. */
  async fulfil(): Promise<void> {
    const wishes = this.#wishes;
    this.#wishes = [];
    try {
      const connection = await Connection.open(this.#place);
      try {
        await connection.query({ sql: written('SET SESSION lock_wait_timeout = ?', [LOCK_WAIT_S]) }, 5_000);
        for (const sql of wishes) await run(connection, sql);
      } finally {
        connection.drop();
      }
    } catch (error) {
      this.#failed = error as Error;
    }
  }
}

async function run(connection: Connection, sql: string): Promise<void> {
  try {
    await connection.query({ sql }, STATEMENT_TIMEOUT_MS);
  } catch (error) {
    if (!isAnswer(error, ...DONE_BEFORE)) throw error;
  }
}

/** `d20261127`: the day in UTC. */
const nameOf = (dayStart: number): string => `d${localTime('UTC', dayStart).day}`;

import type { ResultSetHeader } from 'mysql2';
import { LEASE_MS, type Lease, mayBeTaken } from '../domain/lease.ts';
import type { MysqlAddress } from '../lib/mysql-address.ts';
import { Connection } from '../store/mysql/connection.ts';
import { written } from '../store/mysql/sql.ts';
import type { Beat, HeldLease, Leases, SeenLease, SeenNode, Taken, TellingNode } from './leases.ts';

/** A server that stands still for longer is given up: a lease lasts little longer. */
const TIMEOUT_MS = 4_000;
/** Nodes that were seen in this time are told of; others are forgotten after a day. */
const NODE_SEEN_MS = 300_000;
const NODE_KEPT_MS = 86_400_000;

/** The server's clock, in milliseconds. */
const NOW = 'floor(unix_timestamp(now(3)) * 1000)';

/** Leases as rows of the store, over a connection of their own: they wait neither for the turn nor behind a backlog. */
export class MysqlLeases implements Leases {
  readonly #place: MysqlAddress;
  #connection: Connection | null = null;
  /** Statements of one call after those of the other. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(place: MysqlAddress) {
    this.#place = place;
  }

  beat(node: TellingNode, held: readonly HeldLease[]): Promise<Beat> {
    return this.#inLine(async (connection) => {
      const statements = [told(node)];
      for (const { name, epoch, facts } of held) {
        statements.push(
          written(`UPDATE lease SET until_at = ${NOW} + ?, facts = ? WHERE name = ? AND owner = ? AND epoch = ?`, [
            LEASE_MS,
            facts,
            name,
            node.id,
            epoch,
          ]),
        );
      }
      statements.push(FORGET, LEASES, NODES);
      const results = (await connection.query({ sql: statements.join(';') }, TIMEOUT_MS)) as unknown[];
      const renewed = held.filter((_, i) => (results[i + 1] as ResultSetHeader).affectedRows === 1);
      return {
        renewed: new Set(renewed.map(({ name }) => name)),
        leases: results.at(-2) as SeenLease[],
        nodes: (results.at(-1) as Record<string, unknown>[]).map(nodeOf),
      };
    });
  }

  take(name: string, node: string, idle: readonly string[]): Promise<Taken | null> {
    return this.#inLine(async (connection) => {
      const run = (sql: string, ...values: (number | string)[]) =>
        connection.query({ sql: written(sql, values) }, TIMEOUT_MS);
      await run(`INSERT IGNORE INTO lease (name, owner, epoch, settled, until_at) VALUES (?, NULL, 0, 0, 0)`, name);
      const [, [row]] = (await run(
        `START TRANSACTION;
         SELECT name, owner, epoch, settled, until_at AS untilMs, ${NOW} AS now FROM lease WHERE name = ? FOR UPDATE`,
        name,
      )) as [unknown, [Lease & { settled: number; now: number }]];
      if (!mayBeTaken(row, row.now, idle)) {
        await run('ROLLBACK');
        return null;
      }
      const epoch = row.epoch + 1;
      await run(
        `UPDATE lease SET owner = ?, epoch = ?, until_at = ${NOW} + ?, facts = NULL WHERE name = ?; COMMIT`,
        node,
        epoch,
        LEASE_MS,
        name,
      );
      const settled = row.settled === row.epoch;
      return { epoch, before: row.epoch === 0 ? null : { owner: row.owner, epoch: row.epoch, settled } };
    });
  }

  giveUp(name: string, node: string, epoch: number): Promise<void> {
    return this.#inLine(async (connection) => {
      const sql = `UPDATE lease SET owner = NULL, until_at = ${NOW}, facts = NULL WHERE name = ? AND owner = ? AND epoch = ?`;
      await connection.query({ sql: written(sql, [name, node, epoch]) }, TIMEOUT_MS);
    });
  }

  facts(): Promise<ReadonlyMap<string, string>> {
    return this.#inLine(async (connection) => {
      const rows = (await connection.query({ sql: FACTS }, TIMEOUT_MS)) as { id: string; facts: string }[];
      return new Map(rows.map(({ id, facts }) => [id, facts]));
    });
  }

  leave(node: string): Promise<void> {
    return this.#inLine(async (connection) => {
      await connection.query({ sql: written('DELETE FROM node WHERE id = ?', [node]) }, TIMEOUT_MS);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await this.#connection?.close();
  }

  #inLine<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const run = async () => {
      if (this.#closed) throw new Error('the leases are closed');
      if (!this.#connection?.alive) this.#connection = await Connection.open(this.#place);
      try {
        return await work(this.#connection);
      } catch (error) {
        // A transaction that is open ends with it.
        this.#connection.drop();
        throw error;
      }
    };
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const told = ({ id, roles, host, pid, version, startedAt, busy, facts }: TellingNode): string =>
  written(
    `INSERT INTO node (id, roles, host, pid, version, started_at, seen_at, busy, facts)
     VALUES (?, ?, ?, ?, ?, ?, ${NOW}, ?, ?) ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at), busy = VALUES(busy),
       facts = coalesce(VALUES(facts), facts)`,
    [id, roles, host, pid, version, startedAt, Math.round(busy * 1_000), facts],
  );

const LEASES = `SELECT name, owner, epoch, until_at - ${NOW} AS leftMs, facts FROM lease ORDER BY name`;

const FORGET = `DELETE FROM node WHERE seen_at < ${NOW} - ${NODE_KEPT_MS}`;

const NODES = `SELECT id, roles, host, pid, version, started_at AS startedAt, busy, ${NOW} - seen_at AS seenMs FROM node
  WHERE seen_at > ${NOW} - ${NODE_SEEN_MS} ORDER BY id`;

const FACTS = `SELECT id, facts FROM node WHERE facts IS NOT NULL AND seen_at > ${NOW} - ${NODE_SEEN_MS}`;

const nodeOf = (row: Record<string, unknown>): SeenNode => ({
  ...(row as unknown as SeenNode),
  busy: (row.busy as number) / 1_000,
});

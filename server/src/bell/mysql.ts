import { Connection } from '../store/mysql/connection.ts';
import { written } from '../store/mysql/sql.ts';
import type { Rung, RungSource } from './bell.ts';

/** A question that takes longer is given up. */
const TIMEOUT_MS = 5_000;

/** Reads what transactions have told, over a connection of its own: it waits for nobody's turn. */
export class MysqlRungSource implements RungSource {
  readonly #place: Parameters<typeof Connection.open>[0];
  #connection: Connection | null = null;
  #closed = false;

  constructor(place: Parameters<typeof Connection.open>[0]) {
    this.#place = place;
  }

  async latest(): Promise<number> {
    const [row] = await this.#ask<{ seq: number }>('SELECT seq FROM turn WHERE id = 1');
    return row!.seq;
  }

  after(seq: number, limit: number): Promise<Rung[]> {
    return this.#ask<Rung>(
      written('SELECT seq, process, body FROM notice WHERE seq > ? ORDER BY seq LIMIT ?', [seq, limit]),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#connection?.drop();
  }

  async #ask<T>(sql: string): Promise<T[]> {
    if (this.#closed) throw new Error('the connection is closed');
    this.#connection ??= await Connection.open(this.#place);
    try {
      return (await this.#connection.query({ sql }, TIMEOUT_MS)) as unknown as T[];
    } catch (error) {
      this.#connection?.drop();
      this.#connection = null;
      throw error;
    }
  }
}

import { FINAL, type MessageState, messageCode, messageStateOfCode, USUAL } from '../../domain/message.ts';
import { Lru } from '../../lib/lru.ts';
import type { PlanReader } from '../store.ts';
import type { Database } from './database.ts';

type Counts = Awaited<ReturnType<PlanReader['counts']>>;

/** Plans of fewer messages are counted message by message each time: that takes a few milliseconds. */
const LARGE = 10_000;
/** Messages that are looked at one by one, since a report may still come for them; of more, all are counted. */
const LOOKED_AT = 20_000;
const CAPACITY = 1_000;

const UNREPORTED = messageCode('unreported');
/** What nothing changes any more, and few are in. */
const ENDED = FINAL.filter((state) => state !== 'unreported' && !USUAL.includes(state)).map(messageCode);
/** What a message leaves in time. */
const UNSETTLED = USUAL.filter((state) => state !== 'delivered');

/**
 * How many messages of a plan are in each state. A million of them take a fifth of a second, and somebody who looks at a plan
 * looks again. So it is remembered of large plans that everything has ended: those who are in an unusual state stand in
 * `message_unusual`, only what is unreported among them may still change, and all others were delivered and stay so.
 */
export class PlanCounts {
  readonly #db: Database;
  /** Plans in which everything has ended, and how many messages they have, which never changes. */
  readonly #settled = new Lru<number, number>(CAPACITY);

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param id of a plan that is there */
  async of(id: number): Promise<Counts> {
    const all = this.#settled.get(id);
    if (all !== undefined) return this.#ofSettled(id, all);
    const counts = await this.#counted('SELECT state, count(*) FROM message WHERE plan_id = ? GROUP BY state', id);
    const total = sum(counts);
    // What a transaction sees that may still be undone is not remembered.
    if (total >= LARGE && this.#db.looks && UNSETTLED.every((state) => counts[state] === undefined)) {
      if ((await this.#everUnreported(id)) <= LOOKED_AT) this.#settled.set(id, total);
    }
    return counts;
  }

  async #ofSettled(id: number, all: number): Promise<Counts> {
    const counts = await this.#counted(
      `SELECT state, count(*) FROM message_unusual WHERE state IN (${ENDED.join(', ')}) AND plan_id = ? GROUP BY state`,
      id,
    );
    const [row] = await this.#db.lists(
      `SELECT count(*) FROM message_unusual u STRAIGHT_JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
       WHERE u.state = ${UNREPORTED} AND u.plan_id = ? AND m.state = ${UNREPORTED}`,
      id,
    );
    const unreported = row![0] as number;
    if (unreported > 0) counts.unreported = unreported;
    const delivered = all - sum(counts);
    if (delivered > 0) counts.delivered = delivered;
    return counts;
  }

  /** Messages that are or were unreported: those that are no more stay where they stood. */
  async #everUnreported(id: number): Promise<number> {
    const sql = `SELECT count(*) FROM message_unusual WHERE state = ${UNREPORTED} AND plan_id = ?`;
    return (await this.#db.lists(sql, id))[0]![0] as number;
  }

  async #counted(sql: string, id: number): Promise<Counts> {
    const counts: Counts = {};
    for (const [state, count] of await this.#db.lists(sql, id)) {
      counts[messageStateOfCode(state as number)] = count as number;
    }
    return counts;
  }
}

const sum = (counts: Partial<Record<MessageState, number>>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

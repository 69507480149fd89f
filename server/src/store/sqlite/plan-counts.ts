import { MESSAGE_STATES, type MessageState, messageCode, USUAL } from '../../domain/message.ts';
import { Lru } from '../../lib/lru.ts';
import type { PlanReader } from '../store.ts';
import type { Database } from './database.ts';

type Counts = Awaited<ReturnType<PlanReader['counts']>>;

/** Plans of fewer messages are gone through each time: that takes a few milliseconds. */
const LARGE = 10_000;
const CAPACITY = 1_000;

/**
 * States a message alone is counted in: one pass over a plan, since SQLite would sort what it groups. The others are counted
 * in the index that holds them, and what is left of all was delivered.
 */
const COUNTED_IN_PASS: readonly MessageState[] = USUAL.filter((state) => state !== 'delivered');
const COUNT_PASS = `SELECT count(*), ${COUNTED_IN_PASS.map((state) => `count(*) FILTER (WHERE state = ${messageCode(state)})`).join(', ')}
  FROM message WHERE plan_id = ?`;
const COUNT_UNUSUAL =
  'SELECT count(*) FROM message INDEXED BY message_unusual WHERE state > 4 AND state <> 13 AND state = ? AND plan_id = ?';

const UNUSUAL_STATES = MESSAGE_STATES.filter((state) => !USUAL.includes(state));

/**
 * How many messages of a plan are in each state. The pass over a million of them takes a tenth of a second and more, and
 * somebody who looks at a plan looks again. So it is remembered of large plans that nothing in them is on its way any more:
 * what is in an unusual state is then counted in its index, and all others were delivered.
 */
export class PlanCounts {
  readonly #db: Database;
  /** Plans in which nothing is on its way, and how many messages they have, which never changes. */
  readonly #settled = new Lru<number, number>(CAPACITY);

  constructor(db: Database) {
    this.#db = db;
  }

  async of(id: number): Promise<Counts> {
    const counts: Counts = {};
    const settled = this.#settled.get(id);
    const [all, ...usual] = settled === undefined ? (this.#db.first(COUNT_PASS, id) as number[]) : [settled];
    let rest = all!;
    const note = (state: MessageState, count: number) => {
      if (count > 0) counts[state] = count;
      rest -= count;
    };
    for (const [i, count] of usual.entries()) note(COUNTED_IN_PASS[i]!, count);
    const onItsWay = rest < all!;
    for (const state of UNUSUAL_STATES)
      note(state, this.#db.first(COUNT_UNUSUAL, messageCode(state), id)![0] as number);
    note('delivered', rest);
    // What a transaction sees that may still be undone is not remembered.
    if (!onItsWay && all! >= LARGE && this.#db.looks) this.#settled.set(id, all!);
    return counts;
  }
}

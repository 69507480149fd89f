import { listCode, listOfCode } from '../../domain/listed.ts';
import type { ListChange } from '../store.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';
import type { Turn } from './turn.ts';

/** Changes that are told one by one; whoever has missed more reads the lists again. */
const KEPT = 200_000;
const MAX_ROWS = 2_000;

/** What was changed on lists of recipients: each process that keeps them in memory follows what the others change. */
export class ListChanges {
  readonly #db: Database;
  readonly #turn: Pick<Turn, 'lists' | 'next' | 'changeLists'>;
  /** The last transaction with changes that this process knows of; -1: it knows of none. */
  #seen = -1;

  constructor(db: Database, turn: Pick<Turn, 'lists' | 'next' | 'changeLists'>) {
    this.#db = db;
    this.#turn = turn;
  }

  /** Notes what the running transaction changes. */
  async note(changes: readonly ListChange[]): Promise<void> {
    if (changes.length === 0) return;
    this.#turn.changeLists();
    let last = 0;
    for (const piece of inPieces(changes, MAX_ROWS)) {
      last = await this.#db.insert(
        'INSERT INTO list_change (seq, list, business_id, recipient, listed) VALUES ?',
        piece.map(({ list, businessId, recipient, listed }) => [
          this.#turn.next,
          listCode(list),
          businessId,
          recipient,
          listed ? 1 : 0,
        ]),
      );
    }
    await this.#trim(last - KEPT);
  }

  /** @see ListWriter.news */
  async news(): Promise<ListChange[] | null> {
    const { seq, from } = this.#turn.lists;
    if (this.#seen === seq) return [];
    if (this.#seen < from) {
      // Until all have been read, nothing is known.
      this.#seen = -1;
      return null;
    }
    const rows = await this.#db.lists(
      'SELECT list, business_id, recipient, listed FROM list_change WHERE seq > ? ORDER BY id',
      this.#seen,
    );
    this.#seen = seq;
    return (rows as number[][]).map(([list, businessId, recipient, listed]) => ({
      list: listOfCode(list!),
      businessId: businessId!,
      recipient: recipient!,
      listed: listed === 1,
    }));
  }

  /** Runs `read`, which reads all lists: then this process knows of all that was changed before. */
  async allRead(read: () => Promise<void>): Promise<void> {
    const [row] = (await this.#db.lists('SELECT lists_seq FROM turn WHERE id = 1')) as number[][];
    await read();
    this.#seen = row![0]!;
  }

  async #trim(before: number): Promise<void> {
    const [last] = await this.#db.lists(
      'SELECT id, seq FROM list_change WHERE id < ? ORDER BY id DESC LIMIT 1',
      before,
    );
    if (last === undefined) return;
    await this.#db.run('DELETE FROM list_change WHERE id <= ?', last[0]!);
    await this.#db.run('UPDATE turn SET lists_from = ? WHERE id = 1', last[1]!);
  }
}

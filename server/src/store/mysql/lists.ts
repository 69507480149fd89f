import { type ListEntry, type ListSource, listCode, listOfCode } from '../../domain/listed.ts';
import type { ListReader, ListWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { ListChanges } from './list-changes.ts';
import { inPieces } from './places.ts';
import type { Turn } from './turn.ts';

const MAX_ROWS = 2_000;
const OF_LIST = 'list = ? AND business_id = ?';

export function listTable(db: Database, turn: Pick<Turn, 'lists' | 'next' | 'changeLists'>): ListReader & ListWriter {
  const changes = new ListChanges(db, turn);
  /** Which of the recipients are on the list. */
  const onList = async (list: number, businessId: number, recipients: readonly number[]): Promise<Set<number>> => {
    const rows = await db.lists(
      `SELECT recipient FROM listed WHERE ${OF_LIST} AND recipient IN (?)`,
      list,
      businessId,
      recipients,
    );
    return new Set(rows.map(([recipient]) => recipient as number));
  };
  return {
    async find(list, businessId, recipient) {
      const row = await db.get(
        `SELECT * FROM listed WHERE ${OF_LIST} AND recipient = ?`,
        listCode(list),
        businessId,
        recipient,
      );
      return row === undefined ? null : toEntry(row);
    },
    async list(list, businessId, after, limit) {
      const rows = await db.all(
        `SELECT * FROM listed WHERE ${OF_LIST} AND recipient > ? ORDER BY recipient LIMIT ?`,
        listCode(list),
        businessId,
        after,
        limit,
      );
      return rows.map(toEntry);
    },
    all: (visit) =>
      changes.allRead(() =>
        db.each('SELECT list, business_id, recipient FROM listed', [], (row) => {
          const [list, businessId, recipient] = row as number[];
          visit(listOfCode(list!), businessId!, recipient!);
        }),
      ),
    async words(businessId) {
      const row = await db.get('SELECT opt_out, opt_in FROM opt_words WHERE business_id = ?', businessId);
      if (row === undefined) return null;
      const read = (text: unknown) => (text === null ? null : (JSON.parse(text as string) as string[]));
      return { optOut: read(row.opt_out), optIn: read(row.opt_in) };
    },
    async add(list, businessId, recipients, { since, source, note }) {
      const added: number[] = [];
      for (const piece of inPieces(recipients, MAX_ROWS)) {
        const there = await onList(listCode(list), businessId, piece);
        const fresh: number[] = [];
        for (const recipient of piece) {
          if (there.has(recipient)) continue;
          there.add(recipient);
          fresh.push(recipient);
        }
        if (fresh.length === 0) continue;
        await db.run(
          'INSERT INTO listed (list, business_id, recipient, since, source, note) VALUES ?',
          fresh.map((recipient) => [listCode(list), businessId, recipient, since, source, note]),
        );
        added.push(...fresh);
      }
      await changes.note(added.map((recipient) => ({ list, businessId, recipient, listed: true })));
      return added;
    },
    async remove(list, businessId, recipients) {
      const removed: number[] = [];
      for (const piece of inPieces(recipients, MAX_ROWS)) {
        const there = [...(await onList(listCode(list), businessId, piece))];
        await db.run(`DELETE FROM listed WHERE ${OF_LIST} AND recipient IN (?)`, listCode(list), businessId, there);
        removed.push(...there);
      }
      await changes.note(removed.map((recipient) => ({ list, businessId, recipient, listed: false })));
      return removed;
    },
    news: () => changes.news(),
    async setWords(businessId, { optOut, optIn }) {
      const written = (words: readonly string[] | null) => (words === null ? null : JSON.stringify(words));
      await db.run(
        `INSERT INTO opt_words (business_id, opt_out, opt_in) VALUES (?)
         ON DUPLICATE KEY UPDATE opt_out = VALUES(opt_out), opt_in = VALUES(opt_in)`,
        [businessId, written(optOut), written(optIn)],
      );
    },
  };
}

function toEntry(row: Row): ListEntry {
  return {
    recipient: row.recipient as number,
    since: row.since as number,
    source: row.source as ListSource,
    note: row.note as string,
  };
}

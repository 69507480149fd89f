import { type ListEntry, type ListSource, listCode, listOfCode } from '../../domain/listed.ts';
import type { ListReader, ListWriter } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function listTable(db: Database): ListReader & ListWriter {
  return {
    async find(list, businessId, recipient) {
      const row = db.get(
        'SELECT * FROM listed WHERE list = ? AND business_id = ? AND recipient = ?',
        listCode(list),
        businessId,
        recipient,
      );
      return row === undefined ? null : toEntry(row);
    },
    async list(list, businessId, after, limit) {
      return db
        .all(
          'SELECT * FROM listed WHERE list = ? AND business_id = ? AND recipient > ? ORDER BY recipient LIMIT ?',
          listCode(list),
          businessId,
          after,
          limit,
        )
        .map(toEntry);
    },
    async all(visit) {
      for (const [list, businessId, recipient] of db.lists(
        'SELECT list, business_id, recipient FROM listed',
      ) as Iterable<number[]>) {
        visit(listOfCode(list!), businessId!, recipient!);
      }
    },
    async words(businessId) {
      const row = db.get('SELECT opt_out, opt_in FROM opt_words WHERE business_id = ?', businessId);
      if (row === undefined) return null;
      const read = (text: unknown) => (text === null ? null : (JSON.parse(text as string) as string[]));
      return { optOut: read(row.opt_out), optIn: read(row.opt_in) };
    },
    async add(list, businessId, recipients, { since, source, note }) {
      return db
        .all(
          // WHERE true: without it SQLite would read ON CONFLICT as the condition of a join.
          `INSERT INTO listed (list, business_id, recipient, since, source, note)
           SELECT ?1, ?2, value, ?3, ?4, ?5 FROM json_each(?6) WHERE true ON CONFLICT DO NOTHING RETURNING recipient`,
          listCode(list),
          businessId,
          since,
          source,
          note,
          JSON.stringify(recipients),
        )
        .map((row) => row.recipient as number);
    },
    async remove(list, businessId, recipients) {
      return db
        .all(
          `DELETE FROM listed WHERE list = ? AND business_id = ? AND recipient IN (SELECT value FROM json_each(?))
           RETURNING recipient`,
          listCode(list),
          businessId,
          JSON.stringify(recipients),
        )
        .map((row) => row.recipient as number);
    },
    // The file is locked: nobody else changes it.
    async news() {
      return [];
    },
    async setWords(businessId, { optOut, optIn }) {
      const written = (words: readonly string[] | null) => (words === null ? null : JSON.stringify(words));
      db.run(
        `INSERT INTO opt_words (business_id, opt_out, opt_in) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET opt_out = ?2, opt_in = ?3`,
        businessId,
        written(optOut),
        written(optIn),
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

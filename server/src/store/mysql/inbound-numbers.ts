import type { InboundNumber } from '../../domain/inbound.ts';
import type { Keyword } from '../../domain/keyword.ts';
import type { InboundNumberReader, InboundNumberWriter, KeywordReader, KeywordWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { bit } from './sql.ts';

const ANY_CHANNEL = -1;

export function inboundNumberTable(db: Database): InboundNumberReader & InboundNumberWriter {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM inbound_number WHERE id = ?', id);
      return row === undefined ? null : toNumber(row);
    },
    async list(businessId, cursor, limit) {
      return (await ofBusiness(db, 'inbound_number', businessId, cursor, limit)).map(toNumber);
    },
    async fitting(digits) {
      const beginnings = Array.from({ length: digits.length + 1 }, (_, length) => digits.slice(0, length));
      const rows = await db.all(
        'SELECT * FROM inbound_number WHERE number IN (?) AND (prefix = 1 OR number = ?) ORDER BY id',
        beginnings,
        digits,
      );
      return rows.map(toNumber);
    },
    async taken({ number, prefix, channelId }) {
      const rows = await db.lists(
        'SELECT 1 FROM inbound_number WHERE number = ? AND prefix = ? AND channel_id = ?',
        number,
        bit(prefix),
        channelId ?? ANY_CHANNEL,
      );
      return rows.length > 0;
    },
    async insert({ number, prefix, channelId, businessId, createdAt }) {
      return db.insert('INSERT INTO inbound_number (number, prefix, channel_id, business_id, created_at) VALUES (?)', [
        number,
        bit(prefix),
        channelId ?? ANY_CHANNEL,
        businessId,
        createdAt,
      ]);
    },
    async delete(id) {
      await db.run('DELETE FROM inbound_number WHERE id = ?', id);
    },
  };
}

function ofBusiness(
  db: Database,
  table: 'inbound_number' | 'keyword',
  businessId: number | null,
  cursor: number,
  limit: number,
): Promise<Row[]> {
  const of = businessId === null ? '' : 'AND business_id = ?';
  const values = businessId === null ? [cursor] : [cursor, businessId];
  return db.all(`SELECT * FROM ${table} WHERE id > ? ${of} ORDER BY id LIMIT ?`, ...values, limit);
}

function toNumber(row: Row): InboundNumber {
  return {
    id: row.id as number,
    number: row.number as string,
    prefix: row.prefix === 1,
    channelId: row.channel_id === ANY_CHANNEL ? null : (row.channel_id as number),
    businessId: row.business_id as number,
    createdAt: row.created_at as number,
  };
}

export function keywordTable(db: Database): KeywordReader & KeywordWriter {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM keyword WHERE id = ?', id);
      return row === undefined ? null : toKeyword(row);
    },
    async list(businessId, cursor, limit) {
      return (await ofBusiness(db, 'keyword', businessId, cursor, limit)).map(toKeyword);
    },
    async ofWord(word) {
      return (await db.all('SELECT * FROM keyword WHERE word = ? ORDER BY id', word)).map(toKeyword);
    },
    async count(businessId) {
      const [row] = await db.lists('SELECT count(*) FROM keyword WHERE business_id = ?', businessId);
      return row![0] as number;
    },
    async insert({ businessId, word, shared, templateId, createdAt }) {
      return db.insert('INSERT INTO keyword (business_id, word, shared, template_id, created_at) VALUES (?)', [
        businessId,
        word,
        bit(shared),
        templateId,
        createdAt,
      ]);
    },
    async delete(id) {
      await db.run('DELETE FROM keyword WHERE id = ?', id);
    },
  };
}

function toKeyword(row: Row): Keyword {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    word: row.word as string,
    shared: row.shared === 1,
    templateId: row.template_id as number | null,
    createdAt: row.created_at as number,
  };
}

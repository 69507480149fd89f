import type { InboundNumber } from '../../domain/inbound.ts';
import type { Keyword } from '../../domain/keyword.ts';
import type { InboundNumberReader, InboundNumberWriter, KeywordReader, KeywordWriter } from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function inboundNumberTable(db: Database): InboundNumberReader & InboundNumberWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM inbound_number WHERE id = ?', id);
      return row === undefined ? null : toNumber(row);
    },
    async list(businessId, cursor, limit) {
      const of = businessId === null ? '' : 'AND business_id = ?';
      const values = businessId === null ? [cursor] : [cursor, businessId];
      return db
        .all(`SELECT * FROM inbound_number WHERE id > ? ${of} ORDER BY id LIMIT ?`, ...values, limit)
        .map(toNumber);
    },
    async fitting(digits) {
      const beginnings = Array.from({ length: digits.length + 1 }, (_, length) => digits.slice(0, length));
      return db
        .all(
          `SELECT n.* FROM json_each(?1) d CROSS JOIN inbound_number n ON n.number = d.value
           WHERE n.prefix = 1 OR n.number = ?2 ORDER BY n.id`,
          JSON.stringify(beginnings),
          digits,
        )
        .map(toNumber);
    },
    async taken({ number, prefix, channelId }) {
      return (
        db.get(
          'SELECT 1 FROM inbound_number WHERE number = ? AND prefix = ? AND coalesce(channel_id, -1) = ?',
          number,
          bit(prefix),
          channelId ?? -1,
        ) !== undefined
      );
    },
    async insert({ number, prefix, channelId, businessId, createdAt }) {
      return db.insert(
        'INSERT INTO inbound_number (number, prefix, channel_id, business_id, created_at) VALUES (?, ?, ?, ?, ?)',
        number,
        bit(prefix),
        channelId,
        businessId,
        createdAt,
      );
    },
    async delete(id) {
      db.run('DELETE FROM inbound_number WHERE id = ?', id);
    },
  };
}

function toNumber(row: Row): InboundNumber {
  return {
    id: row.id as number,
    number: row.number as string,
    prefix: row.prefix === 1,
    channelId: row.channel_id as number | null,
    businessId: row.business_id as number,
    createdAt: row.created_at as number,
  };
}

export function keywordTable(db: Database): KeywordReader & KeywordWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM keyword WHERE id = ?', id);
      return row === undefined ? null : toKeyword(row);
    },
    async list(businessId, cursor, limit) {
      const of = businessId === null ? '' : 'AND business_id = ?';
      const values = businessId === null ? [cursor] : [cursor, businessId];
      return db.all(`SELECT * FROM keyword WHERE id > ? ${of} ORDER BY id LIMIT ?`, ...values, limit).map(toKeyword);
    },
    async ofWord(word) {
      return db.all('SELECT * FROM keyword WHERE word = ? ORDER BY id', word).map(toKeyword);
    },
    async count(businessId) {
      return db.get('SELECT count(*) AS count FROM keyword WHERE business_id = ?', businessId)!.count as number;
    },
    async insert({ businessId, word, shared, templateId, createdAt }) {
      return db.insert(
        'INSERT INTO keyword (business_id, word, shared, template_id, created_at) VALUES (?, ?, ?, ?, ?)',
        businessId,
        word,
        bit(shared),
        templateId,
        createdAt,
      );
    },
    async delete(id) {
      db.run('DELETE FROM keyword WHERE id = ?', id);
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

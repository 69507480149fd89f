import { type Category, categoryCode, categoryOfCode } from '../../domain/category.ts';
import type { TariffRow } from '../../domain/tariff.ts';
import type { CostReader, CostWriter, PriceReader, PriceWriter, StoredCost, StoredPrice } from '../store.ts';
import type { Database, Row } from './database.ts';

const INSTALLATION = 0;
const ANY = 0;
const IN_ORDER = `ORDER BY prefix, if(category = ${ANY}, 9, category), valid_from`;

export function priceTable(db: Database): PriceReader & PriceWriter {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM price WHERE id = ?', id);
      return row === undefined ? null : toPrice(row);
    },
    async of(businessId) {
      const sql = `SELECT * FROM price WHERE business_id = ? ${IN_ORDER}`;
      return (await db.all(sql, businessId ?? INSTALLATION)).map(toPrice);
    },
    async put(businessId, rows, at) {
      if (rows.length === 0) return;
      await db.run(
        `INSERT INTO price (business_id, prefix, category, valid_from, credits, created_at) VALUES ?
         ON DUPLICATE KEY UPDATE credits = VALUES(credits), created_at = VALUES(created_at)`,
        rows.map(({ prefix, category, validFrom, credits }) => [
          businessId ?? INSTALLATION,
          prefix,
          codeOf(category),
          validFrom,
          credits,
          at,
        ]),
      );
    },
    async remove(id) {
      await db.run('DELETE FROM price WHERE id = ?', id);
    },
  };
}

export function costTable(db: Database): CostReader & CostWriter {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM channel_cost WHERE id = ?', id);
      return row === undefined ? null : toCost(row);
    },
    async of(channelId) {
      return (await db.all(`SELECT * FROM channel_cost WHERE channel_id = ? ${IN_ORDER}`, channelId)).map(toCost);
    },
    async put(channelId, rows, at) {
      if (rows.length === 0) return;
      await db.run(
        `INSERT INTO channel_cost (channel_id, prefix, category, valid_from, micros, currency, created_at) VALUES ?
         ON DUPLICATE KEY UPDATE micros = VALUES(micros), currency = VALUES(currency), created_at = VALUES(created_at)`,
        rows.map(({ prefix, category, validFrom, micros, currency }) => [
          channelId,
          prefix,
          codeOf(category),
          validFrom,
          micros,
          currency,
          at,
        ]),
      );
    },
    async remove(id) {
      await db.run('DELETE FROM channel_cost WHERE id = ?', id);
    },
  };
}

const codeOf = (category: Category | null): number => (category === null ? ANY : categoryCode(category));

const tariffRow = (row: Row): TariffRow & { id: number; createdAt: number } => ({
  id: row.id as number,
  prefix: row.prefix as string,
  category: row.category === ANY ? null : categoryOfCode(row.category as number),
  validFrom: row.valid_from as number,
  createdAt: row.created_at as number,
});

const toPrice = (row: Row): StoredPrice => ({
  ...tariffRow(row),
  businessId: row.business_id === INSTALLATION ? null : (row.business_id as number),
  credits: row.credits as number,
});

const toCost = (row: Row): StoredCost => ({
  ...tariffRow(row),
  channelId: row.channel_id as number,
  micros: row.micros as number,
  currency: row.currency as string,
});

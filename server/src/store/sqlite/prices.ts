import { type Category, categoryCode, categoryOfCode } from '../../domain/category.ts';
import type { TariffRow } from '../../domain/tariff.ts';
import type { CostReader, CostWriter, PriceReader, PriceWriter, StoredCost, StoredPrice } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

const INSTALLATION = 0;
const ANY = 0;
const IN_ORDER = `ORDER BY prefix, iif(category = ${ANY}, 9, category), valid_from`;

export function priceTable(db: Database): PriceReader & PriceWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM price WHERE id = ?', id);
      return row === undefined ? null : toPrice(row);
    },
    async of(businessId) {
      return db.all(`SELECT * FROM price WHERE business_id = ? ${IN_ORDER}`, businessId ?? INSTALLATION).map(toPrice);
    },
    async put(businessId, rows, at) {
      for (const { prefix, category, validFrom, credits } of rows) {
        db.run(
          `INSERT INTO price (business_id, prefix, category, valid_from, credits, created_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (business_id, prefix, category, valid_from)
           DO UPDATE SET credits = excluded.credits, created_at = excluded.created_at`,
          businessId ?? INSTALLATION,
          prefix,
          codeOf(category),
          validFrom,
          credits,
          at,
        );
      }
    },
    async remove(id) {
      db.run('DELETE FROM price WHERE id = ?', id);
    },
  };
}

export function costTable(db: Database): CostReader & CostWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM channel_cost WHERE id = ?', id);
      return row === undefined ? null : toCost(row);
    },
    async of(channelId) {
      return db.all(`SELECT * FROM channel_cost WHERE channel_id = ? ${IN_ORDER}`, channelId).map(toCost);
    },
    async put(channelId, rows, at) {
      for (const { prefix, category, validFrom, micros, currency } of rows) {
        db.run(
          `INSERT INTO channel_cost (channel_id, prefix, category, valid_from, micros, currency, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, prefix, category, valid_from)
           DO UPDATE SET micros = excluded.micros, currency = excluded.currency, created_at = excluded.created_at`,
          channelId,
          prefix,
          codeOf(category),
          validFrom,
          micros,
          currency,
          at,
        );
      }
    },
    async remove(id) {
      db.run('DELETE FROM channel_cost WHERE id = ?', id);
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

import type { PictureType } from '../../domain/picture.ts';
import { reviewedCode } from '../../domain/review.ts';
import type { ApprovedReader, ApprovedWriter, PictureReader, PictureWriter } from '../store.ts';
import type { Database } from './database.ts';

export function approvedTable(db: Database): ApprovedReader & ApprovedWriter {
  return {
    async of(kind, ids) {
      if (ids.length === 0) return new Map();
      const rows = await db.all(
        'SELECT * FROM approved_version WHERE kind = ? AND item_id IN (?)',
        reviewedCode(kind),
        ids,
      );
      return new Map(
        rows.map((row) => [
          row.item_id as number,
          { version: row.version as number, body: row.body as string, at: row.at as number },
        ]),
      );
    },
    async keep(kind, id, { version, body, at }) {
      await db.run(
        'REPLACE INTO approved_version (kind, item_id, version, body, at) VALUES (?, ?, ?, ?, ?)',
        reviewedCode(kind),
        id,
        version,
        body,
        at,
      );
    },
  };
}

export function pictureTable(db: Database): PictureReader & PictureWriter {
  return {
    async byId(id, businessId) {
      const row = await db.get(
        'SELECT * FROM picture WHERE id = ? AND (? IS NULL OR business_id = ?)',
        id,
        businessId,
        businessId,
      );
      if (row === undefined) return null;
      return {
        id,
        businessId: row.business_id as number,
        type: row.type as PictureType,
        octets: row.octets as Uint8Array,
        createdAt: row.created_at as number,
      };
    },
    async countOf(businessId) {
      const row = await db.get('SELECT count(*) AS count FROM picture WHERE business_id = ?', businessId);
      return row!.count as number;
    },
    async insert({ businessId, type, octets, createdAt }) {
      return db.insert(
        'INSERT INTO picture (business_id, type, octets, created_at) VALUES (?, ?, ?, ?)',
        businessId,
        type,
        octets,
        createdAt,
      );
    },
  };
}

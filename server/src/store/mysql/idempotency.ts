import type { IdempotencyTable } from '../store.ts';
import type { Database } from './database.ts';

export function idempotencyTable(db: Database): IdempotencyTable {
  return {
    async find(businessId, route, key) {
      const row = await db.get(
        'SELECT body_hash, answer, at FROM idempotency WHERE business_id = ? AND route = ? AND request_key = ?',
        businessId,
        route,
        key,
      );
      if (row === undefined) return null;
      return {
        businessId,
        route,
        key,
        bodyHash: row.body_hash as string,
        answer: row.answer as string,
        at: row.at as number,
      };
    },
    add: (row) =>
      db.run(
        'INSERT INTO idempotency (business_id, route, request_key, body_hash, answer, at) VALUES (?, ?, ?, ?, ?, ?)',
        row.businessId,
        row.route,
        row.key,
        row.bodyHash,
        row.answer,
        row.at,
      ),
    dropBefore: (before) => db.changes('DELETE FROM idempotency WHERE at < ?', before),
  };
}

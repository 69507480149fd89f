import type { DraftReader, DraftWriter } from '../store.ts';
import type { Database } from './database.ts';

export function draftTable(db: Database): DraftReader & DraftWriter {
  return {
    async byPlan(planId) {
      const row = db.get('SELECT * FROM draft WHERE plan_id = ?', planId);
      if (row === undefined) return null;
      return {
        planId,
        businessId: row.business_id as number,
        expiresAt: row.expires_at as number | null,
        credits: row.credits as number,
        summary: row.summary as string,
      };
    },
    async countOpen(businessId) {
      const row = db.get(
        'SELECT count(*) AS count FROM draft WHERE expires_at IS NOT NULL AND business_id = ?',
        businessId,
      );
      return row!.count as number;
    },
    async expired(at, limit) {
      return db
        .all(
          'SELECT plan_id FROM draft WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?',
          at,
          limit,
        )
        .map((row) => row.plan_id as number);
    },
    async rejected(planId, after, limit) {
      return db
        .all(
          'SELECT piece, lines FROM draft_rejected WHERE plan_id = ? AND piece > ? ORDER BY piece LIMIT ?',
          planId,
          after,
          limit,
        )
        .map((row) => ({ piece: row.piece as number, lines: row.lines as string }));
    },
    async insert({ planId, businessId, expiresAt, credits, summary }) {
      db.run(
        'INSERT INTO draft (plan_id, business_id, expires_at, credits, summary) VALUES (?, ?, ?, ?, ?)',
        planId,
        businessId,
        expiresAt,
        credits,
        summary,
      );
    },
    async keep(planId) {
      db.run('UPDATE draft SET expires_at = NULL WHERE plan_id = ?', planId);
    },
    async delete(planId) {
      db.run('DELETE FROM draft WHERE plan_id = ?', planId);
    },
    async addRejected(planId, piece, lines) {
      db.run('INSERT INTO draft_rejected (plan_id, piece, lines) VALUES (?, ?, ?)', planId, piece, lines);
    },
  };
}

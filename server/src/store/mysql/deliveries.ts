import type { Piece } from '../../domain/callback.ts';
import { type Delivery, deliveryCode, deliveryStateOfCode, type Try } from '../../domain/webhook.ts';
import { idAt } from '../../lib/ids.ts';
import type { WebhookReader, WebhookWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { inPieces } from './places.ts';

const MAX_ROWS = 500;

type Deliveries =
  | 'delivery'
  | 'deliveries'
  | 'due'
  | 'leastTried'
  | 'addDeliveries'
  | 'updateDelivery'
  | 'reviveDelivery'
  | 'recallDeliveries'
  | 'expireDeliveries'
  | 'dropDeliveries';

/** What webhooks are owed. */
export function deliveryTable(db: Database): Pick<WebhookReader & WebhookWriter, Deliveries> {
  const countWaiting = (webhookId: number, more: number) =>
    db.run('UPDATE webhook SET waiting = waiting + ? WHERE id = ?', more, webhookId);
  return {
    async delivery(id) {
      const row = await db.get('SELECT * FROM webhook_delivery WHERE id = ?', id);
      return row === undefined ? null : toDelivery(row);
    },
    async deliveries(webhookId, state, before, limit) {
      const of = state === null ? '' : 'AND state = ?';
      const values = state === null ? [] : [deliveryCode(state)];
      // MariaDB would go through all of them that are newer.
      const index = state === null ? 'webhook_delivery_of' : 'webhook_delivery_in';
      const rows = await db.all(
        `SELECT * FROM webhook_delivery FORCE INDEX (${index}) WHERE webhook_id = ? ${of} AND id < ? ORDER BY id DESC LIMIT ?`,
        webhookId,
        ...values,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      );
      return rows.map(toDelivery);
    },
    async due(webhookId, at, limit) {
      const rows = await db.all(
        'SELECT * FROM webhook_delivery WHERE webhook_id = ? AND state = 0 AND due_at <= ? ORDER BY id LIMIT ?',
        webhookId,
        at,
        limit,
      );
      return rows.map(toDelivery);
    },
    async leastTried(webhookId, at) {
      const row = await db.get(
        `SELECT * FROM webhook_delivery FORCE INDEX (webhook_delivery_in)
         WHERE webhook_id = ? AND state = 0 AND due_at <= ?
         ORDER BY try_count, id LIMIT 1`,
        webhookId,
        at,
      );
      return row === undefined ? null : toDelivery(row);
    },
    async addDeliveries(webhookId, added, at) {
      for (const piece of inPieces(added, MAX_ROWS)) {
        await db.run(
          `INSERT INTO webhook_delivery (id, webhook_id, row_count, due_at, since, tries, pieces) VALUES ?`,
          piece.map(({ id, pieces, rows, since }) => [id, webhookId, rows, at, since, '[]', JSON.stringify(pieces)]),
        );
      }
      await countWaiting(webhookId, added.length);
    },
    async updateDelivery(delivery) {
      const changed = await db.changes(
        `UPDATE webhook_delivery SET state = ?, tries = ?, try_count = ?, due_at = ?, done_at = ?
         WHERE id = ? AND state = 0`,
        deliveryCode(delivery.state),
        JSON.stringify(delivery.tries),
        delivery.tries.length,
        delivery.dueAt,
        delivery.doneAt,
        delivery.id,
      );
      if (changed > 0 && delivery.state !== 'waiting') await countWaiting(delivery.webhookId, -1);
    },
    async reviveDelivery(id, at) {
      const dead = deliveryCode('dead');
      const row = await db.get('SELECT webhook_id FROM webhook_delivery WHERE id = ? AND state = ?', id, dead);
      if (row === undefined) return;
      await db.run('UPDATE webhook_delivery SET state = 0, due_at = ?, done_at = NULL WHERE id = ?', at, id);
      await countWaiting(row.webhook_id as number, 1);
    },
    async recallDeliveries(webhookId, at) {
      await db.run(
        'UPDATE webhook_delivery SET due_at = ? WHERE webhook_id = ? AND state = 0 AND due_at > ?',
        at,
        webhookId,
        at,
      );
    },
    async expireDeliveries(webhookId, before, at) {
      const expired = await db.changes(
        'UPDATE webhook_delivery SET state = ?, done_at = ? WHERE webhook_id = ? AND state = 0 AND since < ?',
        deliveryCode('dead'),
        at,
        webhookId,
        before,
      );
      if (expired > 0) await countWaiting(webhookId, -expired);
      return expired;
    },
    async dropDeliveries(state, before, limit) {
      // Ids carry their time, so that no index by time is needed.
      return db.changes(
        'DELETE FROM webhook_delivery WHERE state = ? AND id < ? ORDER BY id LIMIT ?',
        deliveryCode(state),
        idAt(before),
        limit,
      );
    },
  };
}

export function toDelivery(row: Row): Delivery {
  return {
    id: row.id as number,
    webhookId: row.webhook_id as number,
    state: deliveryStateOfCode(row.state as number),
    pieces: JSON.parse(row.pieces as string) as Piece[],
    rows: row.row_count as number,
    tries: JSON.parse(row.tries as string) as Try[],
    dueAt: row.due_at as number,
    since: row.since as number,
    doneAt: row.done_at as number | null,
  };
}

import type { Callback, Piece } from '../../domain/callback.ts';
import {
  type Delivery,
  type DeliveryState,
  deliveryCode,
  deliveryStateOfCode,
  type Try,
  type Webhook,
} from '../../domain/webhook.ts';
import { idAt } from '../../lib/ids.ts';
import type { WebhookReader, WebhookWriter } from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function webhookTable(db: Database): WebhookReader & WebhookWriter {
  return { ...webhooks(db), ...deliveries(db) };
}

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

function webhooks(db: Database): Omit<WebhookReader & WebhookWriter, Deliveries> {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM webhook WHERE id = ?', id);
      return row === undefined ? null : toWebhook(row);
    },
    async secrets(id) {
      const row = db.get('SELECT secret, authorization FROM webhook WHERE id = ?', id);
      return row === undefined ? null : { secret: row.secret as string, authorization: row.authorization as string };
    },
    async ofBusiness(businessId) {
      return db.all('SELECT * FROM webhook WHERE business_id = ? ORDER BY id', businessId).map(toWebhook);
    },
    async oldestCursor() {
      return db.first('SELECT min(fed_event) FROM webhook WHERE disabled = 0')![0] as number | null;
    },
    async work(at, maxWaiting) {
      const waits = 'FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 0';
      return db
        .all(
          `SELECT w.id, w.waiting,
             w.waiting < ? AND EXISTS
               (SELECT 1 FROM event e WHERE e.business_id = w.business_id AND e.id > w.fed_event) AS news,
             w.waiting > 0 AND coalesce(w.retry_at, 0) <= ? AND EXISTS (SELECT 1 ${waits} AND d.due_at <= ?) AS due,
             CASE WHEN w.waiting > 0 THEN (SELECT d.id ${waits} ORDER BY d.id LIMIT 1) END AS oldest
           FROM webhook w WHERE w.disabled = 0 ORDER BY w.id`,
          maxWaiting,
          at,
          at,
        )
        .map((row) => ({
          id: row.id as number,
          news: row.news === 1,
          due: row.due === 1,
          waiting: row.waiting as number,
          oldest: row.oldest as number | null,
        }));
    },
    async insert(webhook) {
      return db.insert(
        `INSERT INTO webhook (business_id, url, callbacks, username, secret, authorization, description, fed_event,
           fed_rows, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        webhook.businessId,
        webhook.url,
        JSON.stringify(webhook.callbacks),
        webhook.username,
        webhook.secret,
        webhook.authorization,
        webhook.description,
        webhook.cursor.eventId,
        webhook.cursor.rows,
        webhook.createdAt,
        webhook.createdAt,
      );
    },
    async update(webhook, secrets) {
      db.run(
        `UPDATE webhook SET url = ?, callbacks = ?, username = ?, description = ?, disabled = ?, updated_at = ?,
           secret = coalesce(?, secret), authorization = coalesce(?, authorization) WHERE id = ?`,
        webhook.url,
        JSON.stringify(webhook.callbacks),
        webhook.username,
        webhook.description,
        bit(webhook.state === 'disabled'),
        webhook.updatedAt,
        secrets.secret,
        secrets.authorization,
        webhook.id,
      );
    },
    async delete(id) {
      db.run('DELETE FROM webhook_delivery WHERE webhook_id = ? AND state = 0', id);
      db.run('DELETE FROM webhook WHERE id = ?', id);
    },
    async moveCursor(id, cursor) {
      db.run('UPDATE webhook SET fed_event = ?, fed_rows = ? WHERE id = ?', cursor.eventId, cursor.rows, id);
    },
    async setFailures(id, failures, retryAt) {
      db.run('UPDATE webhook SET failures = ?, retry_at = ? WHERE id = ?', failures, retryAt, id);
    },
  };
}

function deliveries(db: Database): Pick<WebhookReader & WebhookWriter, Deliveries> {
  const countWaiting = (webhookId: number, more: number) =>
    db.run('UPDATE webhook SET waiting = waiting + ? WHERE id = ?', more, webhookId);
  return {
    async delivery(id) {
      const row = db.get('SELECT * FROM webhook_delivery WHERE id = ?', id);
      return row === undefined ? null : toDelivery(row);
    },
    async deliveries(webhookId, state, before, limit) {
      return db
        .all(
          // The state as a number, so that SQLite sees whose index it is.
          `SELECT * FROM webhook_delivery WHERE webhook_id = ? AND id < ? ${state === null ? '' : `AND state = ${deliveryCode(state)}`}
           ORDER BY id DESC LIMIT ?`,
          webhookId,
          before ?? Number.MAX_SAFE_INTEGER,
          limit,
        )
        .map(toDelivery);
    },
    async due(webhookId, at, limit) {
      return db
        .all(
          'SELECT * FROM webhook_delivery WHERE webhook_id = ? AND state = 0 AND due_at <= ? ORDER BY id LIMIT ?',
          webhookId,
          at,
          limit,
        )
        .map(toDelivery);
    },
    async leastTried(webhookId, at) {
      const row = db.get(
        `SELECT * FROM webhook_delivery WHERE webhook_id = ? AND state = 0 AND due_at <= ?
         ORDER BY try_count, id LIMIT 1`,
        webhookId,
        at,
      );
      return row === undefined ? null : toDelivery(row);
    },
    async addDeliveries(webhookId, added, at) {
      for (const { id, pieces, rows, since } of added) {
        db.run(
          'INSERT INTO webhook_delivery (id, webhook_id, pieces, row_count, due_at, since) VALUES (?, ?, ?, ?, ?, ?)',
          id,
          webhookId,
          JSON.stringify(pieces),
          rows,
          at,
          since,
        );
      }
      countWaiting(webhookId, added.length);
    },
    async updateDelivery(delivery) {
      const changed = db.changes(
        `UPDATE webhook_delivery SET state = ?, tries = ?, try_count = ?, due_at = ?, done_at = ?
         WHERE id = ? AND state = 0`,
        deliveryCode(delivery.state),
        JSON.stringify(delivery.tries),
        delivery.tries.length,
        delivery.dueAt,
        delivery.doneAt,
        delivery.id,
      );
      if (changed > 0 && delivery.state !== 'waiting') countWaiting(delivery.webhookId, -1);
    },
    async reviveDelivery(id, at) {
      const dead = deliveryCode('dead');
      const row = db.get('SELECT webhook_id FROM webhook_delivery WHERE id = ? AND state = ?', id, dead);
      if (row === undefined) return;
      db.run('UPDATE webhook_delivery SET state = 0, due_at = ?, done_at = NULL WHERE id = ?', at, id);
      countWaiting(row.webhook_id as number, 1);
    },
    async recallDeliveries(webhookId, at) {
      db.run(
        'UPDATE webhook_delivery SET due_at = ? WHERE webhook_id = ? AND state = 0 AND due_at > ?',
        at,
        webhookId,
        at,
      );
    },
    async expireDeliveries(webhookId, before, at) {
      const expired = db.changes(
        'UPDATE webhook_delivery SET state = ?, done_at = ? WHERE webhook_id = ? AND state = 0 AND since < ?',
        deliveryCode('dead'),
        at,
        webhookId,
        before,
      );
      countWaiting(webhookId, -expired);
      return expired;
    },
    async dropDeliveries(state, before, limit) {
      // Ids carry their time and are the key, so that no index by time is needed.
      return db.changes(
        `DELETE FROM webhook_delivery WHERE id IN
           (SELECT id FROM webhook_delivery WHERE id < ? AND state = ? ORDER BY id LIMIT ?)`,
        idAt(before),
        deliveryCode(state),
        limit,
      );
    },
  };
}

function toWebhook(row: Row): Webhook {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    url: row.url as string,
    callbacks: JSON.parse(row.callbacks as string) as Callback[],
    username: row.username as string,
    hasAuthorization: row.authorization !== '',
    description: row.description as string,
    state: row.disabled === 1 ? 'disabled' : 'active',
    failures: row.failures as number,
    retryAt: row.retry_at as number | null,
    waiting: row.waiting as number,
    cursor: { eventId: row.fed_event as number, rows: row.fed_rows as number },
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}

export function toDelivery(row: Row): Delivery {
  return {
    id: row.id as number,
    webhookId: row.webhook_id as number,
    state: deliveryStateOfCode(row.state as number) as DeliveryState,
    pieces: JSON.parse(row.pieces as string) as Piece[],
    rows: row.row_count as number,
    tries: JSON.parse(row.tries as string) as Try[],
    dueAt: row.due_at as number,
    since: row.since as number,
    doneAt: row.done_at as number | null,
  };
}

import type { Callback } from '../../domain/callback.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { WebhookReader, WebhookWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { deliveryTable } from './deliveries.ts';
import { bit } from './sql.ts';

export function webhookTable(db: Database): WebhookReader & WebhookWriter {
  return {
    ...deliveryTable(db),
    async byId(id) {
      const row = await db.get('SELECT * FROM webhook WHERE id = ?', id);
      return row === undefined ? null : toWebhook(row);
    },
    async secrets(id) {
      const row = await db.get('SELECT secret, authorization FROM webhook WHERE id = ?', id);
      return row === undefined ? null : { secret: row.secret as string, authorization: row.authorization as string };
    },
    async ofBusiness(businessId) {
      return (await db.all('SELECT * FROM webhook WHERE business_id = ? ORDER BY id', businessId)).map(toWebhook);
    },
    async oldestCursor() {
      const [row] = await db.lists('SELECT min(fed_event) FROM webhook WHERE disabled = 0');
      return row![0] as number | null;
    },
    async work(at, maxWaiting) {
      const waits = 'FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 0';
      const rows = await db.all(
        `SELECT w.id, w.waiting,
           w.waiting < ? AND EXISTS
             (SELECT 1 FROM event_last e WHERE e.business_id = w.business_id AND e.event_id > w.fed_event) AS news,
           w.waiting > 0 AND coalesce(w.retry_at, 0) <= ? AND EXISTS (SELECT 1 ${waits} AND d.due_at <= ?) AS due,
           CASE WHEN w.waiting > 0 THEN (SELECT min(d.id) ${waits}) END AS oldest
         FROM webhook w WHERE w.disabled = 0 ORDER BY w.id`,
        maxWaiting,
        at,
        at,
      );
      return rows.map((row) => ({
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
           fed_rows, created_at, updated_at) VALUES (?)`,
        [
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
        ],
      );
    },
    async update(webhook, secrets) {
      await db.run(
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
      await db.run('DELETE FROM webhook_delivery WHERE webhook_id = ? AND state = 0', id);
      await db.run('DELETE FROM webhook WHERE id = ?', id);
    },
    async moveCursor(id, cursor) {
      await db.run('UPDATE webhook SET fed_event = ?, fed_rows = ? WHERE id = ?', cursor.eventId, cursor.rows, id);
    },
    async setFailures(id, failures, retryAt) {
      await db.run('UPDATE webhook SET failures = ?, retry_at = ? WHERE id = ?', failures, retryAt, id);
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

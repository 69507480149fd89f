import type { Delivery, DeliveryState, Webhook, WebhookCursor, WebhookSecrets } from '../../domain/webhook.ts';

/** A webhook as it is set, before it has done anything. */
export type NewWebhook = Omit<
  Webhook,
  'id' | 'hasAuthorization' | 'state' | 'failures' | 'retryAt' | 'waiting' | 'updatedAt'
> &
  WebhookSecrets;

/** What a webhook has to do. */
export interface WebhookWork {
  id: number;
  /** Whether something happened that has not been made into deliveries, and there is room for more of them. */
  news: boolean;
  /** Whether something may be sent now. */
  due: boolean;
  waiting: number;
  /** The oldest delivery that waits; null when none does. */
  oldest: number | null;
}

export interface WebhookReader {
  byId(id: number): Promise<Webhook | null>;
  secrets(id: number): Promise<WebhookSecrets | null>;
  /** In the order of their ids. */
  ofBusiness(businessId: number): Promise<Webhook[]>;
  /** Up to which event every active webhook has been fed; null: there is none. */
  oldestCursor(): Promise<number | null>;
  /** Of every active webhook. `maxWaiting`: those with as many deliveries have no room. */
  work(at: number, maxWaiting: number): Promise<WebhookWork[]>;
  delivery(id: number): Promise<Delivery | null>;
  /** Newest first, before `before` (a delivery id). */
  deliveries(webhookId: number, state: DeliveryState | null, before: number | null, limit: number): Promise<Delivery[]>;
  /** Those that wait and may be tried, in order. */
  due(webhookId: number, at: number, limit: number): Promise<Delivery[]>;
  /** Of these, the one tried least, the first of them; null when none may be tried. */
  leastTried(webhookId: number, at: number): Promise<Delivery | null>;
}

export interface WebhookWriter {
  insert(webhook: NewWebhook): Promise<number>;
  /** Writes what may be edited. Null keeps a secret. */
  update(webhook: Webhook, secrets: { [K in keyof WebhookSecrets]: WebhookSecrets[K] | null }): Promise<void>;
  /** Takes it away with the deliveries that wait; the others stay until they are forgotten. */
  delete(id: number): Promise<void>;
  moveCursor(id: number, cursor: WebhookCursor): Promise<void>;
  setFailures(id: number, failures: number, retryAt: number | null): Promise<void>;
  /** New ones, waiting, due at once. */
  addDeliveries(
    webhookId: number,
    deliveries: readonly Pick<Delivery, 'id' | 'pieces' | 'rows' | 'since'>[],
    at: number,
  ): Promise<void>;
  /** Writes state, tries and times of one that waits. */
  updateDelivery(delivery: Delivery): Promise<void>;
  /** Makes a dead one wait again, due at `at`. */
  reviveDelivery(id: number, at: number): Promise<void>;
  /** Makes all that wait due by `at`. */
  recallDeliveries(webhookId: number, at: number): Promise<void>;
  /** Makes waiting ones dead that tell of what happened before `before`; returns how many. */
  expireDeliveries(webhookId: number, before: number, at: number): Promise<number>;
  /** Removes at most `limit` in this state that were made before `before`; returns how many. */
  dropDeliveries(state: DeliveryState, before: number, limit: number): Promise<number>;
}

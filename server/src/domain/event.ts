import type { InboundKind } from './inbound.ts';
import type { ListSource, RecipientList } from './listed.ts';
import type { MessageState } from './message.ts';
import type { MissedReason, PlanState } from './plan.ts';
import type { PriceScope } from './price.ts';
import type { ReviewState } from './review.ts';
import type { TaskAction } from './task.ts';

/** Messages `from`..`to` of a plan that changed state together. */
export type MessageRun = [planId: number, from: number, to: number];

/**
 * What happened, written in the transaction that made it happen. Webhooks and live views read them in the order of
 * their ids. Changes of many messages in one batch share one event per business and state.
 */
export type EventBody =
  /** `accepted`: the plans are new; their state is the one they begin in. */
  | { kind: 'plan.state'; plans: number[]; state: PlanState; accepted?: true }
  /** A plan that did not start; its messages end without being sent. */
  | { kind: 'plan.missed'; planId: number; reason: MissedReason }
  | { kind: 'message.state'; state: MessageState; runs: MessageRun[]; error?: string; repeat?: true }
  | { kind: 'signature.review'; signatureId: number; state: ReviewState; reason: string }
  | { kind: 'template.review'; templateId: number; state: ReviewState; reason: string }
  | { kind: 'signature.changed' | 'signature.deleted'; signatureId: number }
  | { kind: 'template.changed' | 'template.deleted'; templateId: number }
  | {
      kind: 'business.changed';
      change:
        | 'created'
        | 'suspended'
        | 'resumed'
        | 'password'
        | 'low-balance'
        | 'weight'
        | 'time-zone'
        | 'opt-words'
        | 'pay-on-delivery';
    }
  | { kind: 'credential.changed'; credentialId: number; change: CredentialChange }
  | { kind: 'balance.topped-up'; credits: number; available: number }
  | { kind: 'balance.corrected'; credits: number; available: number; reason: string }
  /** The credits to spend fell below the business's threshold. */
  | { kind: 'balance.low'; available: number; threshold: number }
  /** Rows of a price table: the business's own, or `default`, the installation's. */
  | { kind: 'price.changed'; scope: PriceScope; change: 'put' | 'removed'; rows: number }
  | { kind: 'channel-cost.changed'; channelId: number; change: 'put' | 'removed'; rows: number }
  /** The figures of this time are counted again; milliseconds since 1970. */
  | { kind: 'figures.rebuilt'; from: number; to: number }
  | { kind: 'webhook.changed'; webhookId: number; change: 'created' | 'edited' | 'disabled' | 'enabled' | 'deleted' }
  | { kind: 'channel.changed'; channelId: number; change: 'created' | 'edited' | 'deleted' }
  | { kind: 'route.changed'; routeId: number; change: 'created' | 'edited' | 'moved' | 'deleted' }
  /** What somebody did to a piece of the house's work, or to a queue. */
  | { kind: 'task.changed'; task: string; change: TaskAction }
  | { kind: 'queue.changed'; queue: string; change: 'paused' | 'resumed' }
  /** Of nobody's messages the administrator's business is told. */
  | { kind: 'inbound.received'; inboundId: number; as: InboundKind }
  | { kind: 'inbound-number.changed'; inboundNumberId: number; change: 'created' | 'deleted' }
  | { kind: 'keyword.changed'; keywordId: number; change: 'created' | 'deleted' }
  /** `recipient`: where it is one. `everybody`: the list of the whole installation. */
  | {
      kind: 'list.changed';
      list: RecipientList;
      change: 'added' | 'removed';
      count: number;
      source: ListSource;
      recipient?: number;
      everybody?: true;
    };

/** What became of an API key. */
export type CredentialChange = 'created' | 'edited' | 'disabled' | 'enabled' | 'deleted';

export interface Event {
  id: number;
  businessId: number;
  at: number;
  body: EventBody;
}

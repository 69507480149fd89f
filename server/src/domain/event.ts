import type { MessageState } from './message.ts';
import type { PlanState } from './plan.ts';
import type { ReviewState } from './review.ts';

/** Messages `from`..`to` of a plan that changed state together. */
export type MessageRun = [planId: number, from: number, to: number];

/**
 * What happened, written in the transaction that made it happen. Webhooks and live views read them in the order of
 * their ids. Changes of many messages in one batch share one event per business and state.
 */
export type EventBody =
  | { kind: 'plan.state'; plans: number[]; state: PlanState }
  | { kind: 'message.state'; state: MessageState; runs: MessageRun[]; error?: string; repeat?: true }
  | { kind: 'signature.review'; signatureId: number; state: ReviewState; reason: string }
  | { kind: 'template.review'; templateId: number; state: ReviewState; reason: string }
  | { kind: 'signature.changed' | 'signature.deleted'; signatureId: number }
  | { kind: 'template.changed' | 'template.deleted'; templateId: number }
  | { kind: 'business.changed'; change: 'created' | 'suspended' | 'resumed' | 'password' }
  | { kind: 'credential.changed'; credentialId: number; change: 'created' | 'disabled' | 'enabled' | 'deleted' }
  | { kind: 'balance.topped-up'; credits: number; available: number }
  | { kind: 'balance.corrected'; credits: number; available: number; reason: string }
  | { kind: 'channel.changed'; channelId: number; change: 'created' | 'edited' | 'deleted' };

export interface Event {
  id: number;
  businessId: number;
  at: number;
  body: EventBody;
}

import type { ChannelFacts } from './channel-facts.ts';
import type { Event } from './event.ts';
import type { MessageState } from './message.ts';
import type { Plan } from './plan.ts';
import type { QueueFacts, Task, WorkerFacts } from './task.ts';

/** What a live view can follow. */
export const LIVE_TOPICS = ['plans', 'messages', 'channels', 'reviews', 'tasks', 'overview'] as const;
export type LiveTopic = (typeof LIVE_TOPICS)[number];

/** Topics about the house itself: of no business. */
export const HOUSE_TOPICS: readonly LiveTopic[] = ['channels', 'tasks'];

/** What somebody wants to follow. */
export interface LiveWish {
  topics: ReadonlySet<LiveTopic>;
  /** Whose things; null: of all businesses. */
  businessId: number | null;
  /** Only this plan and its messages; null: every one. */
  planId: number | null;
}

/** Something to be shown at once. What comes from an event carries its id, so that a reader can go on behind it. */
export type LiveNews =
  /** State changes of messages, or what became of a signature or template. */
  | { topic: 'messages' | 'reviews'; event: Event }
  /** Plans as they stand now; `more`: others moved as well, too many to be told one by one. */
  | { topic: 'plans'; plans: readonly Plan[]; more: boolean }
  | { topic: 'channels'; channels: readonly { id: number; facts: ChannelFacts }[] }
  /** Messages that came into each state within a span. */
  | { topic: 'overview'; at: number; spanMs: number; states: Partial<Record<MessageState, number>> }
  | { topic: 'tasks'; tasks: LiveTasks }
  /** What happened in between cannot be told any more: everything has to be looked at again. */
  | { topic: 'reset' };

/** How the house's own work stands. */
export interface LiveTasks {
  at: number;
  workers: readonly WorkerFacts[];
  queues: readonly QueueFacts[];
  /** What runs now. */
  running: readonly Task[];
}

const REVIEW_KINDS: ReadonlySet<Event['body']['kind']> = new Set([
  'signature.review',
  'signature.changed',
  'signature.deleted',
  'template.review',
  'template.changed',
  'template.deleted',
]);

/** What an event tells somebody at once; null: nothing. */
export function newsOf(event: Event, { topics, businessId, planId }: LiveWish): LiveNews | null {
  if (businessId !== null && event.businessId !== businessId) return null;
  const { body } = event;
  if (body.kind === 'message.state') {
    if (!topics.has('messages')) return null;
    if (planId === null) return { topic: 'messages', event };
    const runs = body.runs.filter(([id]) => id === planId);
    return runs.length === 0 ? null : { topic: 'messages', event: { ...event, body: { ...body, runs } } };
  }
  return topics.has('reviews') && REVIEW_KINDS.has(body.kind) ? { topic: 'reviews', event } : null;
}

/** Plans that an event moved. */
export function plansOf({ body }: Event): readonly number[] {
  switch (body.kind) {
    case 'plan.state':
      return body.plans;
    case 'plan.missed':
      return [body.planId];
    case 'message.state':
      return body.runs.map(([planId]) => planId);
    default:
      return [];
  }
}

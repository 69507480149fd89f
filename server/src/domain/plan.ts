import type { Category } from './category.ts';
import { MESSAGE_ERRORS } from './message-error.ts';

/** The states of one request to send. The position is the stored code: append, never reorder. */
export const PLAN_STATES = ['staged', 'pending', 'running', 'paused', 'done', 'cancelled', 'draft'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export const planCode = (state: PlanState): number => PLAN_STATES.indexOf(state);

export function planStateOfCode(code: number): PlanState {
  const state = PLAN_STATES[code];
  if (state === undefined) throw new Error(`no plan state has code ${code}`);
  return state;
}

/** The way a request came in; it decides how its text is put on the air. */
export const DIALECTS = ['tsms', 'engagelab', 'native'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** One request to send: many recipients, one template. */
export interface Plan {
  id: number;
  /** The name tsms gave it, a lowercase RFC 9562 UUID; null for plans of other dialects. */
  uuid: string | null;
  businessId: number;
  dialect: Dialect;
  name: string;
  category: Category;
  /** Null: the text of a test is nobody's template. */
  templateId: number | null;
  signatureId: number | null;
  contentId: number;
  state: PlanState;
  /** Recipients asked for, invalid and repeated ones included. */
  total: number;
  /** Messages to be sent, one a valid and distinct recipient: indexes 0 to `accepted` - 1. */
  accepted: number;
  /** Recipients that cannot be mobile numbers: their messages follow the accepted ones, and are never sent nor charged. */
  invalid: number;
  /** Recipients that were on a list when it was accepted: their messages follow those, failed, and are never charged. */
  stopped: number;
  /** Messages that may be claimed: those with indexes below this. Less than `accepted` while a start is under way. */
  sendable: number;
  /** Messages not yet answered by a carrier nor final. The plan is done when none is left. */
  left: number;
  /** Segments of each message; null when they differ. */
  segments: number | null;
  /** The only channel its messages may take, whatever the routes say: it is a test of that. Null: routes decide. */
  testChannelId: number | null;
  /** What the sender wants to hear again in callbacks: JSON text of an object. */
  customArgs: string | null;
  createdAt: number;
  /** When it is to start; null: at once. */
  startAt: number | null;
  /** When a plan with a start time started. */
  startedAt: number | null;
  /** From this time on, messages that still wait are not sent any more. */
  expiresAt: number;
  /** When nothing of it was left. */
  doneAt: number | null;
}

/** Octets of UTF-8 that `customArgs` may take. */
export const CUSTOM_ARGS_MAX_BYTES = 1_024;

/** How far ahead of the request a plan may start, counted in whole seconds, as each dialect promises. */
export interface StartWindow {
  minAheadS: number;
  maxAheadS: number;
  rule: string;
}

const DAY_S = 86_400;
const NEXT_YEAR = { minAheadS: Number.NEGATIVE_INFINITY, maxAheadS: 366 * DAY_S, rule: 'at most 366 days ahead' };

const START_WINDOW: Record<Dialect, StartWindow> = {
  tsms: NEXT_YEAR,
  native: NEXT_YEAR,
  engagelab: { minAheadS: 180, maxAheadS: 30 * DAY_S, rule: 'at least 3 minutes and at most 30 days ahead' },
};

/** The rule a start breaks, in words; null when it may lie there. Times in milliseconds since 1970. */
export function startRefusal(dialect: Dialect, startAt: number, now: number): string | null {
  const { minAheadS, maxAheadS, rule } = START_WINDOW[dialect];
  // By the second: senders who count from a clock in seconds are not refused for what it leaves out.
  const aheadS = startAt / 1_000 - Math.floor(now / 1_000);
  return aheadS >= minAheadS && aheadS <= maxAheadS ? null : rule;
}

/** Code points of an invalid recipient that are kept, as written. */
export const INVALID_RECIPIENT_MAX_LENGTH = 64;

/** Whether sending has begun: it cannot begin again. */
export const hasStarted = ({ startAt, startedAt }: Pick<Plan, 'startAt' | 'startedAt'>): boolean =>
  startAt === null || startedAt !== null;

/** What whoever owns a plan may do to it. */
export type PlanVerb = 'pause' | 'resume' | 'cancel';

const FROM: Record<PlanVerb, readonly PlanState[]> = {
  pause: ['pending', 'running'],
  resume: ['paused'],
  cancel: ['pending', 'running', 'paused'],
};

/** The state a verb brings a plan into; null when it is in no state for it. */
export function stateAfter(verb: PlanVerb, plan: Pick<Plan, 'state' | 'startAt' | 'startedAt'>): PlanState | null {
  if (!FROM[verb].includes(plan.state)) return null;
  if (verb === 'pause') return 'paused';
  if (verb === 'cancel') return 'cancelled';
  return hasStarted(plan) ? 'running' : 'pending';
}

/** Most recipients a request to send may name, unless the installation says otherwise. */
export const DEFAULT_MAX_RECIPIENTS = 10_000;

/** Why a plan did not start when its time had come. */
export const MISSED_REASONS = [
  'late',
  'quietHours',
  'businessSuspended',
  'signatureNotFound',
  'signatureNotApproved',
  'templateNotFound',
  'templateNotOfSignature',
  'templateNotApproved',
] as const;
export type MissedReason = (typeof MISSED_REASONS)[number];

/** How late a plan may start, unless the installation says otherwise. */
export const DEFAULT_MAX_LATE_MS = 3_600_000;

/** What decides whether a moment is still good for a start. */
export interface StartRules {
  maxLateMs: number;
  /** Whether quiet hours began for this category after `since` and by `now`. */
  quietSince(category: Category, since: number, now: number): boolean;
}

/** Why a plan whose time has come may not start any more; null when it may. */
export function missedBy(
  { category, startAt }: { category: Category; startAt: number },
  now: number,
  { maxLateMs, quietSince }: StartRules,
): 'late' | 'quietHours' | null {
  if (now - startAt > maxLateMs) return 'late';
  return category === 'marketing' && quietSince(category, startAt, now) ? 'quietHours' : null;
}

/** What the messages of a plan that did not start become, and what they say of it. */
export function endOfMissed(reason: MissedReason): { state: 'expired_unsent' | 'failed'; error: string } {
  if (reason === 'late') return { state: 'expired_unsent', error: MESSAGE_ERRORS.planLate };
  if (reason === 'quietHours') return { state: 'expired_unsent', error: MESSAGE_ERRORS.planInQuietHours };
  return { state: 'failed', error: MESSAGE_ERRORS[reason] };
}

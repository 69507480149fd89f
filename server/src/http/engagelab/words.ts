import type { Category } from '../../domain/category.ts';
import { PLAN_STATES, type Plan, type PlanState } from '../../domain/plan.ts';
import { type ReviewState, reviewCode } from '../../domain/review.ts';
import { type Placement, placementCode } from '../../domain/signature.ts';

/** The wire's `status`: 1 waits for review, 2 approved, 3 rejected. */
export const status = (state: ReviewState): number => reviewCode(state);

/** The wire's `sign_position`: 0 none, 1 in front, 2 at the end. */
export const signPosition = (placement: Placement): number => placementCode(placement);

/** The place a `sign_position` of a request names; null for anything else. */
export function placementOf(position: unknown): 'prefix' | 'suffix' | null {
  if (position === 1) return 'prefix';
  return position === 2 ? 'suffix' : null;
}

const TYPE_OF: Record<Category, string> = {
  verification: 'authentication',
  notification: 'utility',
  marketing: 'marketing',
};

/** The wire's `template_type`. */
export const templateType = (category: Category): string => TYPE_OF[category];

const CATEGORY_OF = new Map<unknown, Category>([
  ['authentication', 'verification'],
  ['otp', 'verification'],
  ['utility', 'notification'],
  ['marketing', 'marketing'],
]);

/** The category a `template_type` names; null for any other word. */
export const categoryOf = (type: unknown): Category | null => CATEGORY_OF.get(type) ?? null;

/** The wire's times: whole seconds since 1970. */
export const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** The states of plans here: what is still being written, or is a draft of the native API, is no request to send yet. */
export const SHOWN_STATES: readonly PlanState[] = PLAN_STATES.filter(
  (state) => state !== 'staged' && state !== 'draft',
);

export const isShown = ({ state }: Plan): boolean => SHOWN_STATES.includes(state);

/** What this dialect calls a field that verbs call otherwise. */
export const fieldName = (field: string): string => (field === 'start_at' ? 'schedule_time' : field);

import { CATEGORIES, type Category, categoryCode } from '../../domain/category.ts';
import type { ReviewState, Verdict } from '../../domain/review.ts';

const AUDIT_STATUS: Record<ReviewState, string> = { pending: 'reviewing', approved: 'passed', rejected: 'rejected' };

/** The wire's `audit_status`. */
export const auditStatus = (state: ReviewState): string => AUDIT_STATUS[state];

/** The decision a reviewer's `audit_status` names; null for any other word. */
export function verdictOf(word: string): Verdict['state'] | null {
  if (word === 'passed') return 'approved';
  return word === 'rejected' ? 'rejected' : null;
}

/** The wire's template `type`: 1 verification, 2 notification, 3 marketing. */
export const typeOf = (category: Category): number => categoryCode(category);

/** The category a template `type` names; null for any other number. */
export const categoryOf = (type: number): Category | null => CATEGORIES.find((each) => typeOf(each) === type) ?? null;

/** The wire's times: whole seconds since 1970. */
export const seconds = (ms: number): number => Math.floor(ms / 1_000);

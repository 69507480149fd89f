import type { Category } from './category.ts';

/** The states of one request to send. The position is the stored code: append, never reorder. */
export const PLAN_STATES = ['staged', 'pending', 'running', 'paused', 'done', 'cancelled'] as const;
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
  templateId: number;
  signatureId: number | null;
  contentId: number;
  state: PlanState;
  /** Recipients asked for, invalid ones included. */
  total: number;
  /** Messages born, invalid ones not included. */
  accepted: number;
  /** Messages not yet answered by a carrier nor final. The plan is done when none is left. */
  left: number;
  createdAt: number;
  doneAt: number | null;
}

/** Most recipients a request to send may name, unless the installation says otherwise. */
export const DEFAULT_MAX_RECIPIENTS = 10_000;

import type { LedgerEntry } from '../domain/ledger.ts';
import type { MessageState } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import { idOfUuid } from '../lib/ids.ts';
import type { AttemptRow, MessageFilter, MessageRow, PlanFilter, Reader } from '../store/store.ts';

/** A plan with how many of its messages are in each state. */
export interface PlanProgress {
  plan: Plan;
  counts: Partial<Record<MessageState, number>>;
}

/** Plans, newest first. */
export const listPlans = (reader: Reader, input: PlanFilter): Promise<Plan[]> => reader.plans.list(input);

/** One plan with its counts; null when it is not the business's. A null business means any. */
export async function findPlan(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<PlanProgress | null> {
  const plan = await reader.plans.byId(input.id);
  if (plan === null || plan.state === 'staged') return null;
  if (input.businessId !== null && plan.businessId !== input.businessId) return null;
  return { plan, counts: await reader.plans.counts(plan.id) };
}

/** The plan a uuid names; null when there is none, or not of this business. */
export async function findPlanByUuid(
  reader: Reader,
  input: { businessId: number; uuid: string },
): Promise<PlanProgress | null> {
  const id = idOfUuid(input.uuid);
  if (id === null) return null;
  const found = await findPlan(reader, { businessId: input.businessId, id });
  return found !== null && found.plan.uuid === input.uuid ? found : null;
}

/** Messages of one plan, in the order of the request, after an index (-1: from the first). */
export const messagesOfPlan = (
  reader: Reader,
  input: { planId: number; after: number; limit: number },
): Promise<MessageRow[]> => reader.messages.ofPlan(input.planId, input.after, input.limit);

/** Messages of a business, or (null) of all, newest first. */
export const listMessages = (reader: Reader, input: MessageFilter): Promise<MessageRow[]> =>
  reader.messages.list(input);

/** One message and everything that happened to it. */
export interface MessageHistory {
  message: MessageRow;
  plan: Plan;
  /** The second and later attempts; the first stands in the message. */
  attempts: AttemptRow[];
  /** Entries of its plan. */
  ledger: LedgerEntry[];
}

/** One message; null when it is not the business's. A null business means any. */
export async function findMessage(
  reader: Reader,
  input: { businessId: number | null; planId: number; index: number },
): Promise<MessageHistory | null> {
  const found = await findPlan(reader, { businessId: input.businessId, id: input.planId });
  const message = found === null ? null : await reader.messages.byIndex(input.planId, input.index);
  if (found === null || message === null) return null;
  return {
    message,
    plan: found.plan,
    attempts: message.attempts > 1 ? await reader.messages.attempts(input.planId, input.index) : [],
    ledger: await reader.ledger.ofPlan(found.plan.businessId, input.planId, found.plan.doneAt),
  };
}

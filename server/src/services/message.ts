import type { LedgerEntry } from '../domain/ledger.ts';
import type { MessageState } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import { idOfUuid } from '../lib/ids.ts';
import type { AttemptRow, MessageFilter, MessagePage, MessageRow, PlanFilter, Reader } from '../store/store.ts';

/** A plan with how many of its messages are in each state. */
export interface PlanProgress {
  plan: Plan;
  counts: Partial<Record<MessageState, number>>;
}

/** Plans, newest first. */
export const listPlans = (reader: Reader, input: PlanFilter): Promise<Plan[]> => reader.plans.list(input);

/** The plans with these ids that everybody sees; those that are gone are left out. */
export async function plansById(reader: Reader, input: { planIds: readonly number[] }): Promise<Plan[]> {
  const plans = await Promise.all(input.planIds.map((id) => reader.plans.byId(id)));
  return plans.filter((plan): plan is Plan => plan !== null && plan.state !== 'staged');
}

/** One plan with its counts; null when it is not the business's. A null business means any. */
export async function findPlan(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<PlanProgress | null> {
  const plan = await planAlone(reader, input);
  return plan === null ? null : { plan, counts: await reader.plans.counts(plan.id) };
}

/** One plan, without a look at its messages: a large one takes long to count. */
export async function planAlone(
  reader: Reader,
  { businessId, id }: { businessId: number | null; id: number },
): Promise<Plan | null> {
  const plan = await reader.plans.byId(id);
  if (plan === null || plan.state === 'staged') return null;
  return businessId === null || plan.businessId === businessId ? plan : null;
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
export const listMessages = (reader: Reader, input: MessageFilter): Promise<MessagePage> => reader.messages.list(input);

/** One message and everything that happened to it. */
export interface MessageHistory {
  message: MessageRow;
  plan: Plan;
  /** The second and later attempts; the first stands in the message, and here as well where its channel does not. */
  attempts: AttemptRow[];
  /** Entries of its plan. */
  ledger: LedgerEntry[];
}

/** One message; null when it is not the business's. A null business means any. */
export async function findMessage(
  reader: Reader,
  input: { businessId: number | null; planId: number; index: number },
): Promise<MessageHistory | null> {
  const plan = await planAlone(reader, { businessId: input.businessId, id: input.planId });
  const message = plan === null ? null : await reader.messages.byIndex(input.planId, input.index);
  if (plan === null || message === null) return null;
  return {
    message,
    plan,
    attempts: message.attempts > 1 ? await reader.messages.attempts(input.planId, input.index) : [],
    ledger: await entriesOf(reader, plan, message),
  };
}

/** Refunds follow reports, which may come long after the plan has ended: those of this message's are looked for then. */
async function entriesOf(
  reader: Reader,
  { id, businessId, createdAt, doneAt }: Plan,
  { refunded, finalAt }: MessageRow,
): Promise<LedgerEntry[]> {
  const entries = await reader.ledger.ofPlan(businessId, id, createdAt, doneAt);
  if (doneAt === null || finalAt === null || refunded === 0) return entries;
  const known = entries.at(-1)?.id ?? 0;
  return [
    ...entries,
    ...(await reader.ledger.ofPlan(businessId, id, finalAt, finalAt)).filter((each) => each.id > known),
  ];
}

/** Something that happened to a message. `attempt` and `repeat` tell which try it was to hand it to a carrier. */
export interface Step {
  state: MessageState;
  /** Milliseconds since 1970. */
  at: number;
  attempt?: number;
  /** The channel of the attempt; null when it is not known any more. */
  channelId?: number | null;
  repeat?: true;
}

/** What happened to a message, in order of time. Only the first attempt stands in the message itself. */
export function timelineOf({ message, attempts }: Pick<MessageHistory, 'message' | 'attempts'>): Step[] {
  if (message.state === 'invalid') return [{ state: 'invalid', at: message.acceptedAt }];
  const steps: Step[] = [{ state: 'accepted', at: message.acceptedAt }];
  // Claimed and given back unsent leaves the time behind, and no attempt.
  if (message.dispatchedAt !== null && message.attempts > 0) {
    // Without a row of its own, the first was made on the channel of the second.
    const { channelId } = attempts[0] ?? message;
    steps.push({ state: 'dispatching', at: message.dispatchedAt, attempt: 1, channelId });
  }
  for (const { number, openedAt, channelId, repeat } of attempts) {
    if (number === 1) continue;
    steps.push({ state: 'dispatching', at: openedAt, attempt: number, channelId, ...(repeat ? { repeat } : {}) });
  }
  if (message.submittedAt !== null) steps.push({ state: 'submitted', at: message.submittedAt });
  if (message.finalAt !== null) steps.push({ state: message.state, at: message.finalAt });
  // Stable: what happened in the same millisecond stays in the order above.
  return steps.sort((a, b) => a.at - b.at);
}

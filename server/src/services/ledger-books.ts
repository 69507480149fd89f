import { effectOf, type LedgerKind } from '../domain/ledger.ts';
import { balanceFault, type LedgerFault, planFault, type Standing } from '../domain/ledger-fault.ts';
import type { Plan } from '../domain/plan.ts';
import { idAt, timeOfId } from '../lib/ids.ts';
import type { LedgerOpening, MessageMoney, MoneyOfPlan, Reader } from '../store/store.ts';
import { standingBefore } from './statement.ts';
import { single } from './verb.ts';

// Questions of the check of the ledger (ledger-check.ts), each of a bounded piece.

/** An id is minted a little before or after the time its row is written with. */
const SLACK_MS = 60_000;

/** How far the entries of a business were added up: what those with ids below `next` come to. */
export interface AddedUp extends Standing {
  next: number;
}

/** With what adding up begins: the last opening, or nothing. */
export async function lastOpening(reader: Reader, { businessId }: { businessId: number }): Promise<AddedUp> {
  const [opening] = await reader.ledger.openings(businessId, null, 1);
  if (opening === undefined) return { next: 0, available: 0, reserved: 0 };
  return { next: idAt(opening.at), available: opening.available, reserved: opening.reserved };
}

/** When the first entry with an id of `next` or more got it, milliseconds since 1970; null when there is none. */
export async function firstUnadded(
  reader: Reader,
  { businessId, next }: { businessId: number; next: number },
): Promise<number | null> {
  const first = await reader.ledger.behind(businessId, next, 0);
  return first === null ? null : timeOfId(first);
}

/** Adds up at most `limit` more entries with ids below `before`; null when all of these are added up. */
export async function addUp(
  reader: Reader,
  { businessId, so, before, limit }: { businessId: number; so: AddedUp; before: number; limit: number },
): Promise<AddedUp | null> {
  if (so.next >= before) return null;
  const behind = await reader.ledger.behind(businessId, so.next, limit);
  const next = Math.min(behind ?? before, before);
  return plus(so, await reader.ledger.sums(businessId, so.next, next), next);
}

/**
 * Adds up what is left, if it is `limit` entries at most, and compares it with what the business has; where there are
 * more, adds up so many, and is to be asked again.
 */
export async function checkBalance(
  reader: Reader,
  { businessId, so, limit }: { businessId: number; so: AddedUp; limit: number },
): Promise<{ so: AddedUp } | { fault: LedgerFault | null }> {
  const next = await reader.ledger.behind(businessId, so.next, limit);
  const sums = await reader.ledger.sums(businessId, so.next, next);
  if (next !== null) return { so: plus(so, sums, next) };
  const business = await reader.businesses.byId(businessId);
  return { fault: business === null ? null : balanceFault(businessId, business, plus(so, sums, so.next)) };
}

/** What the last entry with an id below `before` left. */
export const standingAt = (
  reader: Reader,
  { businessId, before }: { businessId: number; before: number },
): Promise<Standing> => standingBefore(reader, businessId, before);

/** Notes with what a business began a month. */
export const openMonth = single(async (tx, _ctx, input: LedgerOpening): Promise<null> => {
  await tx.ledger.addOpening(input);
  return null;
});

/** With what a business began its months, newest first. */
export const listOpenings = (
  reader: Reader,
  input: { businessId: number; before: number | null; limit: number },
): Promise<LedgerOpening[]> => reader.ledger.openings(input.businessId, input.before, input.limit);

/** Plans whose money is compared, in the order of their ids. */
export const plansToCheck = (
  reader: Reader,
  input: { after: number; limit: number },
): Promise<Pick<Plan, 'id' | 'businessId' | 'createdAt' | 'doneAt'>[]> =>
  reader.plans.requests(input.after, input.limit);

/** What messages say of their plans, a piece. */
export const messageMoney = (
  reader: Reader,
  input: { after: { planId: number; index: number }; last: number; limit: number },
): Promise<{ plans: MessageMoney[]; next: { planId: number; index: number } | null }> =>
  reader.messages.money(input.after, input.last, input.limit);

/**
 * What entries of a business say of plans with ids `first` to `last`; looks at `limit` entries at most. `since` and `until`
 * (null: to this day): when entries of these plans were written, milliseconds since 1970. `from`: where to go on, as `next`
 * of the answer before; null: at the beginning.
 */
export async function entryMoney(
  reader: Reader,
  input: {
    businessId: number;
    plans: { first: number; last: number };
    since: number;
    until: number | null;
    from: number | null;
    limit: number;
  },
): Promise<{ plans: MoneyOfPlan[]; next: number | null }> {
  const { businessId, plans, since, until, limit } = input;
  const from = input.from ?? idAt(since - SLACK_MS);
  const end = until === null ? null : idAt(until + SLACK_MS);
  const next = await reader.ledger.behind(businessId, from, limit, end ?? Number.MAX_SAFE_INTEGER);
  return { plans: await reader.ledger.moneyOfPlans(businessId, from, next ?? end, plans), next };
}

/** Compares all that messages and entries say of one plan, at one moment. */
export async function checkPlan(reader: Reader, { planId }: { planId: number }): Promise<LedgerFault | null> {
  const plan = await reader.plans.byId(planId);
  if (plan === null) return null;
  const { plans } = await reader.messages.money({ planId, index: -1 }, planId, Number.MAX_SAFE_INTEGER);
  const from = idAt(plan.createdAt - SLACK_MS);
  const [entries] = await reader.ledger.moneyOfPlans(plan.businessId, from, null, { first: planId, last: planId });
  return planFault(plan.businessId, planId, plans[0] ?? null, entries ?? null);
}

function plus(so: Standing, sums: Partial<Record<LedgerKind, number>>, next: number): AddedUp {
  let { available, reserved } = so;
  for (const [kind, credits] of Object.entries(sums)) {
    const effect = effectOf(kind as LedgerKind, credits);
    available += effect.available;
    reserved += effect.reserved;
  }
  return { next, available, reserved };
}

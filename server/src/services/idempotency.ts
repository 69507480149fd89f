import { must } from '../domain/refusals.ts';
import type { Tx } from '../store/store.ts';
import type { AcceptedPlan, AcceptPlan } from './plan-request.ts';
import type { Ctx } from './verb.ts';

/** What a request with this key was answered before; null when there was none. */
export async function replayed(
  tx: Tx,
  businessId: number,
  idempotency: AcceptPlan['idempotency'],
): Promise<AcceptedPlan | null> {
  if (idempotency === null) return null;
  const row = await tx.idempotency.find(businessId, idempotency.route, idempotency.key);
  if (row === null) return null;
  must(row.bodyHash === idempotency.bodyHash, { code: 'idempotencyMismatch' });
  return JSON.parse(row.answer) as AcceptedPlan;
}

/** Keeps the answer for repeats of the request. */
export async function remember(
  tx: Tx,
  ctx: Ctx,
  businessId: number,
  idempotency: AcceptPlan['idempotency'],
  answer: AcceptedPlan,
): Promise<void> {
  if (idempotency === null) return;
  await tx.idempotency.add({ businessId, ...idempotency, answer: JSON.stringify(answer), at: ctx.now() });
}

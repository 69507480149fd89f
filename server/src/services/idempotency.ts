import { must } from '../domain/refusals.ts';
import type { Tx } from '../store/store.ts';
import type { Ctx } from './verb.ts';

/** What a repeat of a request is known by. */
export interface Idempotency {
  /** `METHOD /path`: the same key on another route is another key. */
  route: string;
  key: string;
  bodyHash: string;
}

/** What a request of a business with this key was answered before; null when there was none. */
export async function replayed<A>(tx: Tx, businessId: number, idempotency: Idempotency | null): Promise<A | null> {
  if (idempotency === null) return null;
  const row = await tx.idempotency.find(businessId, idempotency.route, idempotency.key);
  if (row === null) return null;
  must(row.bodyHash === idempotency.bodyHash, { code: 'idempotencyMismatch' });
  return JSON.parse(row.answer) as A;
}

/** Keeps the answer for repeats of the request. */
export async function remember(
  tx: Tx,
  ctx: Ctx,
  businessId: number,
  idempotency: Idempotency | null,
  answer: object,
): Promise<void> {
  if (idempotency === null) return;
  await tx.idempotency.add({ businessId, ...idempotency, answer: JSON.stringify(answer), at: ctx.now() });
}

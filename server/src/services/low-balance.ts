import { fellBelow } from '../domain/ledger.ts';
import type { Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import type { Ctx } from './verb.ts';

/** Writes an event when a business's credits to spend fell below its threshold; while they stay there, no other. */
export async function tellLowBalance(
  tx: Tx,
  ctx: Ctx,
  business: { id: number; lowBalance: number | null },
  before: number,
  after: number,
): Promise<void> {
  const threshold = business.lowBalance;
  if (!fellBelow(threshold, before, after)) return;
  await addEvent(tx, ctx, business.id, { kind: 'balance.low', available: after, threshold });
}

import { type MessageState, NOT_DELIVERED } from '../domain/message.ts';
import type { Touched, Tx } from '../store/store.ts';
import { hotBusiness } from './hot-rows.ts';
import type { SettleBatch } from './settle-batch.ts';
import type { Ctx } from './verb.ts';

/**
 * Gives back what messages cost that were just reported not to have arrived, where their business pays on delivery. The
 * guarded change that moved them makes it happen once.
 */
export async function refundUndelivered(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  moved: readonly Touched[],
  state: MessageState,
): Promise<void> {
  if (!NOT_DELIVERED.includes(state)) return;
  const owed: Touched[] = [];
  for (const run of moved) if ((await hotBusiness(tx, ctx, run.businessId))?.payOnDelivery) owed.push(run);
  if (owed.length === 0) return;
  const credits = await tx.messages.refund(owed);
  for (const [i, run] of owed.entries()) if (credits[i]! > 0) batch.refund(run, credits[i]!);
}

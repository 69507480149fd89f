import type { MessageState } from '../domain/message.ts';
import { channelsOfRoute, type Route } from '../domain/route.ts';
import type { NotOverMe } from '../domain/route-figure.ts';
import type { MessageRow, Tx } from '../store/store.ts';
import { hotRouteTable } from './hot-rows.ts';
import { inPartsOf } from './in-parts.ts';
import type { SettleBatch } from './settle-batch.ts';
import { endUnaccepted, tryLater } from './unaccepted.ts';
import type { Ctx } from './verb.ts';

/**
 * A message that its carrier would not take and another may: it goes at once to a channel of its route that has not
 * refused it, and when none is left, no channel takes it. What a carrier has in part is nobody else's. Returns what it meant
 * to its route; null when it changed nothing, or was of no route's concern.
 */
export async function tryElsewhere(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  failed: { planId: number; index: number; error: string },
  from: readonly MessageState[],
): Promise<NotOverMe | null> {
  const { planId, index, error } = failed;
  const at = ctx.now();
  const row = await tx.messages.byIndex(planId, index);
  if (row === null || !from.includes(row.state)) return null;
  const begun = (await inPartsOf(tx, { planId, from: index, to: index })).length > 0;
  const route = begun ? null : await routeOf(tx, ctx, row);
  const passedOn = route !== null && (await isAnyLeft(tx, ctx, row, route));
  const meant = begun ? null : { routeId: route?.id ?? null, passedOn };
  if (!passedOn) {
    await endUnaccepted(tx, batch, [failed], { from, to: 'failed', at, error });
    return meant;
  }
  if (row.state === 'uncertain') {
    // The answer came late: it did not arrive, so whatever was decided for the case that it had is void.
    await tx.uncertain.remove([{ planId, index }]);
    const ranges = [{ planId, from: index, to: index }];
    await tx.messages.move({ ranges, from: ['uncertain'], to: 'dispatching', charge: 'none', at });
  }
  await tryLater(tx, ctx, batch, failed, false);
  return meant;
}

/** Null also for the test of a channel, which is no route's concern. */
async function routeOf(tx: Tx, ctx: Ctx, { planId, businessId, recipient }: MessageRow): Promise<Route | null> {
  const table = await hotRouteTable(tx, ctx);
  if (table.empty) return null;
  const { category, testChannelId } = (await tx.plans.byId(planId))!;
  return testChannelId === null ? table.routeOf({ businessId, category, recipient }) : null;
}

/** Whether a channel that may be used has not refused a message yet, this attempt included. */
async function isAnyLeft(tx: Tx, ctx: Ctx, { planId, index }: MessageRow, route: Route): Promise<boolean> {
  const table = await hotRouteTable(tx, ctx);
  const refusedBy = await tx.messages.refuse(planId, index);
  return channelsOfRoute(route).some((channelId) => !table.isOut(channelId) && !refusedBy.includes(channelId));
}

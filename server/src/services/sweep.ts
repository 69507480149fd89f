import { CHARGE_OF_OUTCOME } from '../domain/ledger.ts';
import { STOPPED_BY } from '../domain/listed.ts';
import type { MessageState } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import type { Range, Reader, Sweep, Tx } from '../store/store.ts';
import { countEach } from './frequency.ts';
import { endInParts, inPartsOf } from './in-parts.ts';
import { SettleBatch } from './settle-batch.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** Messages one step goes through: what one transaction may hold. */
export const SWEEP_STEP = 1_000;

/** States of messages that were not claimed, or wait to be claimed again. */
const UNCLAIMED: readonly MessageState[] = ['accepted', 'queued'];

/** What a scheduled message says that would have been one too many. */
const TOO_OFTEN = 'the frequency limit of this recipient was reached';

/** Notes what is to be done to all messages of a plan, in place of what was noted before. */
export async function beginSweep(tx: Tx, ctx: Ctx, sweep: Sweep): Promise<void> {
  await tx.sweeps.put(sweep);
  ctx.notify({ kind: 'plansToRun' });
}

/** Plans whose messages wait for a step of their sweep, those that were begun last first. */
export const openSweeps = (reader: Reader, input: { limit: number }): Promise<number[]> =>
  reader.sweeps.open(input.limit);

/** Takes a plan's sweep one step further; nothing happens when it has none, or the plan stands still. */
export const sweepPlan: Verb<{ planId: number }, null> = {
  ...single(async (tx, ctx, { planId }) => {
    await sweepOnce(tx, ctx, planId);
    return null;
  }),
  rows: () => SWEEP_STEP,
};

/** One step: so many messages, the cursor behind them, and the end of the sweep behind the last. */
export async function sweepOnce(tx: Tx, ctx: Ctx, planId: number): Promise<void> {
  const sweep = await tx.sweeps.byPlan(planId);
  const plan = await tx.plans.byId(planId);
  if (sweep === null || plan === null) return;
  if (plan.state !== (sweep.end === null ? 'running' : 'cancelled')) return;
  const range = { planId, from: sweep.next, to: Math.min(sweep.next + ctx.settings.sweepStep, plan.accepted) - 1 };
  const next = range.to + 1;
  if (next < plan.accepted) await tx.sweeps.put({ ...sweep, next });
  else await tx.sweeps.remove(planId);
  const batch = new SettleBatch(tx, ctx);
  if (sweep.end === null) await start(tx, ctx, batch, plan, range);
  else await endUnclaimed(tx, ctx, batch, sweep.end, range);
  await batch.write();
}

/** Makes messages sendable, and counts each recipient; those over their limit fail. */
async function start(tx: Tx, ctx: Ctx, batch: SettleBatch, plan: Plan, range: Range): Promise<void> {
  const { businessId, category } = plan;
  const at = ctx.now();
  await tx.plans.change(plan.id, { sendable: range.to + 1, countedAt: at });
  const { indexes, recipients } = await withoutListed(tx, ctx, batch, plan, await tx.messages.untried(range));
  const over = await countEach(tx, ctx, { businessId, category, recipients });
  if (over.length > 0) {
    const ranges = over.map((i) => ({ planId: plan.id, from: indexes[i]!, to: indexes[i]! }));
    const charge = CHARGE_OF_OUTCOME.failed;
    const moved = await tx.messages.move({ ranges, from: ['accepted'], to: 'failed', charge, at, error: TOO_OFTEN });
    batch.add(moved, 'failed', TOO_OFTEN);
  }
  const { from, to } = range;
  ctx.notify({ kind: 'plansReopened', plans: [{ planId: plan.id, category, range: { from, to } }] });
}

/** Messages that are about to start, without those whose recipients are on a list by now: these fail. */
async function withoutListed(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  { id: planId, businessId, category }: Plan,
  waiting: { indexes: number[]; recipients: number[] },
): Promise<{ indexes: number[]; recipients: number[] }> {
  const gate = ctx.recipientLists.gate(businessId, category);
  if (gate === null) return waiting;
  const kept = { indexes: [] as number[], recipients: [] as number[] };
  for (let i = 0; i < waiting.indexes.length; i++) {
    const index = waiting.indexes[i]!;
    const list = gate(waiting.recipients[i]!);
    if (list === null) {
      kept.indexes.push(index);
      kept.recipients.push(waiting.recipients[i]!);
    } else {
      const end = { state: 'failed', error: STOPPED_BY[list] } as const;
      await endUnclaimed(tx, ctx, batch, end, { planId, from: index, to: index });
    }
  }
  return kept;
}

/** Ends messages that nobody has claimed. */
export async function endUnclaimed(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  { state, error }: NonNullable<Sweep['end']>,
  range: Range,
): Promise<void> {
  const at = ctx.now();
  // A message that waits to be repeated may have reached its carrier: whether it did is as open as before.
  for (const index of await tx.messages.waitingRepeats(range)) await waitForReport(tx, ctx, batch, range.planId, index);
  for (const row of await inPartsOf(tx, range)) {
    await endInParts(tx, batch, row, { from: UNCLAIMED, to: state, at, error });
  }
  const charge = CHARGE_OF_OUTCOME[state];
  batch.add(await tx.messages.move({ ranges: [range], from: UNCLAIMED, to: state, charge, at, error }), state, error);
}

/** A message that was to be repeated, and is not: it waits for the report on what it sent before. */
export async function waitForReport(
  tx: Tx,
  ctx: Ctx,
  batch: SettleBatch,
  planId: number,
  index: number,
  from: readonly MessageState[] = UNCLAIMED,
): Promise<void> {
  const at = ctx.now();
  const ranges = [{ planId, from: index, to: index }];
  const moved = await tx.messages.move({ ranges, from, to: 'uncertain', charge: 'none', at });
  if (moved.length === 0) return;
  batch.changed(moved, 'uncertain');
  const { recipient, channelId } = (await tx.messages.byIndex(planId, index))!;
  const decideAt = at + ctx.settings.unknownAfterMs;
  await tx.uncertain.add([
    { planId, index, channelId: channelId!, recipient, userReference: null, since: at, decision: 'giveUp', decideAt },
  ]);
}

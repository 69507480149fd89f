import type { PreparedContent } from '../domain/content.ts';
import { CUSTOM_ARGS_MAX_BYTES, type Plan, startRefusal } from '../domain/plan.ts';
import { must } from '../domain/refusals.ts';
import { uuidForId } from '../lib/ids.ts';
import type { NewLedgerEntry, Tx } from '../store/store.ts';
import type { Admitted } from './admission.ts';
import type { EventBatch } from './event.ts';
import { type Counted, countAll, countRest, type Taken } from './frequency.ts';
import type { PlanRequest } from './plan-request.ts';
import type { Ctx } from './verb.ts';

/** What a request says of itself, and that there is somebody to write to. */
export function checkRequest(ctx: Ctx, { dialect, startAt, customArgs }: PlanRequest, recipients: number): void {
  must(recipients > 0, { code: 'invalidField', field: 'to', rule: 'at least one mobile number' });
  const rule = startAt === null ? null : startRefusal(dialect, startAt, ctx.now());
  must(rule === null, { code: 'invalidField', field: 'start_at', rule: rule ?? '' });
  must(customArgs === null || Buffer.byteLength(customArgs) <= CUSTOM_ARGS_MAX_BYTES, {
    code: 'invalidField',
    field: 'custom_args',
    rule: `at most ${CUSTOM_ARGS_MAX_BYTES} bytes of JSON`,
  });
}

/**
 * Counts a message to every recipient (none of a plan that starts later), as far as they are not counted yet, and checks
 * that all are paid for. A request that is refused counts nothing.
 */
export async function countAndAfford(
  tx: Tx,
  ctx: Ctx,
  counted: Counted | Taken | null,
  credits: number,
  available: number,
): Promise<void> {
  const takeBack = counted === null ? null : await count(tx, ctx, counted);
  if (available < credits) await takeBack?.();
  afford(credits, available);
}

/** Checks that messages are paid for which nobody counts. */
export function afford(credits: number, available: number): void {
  must(available >= credits, { code: 'balanceTooLow', needed: credits, available });
}

const count = (tx: Tx, ctx: Ctx, counted: Counted | Taken) =>
  'counted' in counted ? countRest(tx, ctx, counted) : countAll(tx, ctx, counted);

/** The row of a request, ready to start at once or later. */
export function newPlan(
  ctx: Ctx,
  id: number,
  request: PlanRequest,
  { template, signature }: Admitted,
  { content }: PreparedContent,
  size: Pick<Plan, 'total' | 'accepted' | 'invalid' | 'stopped' | 'segments'>,
): Omit<Plan, 'startedAt' | 'doneAt'> {
  const { startAt } = request;
  const { state, sendable } = beginning(startAt, size.accepted);
  // Column by column: an object spread from others has a shape of its own, which slows whatever reads it.
  return {
    id,
    uuid: request.dialect === 'tsms' ? uuidForId(id) : null,
    businessId: request.businessId,
    dialect: request.dialect,
    name: request.name,
    category: content.category,
    templateId: template.id,
    signatureId: signature?.id ?? null,
    contentId: content.id,
    total: size.total,
    accepted: size.accepted,
    invalid: size.invalid,
    stopped: size.stopped,
    segments: size.segments,
    state,
    sendable,
    left: size.accepted,
    testChannelId: null,
    customArgs: request.customArgs,
    createdAt: ctx.now(),
    startAt,
    expiresAt: (startAt ?? ctx.now()) + ctx.settings.validityMs[content.category],
  };
}

/** How a plan begins: at once, with all its messages, or when its time comes. */
export const beginning = (startAt: number | null, accepted: number): Pick<Plan, 'state' | 'sendable'> =>
  startAt === null ? { state: 'running', sendable: accepted } : { state: 'pending', sendable: 0 };

/** Sets the credits of a plan aside. `after`: the balances after it. */
export function reserveEntry(
  ctx: Ctx,
  businessId: number,
  planId: number,
  credits: number,
  after: { available: number; reserved: number },
): NewLedgerEntry {
  return {
    id: ctx.nextId('ledger'),
    businessId,
    planId,
    kind: 'reserve',
    credits,
    availableAfter: after.available,
    reservedAfter: after.reserved,
    reason: '',
    at: ctx.now(),
  };
}

/** Ends plans that have nothing to send: nothing will ever be answered of them. */
export async function endEmpty(
  tx: Tx,
  events: EventBatch,
  plans: readonly Pick<Plan, 'id' | 'businessId'>[],
  at: number,
): Promise<void> {
  await tx.plans.answered(
    plans.map(({ id }) => ({ planId: id, count: 0 })),
    at,
  );
  for (const { id, businessId } of plans) events.plan(businessId, id, 'done');
}

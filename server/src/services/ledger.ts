import { BALANCE_LIMIT, effectOf, type LedgerEntry, type LedgerKind, TOP_UP_LIMIT } from '../domain/ledger.ts';
import { must } from '../domain/refusals.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type Idempotency, remember, replayed } from './idempotency.ts';
import { tellLowBalance } from './low-balance.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** Which business: by id or by user name. */
export type BusinessRef = { businessId: number } | { businessName: string };

export interface Balance {
  available: number;
  reserved: number;
}

/** Credits that somebody gives or takes. */
export interface Movement {
  actor: ActorRef;
  business: BusinessRef;
  credits: number;
  reason: string;
  /** A repeat of the request moves nothing, and answers what the first one was answered. */
  idempotency?: Idempotency | null;
}

/** What a business had once they had moved. */
export interface Moved extends Balance {
  /** Whether an earlier request with this key had moved them. */
  repeated: boolean;
}

/** Adds credits to a business. */
export const topUp = single(async (tx, ctx, input: Movement): Promise<Moved> => {
  must(input.actor.admin, { code: 'adminOnly' });
  must(Number.isSafeInteger(input.credits) && input.credits >= 1 && input.credits <= TOP_UP_LIMIT, {
    code: 'invalidField',
    field: 'credits',
    rule: `an integer from 1 to ${TOP_UP_LIMIT}`,
  });
  return move(tx, ctx, input, 'top-up');
});

/** Takes or gives credits to mend a mistake; the reason stands in the statement. */
export const correctBalance = single(async (tx, ctx, input: Movement): Promise<Moved> => {
  must(input.actor.admin, { code: 'adminOnly' });
  must(Number.isSafeInteger(input.credits) && input.credits !== 0 && Math.abs(input.credits) <= TOP_UP_LIMIT, {
    code: 'invalidField',
    field: 'credits',
    rule: `an integer other than 0, at most ${TOP_UP_LIMIT} either way`,
  });
  must(input.reason.trim() !== '', { code: 'invalidField', field: 'reason', rule: 'must not be empty' });
  return move(tx, ctx, input, 'correction');
});

async function move(
  tx: Tx,
  ctx: Ctx,
  { business: ref, credits, reason, idempotency = null }: Movement,
  kind: Extract<LedgerKind, 'top-up' | 'correction'>,
): Promise<Moved> {
  const business = await ('businessId' in ref
    ? tx.businesses.byId(ref.businessId)
    : tx.businesses.byName(ref.businessName));
  must(business !== null, { code: 'businessNotFound' });
  const earlier = await replayed<Balance>(tx, business.id, idempotency);
  if (earlier !== null) return { ...earlier, repeated: true };
  const total = business.available + business.reserved + credits;
  must(total < BALANCE_LIMIT, { code: 'balanceLimit' });
  must(business.available + credits >= 0, {
    code: 'balanceTooLow',
    needed: -credits,
    available: business.available,
  });
  const effect = effectOf(kind, credits);
  const after = await tx.businesses.moveCredits(business.id, effect.available, effect.reserved);
  await tx.ledger.add([
    {
      id: ctx.nextId('ledger'),
      businessId: business.id,
      planId: null,
      kind,
      credits,
      availableAfter: after.available,
      reservedAfter: after.reserved,
      reason,
      at: ctx.now(),
    },
  ]);
  await tellLowBalance(tx, ctx, business, business.available, after.available);
  const what = { credits, available: after.available };
  await addEvent(
    tx,
    ctx,
    business.id,
    kind === 'top-up' ? { kind: 'balance.topped-up', ...what } : { kind: 'balance.corrected', ...what, reason },
  );
  const { available, reserved } = after;
  await remember(tx, ctx, business.id, idempotency, { available, reserved });
  return { available, reserved, repeated: false };
}

/** What a business has: to spend, and set aside. */
export async function balanceOf(reader: Reader, input: { businessId: number }): Promise<Balance> {
  const business = await reader.businesses.byId(input.businessId);
  must(business !== null, { code: 'businessNotFound' });
  return { available: business.available, reserved: business.reserved };
}

/** A business's ledger entries, newest first. */
export const statement = (
  reader: Reader,
  input: { businessId: number; before: number | null; limit: number },
): Promise<LedgerEntry[]> => reader.ledger.ofBusiness(input.businessId, input.before, input.limit);

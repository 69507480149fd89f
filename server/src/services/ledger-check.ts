import { type LedgerFault, type PlanMoney, sameMoney } from '../domain/ledger-fault.ts';
import type { Desk, QueryValue } from './desk.ts';

const BUSINESSES_AT_ONCE = 500;
const PLANS_AT_ONCE = 10_000;
/** Rows that one question looks at: it takes some hundredths of a second. */
export const ROWS_AT_ONCE = 20_000;
/** Faults that are told at a time. */
const MAX_FAULTS = 100;

/** How fast a check goes. */
export interface CheckPace {
  /** A question was answered; false: the check ends here. */
  goOn(): Promise<boolean>;
}

/** The check was told to end. */
const ENDED = Symbol('ended');

/** Without a rest. */
const FAST: CheckPace = { goOn: async () => true };

/**
 * Checks that balances are what their entries say, and that messages and entries of each plan say the same, in bounded
 * pieces, while others work. What seems to differ, as plans do that change between two questions, is looked at again, all
 * of it at one moment. Returns what differs, the first hundred.
 */
export async function checkLedger(desk: Desk, pace: CheckPace = FAST): Promise<LedgerFault[]> {
  const faults: LedgerFault[] = [];
  for await (const fault of checked(desk, pace)) {
    faults.push(fault);
    if (faults.length >= MAX_FAULTS) break;
  }
  return faults;
}

async function* checked(desk: Desk, pace: CheckPace): AsyncGenerator<LedgerFault> {
  for await (const { id } of businesses(desk)) {
    const fault = await balanceFaultOf(desk, id, pace);
    if (fault === ENDED) return;
    if (fault !== null) yield fault;
  }
  for (let after = 0; ; ) {
    const plans = await desk.ask('plansToCheck', { after, limit: PLANS_AT_ONCE });
    if (!(await pace.goOn()) || plans.length === 0) return;
    const suspects = await suspectsAmong(desk, plans, pace);
    if (suspects === ENDED) return;
    for (const planId of suspects) {
      const fault = await desk.ask('checkPlan', { planId });
      if (fault !== null) yield fault;
      if (!(await pace.goOn())) return;
    }
    after = plans.at(-1)!.id;
  }
}

/** All businesses, some at a time. */
export async function* businesses(desk: Desk): AsyncGenerator<{ id: number }> {
  for (let cursor = 0; ; ) {
    const page = await desk.ask('listBusinesses', { cursor, limit: BUSINESSES_AT_ONCE });
    yield* page;
    if (page.length < BUSINESSES_AT_ONCE) return;
    cursor = page.at(-1)!.id;
  }
}

async function balanceFaultOf(
  desk: Desk,
  businessId: number,
  pace: CheckPace,
): Promise<LedgerFault | null | typeof ENDED> {
  let so = await desk.ask('lastOpening', { businessId });
  for (;;) {
    const answer = await desk.ask('checkBalance', { businessId, so, limit: ROWS_AT_ONCE });
    if (!(await pace.goOn())) return ENDED;
    if ('fault' in answer) return answer.fault;
    so = answer.so;
  }
}

type PlanToCheck = QueryValue<'plansToCheck'>[number];
type MessageMoney = PlanMoney & { refundedAt: number };

/** Plans whose messages and entries seem to differ. */
async function suspectsAmong(
  desk: Desk,
  plans: readonly PlanToCheck[],
  pace: CheckPace,
): Promise<number[] | typeof ENDED> {
  const messages = await messagesOf(desk, plans, pace);
  if (messages === ENDED) return ENDED;
  const entries = await entriesOf(desk, plans, messages, pace);
  if (entries === ENDED) return ENDED;
  return plans.filter(({ id }) => !sameMoney(messages.get(id), entries.get(id))).map(({ id }) => id);
}

async function messagesOf(
  desk: Desk,
  plans: readonly PlanToCheck[],
  pace: CheckPace,
): Promise<Map<number, MessageMoney> | typeof ENDED> {
  const found = new Map<number, MessageMoney>();
  let place: { planId: number; index: number } | null = { planId: plans[0]!.id, index: -1 };
  while (place !== null) {
    const asked = { after: place, last: plans.at(-1)!.id, limit: ROWS_AT_ONCE };
    const piece: QueryValue<'messageMoney'> = await desk.ask('messageMoney', asked);
    for (const each of piece.plans) {
      const before = found.get(each.planId);
      const refundedAt = Math.max(before?.refundedAt ?? 0, each.refundedAt);
      found.set(each.planId, { ...sum(before, each), refundedAt });
    }
    if (!(await pace.goOn())) return ENDED;
    place = piece.next;
  }
  return found;
}

async function entriesOf(
  desk: Desk,
  plans: readonly PlanToCheck[],
  messages: ReadonlyMap<number, MessageMoney>,
  pace: CheckPace,
): Promise<Map<number, PlanMoney> | typeof ENDED> {
  const found = new Map<number, PlanMoney>();
  for (const [businessId, own] of byBusiness(plans)) {
    const asked = {
      businessId,
      plans: { first: own[0]!.id, last: own.at(-1)!.id },
      since: Math.min(...own.map(({ createdAt }) => createdAt)),
      until: lastEntryAt(own, messages),
      limit: ROWS_AT_ONCE,
    };
    let from: number | null = null;
    do {
      const piece: QueryValue<'entryMoney'> = await desk.ask('entryMoney', { ...asked, from });
      for (const each of piece.plans) found.set(each.planId, sum(found.get(each.planId), each));
      if (!(await pace.goOn())) return ENDED;
      from = piece.next;
    } while (from !== null);
  }
  return found;
}

/** When the last entry of the plans was written; null: there may be more. */
function lastEntryAt(plans: readonly PlanToCheck[], messages: ReadonlyMap<number, MessageMoney>): number | null {
  let last = 0;
  for (const { id, doneAt } of plans) {
    if (doneAt === null) return null;
    last = Math.max(last, doneAt, messages.get(id)?.refundedAt ?? 0);
  }
  return last;
}

function byBusiness(plans: readonly PlanToCheck[]): Map<number, PlanToCheck[]> {
  const found = new Map<number, PlanToCheck[]>();
  for (const plan of plans) {
    const own = found.get(plan.businessId);
    if (own === undefined) found.set(plan.businessId, [plan]);
    else own.push(plan);
  }
  return found;
}

const sum = (a: PlanMoney | undefined, b: PlanMoney): PlanMoney => ({
  reserved: (a?.reserved ?? 0) + b.reserved,
  settled: (a?.settled ?? 0) + b.settled,
  released: (a?.released ?? 0) + b.released,
  refunded: (a?.refunded ?? 0) + b.refunded,
});

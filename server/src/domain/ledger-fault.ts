/** A disagreement between the ledger and what it should equal. */
export interface LedgerFault {
  businessId: number;
  /** Null: of the business as a whole. */
  planId: number | null;
  what: string;
}

/** What a business has, whether to spend or set aside. */
export interface Standing {
  available: number;
  reserved: number;
}

/** Credits of a plan, by what became of them. */
export interface PlanMoney {
  reserved: number;
  settled: number;
  released: number;
  refunded: number;
}

/** A business whose balance is not what its entries say; null when it is. */
export function balanceFault(businessId: number, balance: Standing, entries: Standing): LedgerFault | null {
  if (balance.available === entries.available && balance.reserved === entries.reserved) return null;
  const said = `entries say ${entries.available}/${entries.reserved}`;
  return { businessId, planId: null, what: `balance ${balance.available}/${balance.reserved}, ${said}` };
}

/** A plan whose messages and entries differ; null when they agree. Null: there are none. */
export function planFault(
  businessId: number,
  planId: number,
  messages: PlanMoney | null,
  entries: PlanMoney | null,
): LedgerFault | null {
  if (sameMoney(messages, entries)) return null;
  const of = (money: PlanMoney | null) =>
    money === null
      ? 'nothing'
      : `reserved ${money.reserved}, settled ${money.settled}, released ${money.released}, refunded ${money.refunded}`;
  return { businessId, planId, what: `messages say ${of(messages)}; entries say ${of(entries)}` };
}

/** Whether messages and entries of a plan agree; undefined or null: there are none. */
export function sameMoney(a: PlanMoney | null | undefined, b: PlanMoney | null | undefined): boolean {
  if (a == null || b == null) return (a ?? null) === (b ?? null);
  return a.reserved === b.reserved && a.settled === b.settled && a.released === b.released && a.refunded === b.refunded;
}

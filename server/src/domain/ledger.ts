/** Kinds of ledger entries. The position is the stored code: append, never reorder. Entries are only ever added. */
export const LEDGER_KINDS = ['top-up', 'reserve', 'settle', 'release', 'refund', 'correction'] as const;
export type LedgerKind = (typeof LEDGER_KINDS)[number];

export const ledgerCode = (kind: LedgerKind): number => LEDGER_KINDS.indexOf(kind);

export function ledgerKindOfCode(code: number): LedgerKind {
  const kind = LEDGER_KINDS[code];
  if (kind === undefined) throw new Error(`no ledger kind has code ${code}`);
  return kind;
}

/** How an entry moves a balance: credits × these factors. */
const EFFECT: Record<LedgerKind, { available: -1 | 0 | 1; reserved: -1 | 0 | 1 }> = {
  'top-up': { available: 1, reserved: 0 },
  reserve: { available: -1, reserved: 1 },
  settle: { available: 0, reserved: -1 },
  release: { available: 1, reserved: -1 },
  refund: { available: 1, reserved: 0 },
  correction: { available: 1, reserved: 0 },
};

/** What an entry of `credits` does to `available` and `reserved`. */
export function effectOf(kind: LedgerKind, credits: number): { available: number; reserved: number } {
  const effect = EFFECT[kind];
  return { available: effect.available * credits, reserved: effect.reserved * credits };
}

/** Balances stay below this, so that every sum is an exact number. */
export const BALANCE_LIMIT = 2 ** 53;

/** Most credits one top-up may add. */
export const TOP_UP_LIMIT = 1_000_000_000_000;

/** One line of a business's statement. */
export interface LedgerEntry {
  id: number;
  kind: LedgerKind;
  credits: number;
  planId: number | null;
  availableAfter: number;
  reservedAfter: number;
  reason: string;
  at: number;
}

/** What happens to a message's reserved credits when a carrier has answered, or never will. */
export type Charge = 'settle' | 'release';

/**
 * The default costs: a carrier's acceptance is paid, whatever its report says later; what no carrier accepted is given
 * back; uncertain and unknown are paid once, because the carrier may have sent them.
 */
export const CHARGE_OF_OUTCOME = {
  submitted: 'settle',
  refused: 'release',
  failed: 'release',
  cancelled: 'release',
  expired_unsent: 'release',
  unknown: 'settle',
} as const satisfies Record<string, Charge>;

/** Whether a balance went from `threshold` credits or more to fewer; never without a threshold. */
export const fellBelow = (threshold: number | null, before: number, after: number): threshold is number =>
  threshold !== null && before >= threshold && after < threshold;

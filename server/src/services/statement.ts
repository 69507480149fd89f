import type { Category } from '../domain/category.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import type { Standing } from '../domain/ledger-fault.ts';
import { QUARTER_MS } from '../lib/calendar.ts';
import type { Reader } from '../store/store.ts';

/** What happened to a business's credits in some time. */
export interface StatementDay {
  /** Top-ups and corrections, oldest first. */
  entries: Pick<LedgerEntry, 'kind' | 'credits' | 'reason' | 'at'>[];
  /** What was charged, by what it was charged for. */
  charged: { category: Category; country: string | null; sent: number; segments: number; credits: number }[];
  /** What was charged and is not in the figures yet, or, negative, what is in them too much. */
  uncounted: number;
  refunded: number;
  /** What the business had after it. */
  standing: Standing;
}

/** What a business had before a time, by its ledger. */
export async function statementOpening(
  reader: Reader,
  { businessId, at }: { businessId: number; at: number },
): Promise<Standing> {
  return standingBefore(reader, businessId, await reader.ledger.firstSince(businessId, at));
}

/** What the ledger has of a time, `from` to `to`, milliseconds since 1970 on quarters of an hour. */
export async function statementDay(
  reader: Reader,
  { businessId, from, to }: { businessId: number; from: number; to: number },
): Promise<StatementDay> {
  const end = await reader.ledger.firstSince(businessId, to);
  const first = (await reader.ledger.firstSince(businessId, from)) ?? end ?? Number.MAX_SAFE_INTEGER;
  const sums = await reader.ledger.sums(businessId, first, end);
  const entries = await reader.ledger.between(businessId, first, end, ['top-up', 'correction']);
  const figures = await reader.figures.sums({
    businessId,
    from: from / QUARTER_MS,
    to: to / QUARTER_MS,
    by: ['country', 'category'],
  });
  const charged = new Map<string, StatementDay['charged'][number]>();
  for (const { category, country = null, sent, segments, settled } of figures) {
    const key = `${category} ${country}`;
    const known = charged.get(key) ?? { category: category!, country, sent: 0, segments: 0, credits: 0 };
    charged.set(key, {
      ...known,
      sent: known.sent + sent,
      segments: known.segments + segments,
      credits: known.credits + settled,
    });
  }
  const rows = [...charged.values()].filter(({ sent, segments, credits }) => sent + segments + credits > 0);
  const counted = rows.reduce((sum, { credits }) => sum + credits, 0);
  return {
    entries: entries.map(({ kind, credits, reason, at }) => ({ kind, credits, reason, at })),
    charged: rows,
    uncounted: (sums.settle ?? 0) - counted,
    refunded: sums.refund ?? 0,
    standing: await standingBefore(reader, businessId, end),
  };
}

/** What the last entry before another left; (null: the last of all). */
export async function standingBefore(reader: Reader, businessId: number, entryId: number | null): Promise<Standing> {
  const [last] = await reader.ledger.ofBusiness(businessId, entryId, 1);
  return { available: last?.availableAfter ?? 0, reserved: last?.reservedAfter ?? 0 };
}

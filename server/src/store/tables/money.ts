import type { CostRow } from '../../domain/cost.ts';
import type { LedgerEntry, LedgerKind } from '../../domain/ledger.ts';
import type { LedgerFault, PlanMoney, Standing } from '../../domain/ledger-fault.ts';
import type { PriceRow } from '../../domain/price.ts';

export interface NewLedgerEntry {
  id: number;
  businessId: number;
  planId: number | null;
  kind: LedgerKind;
  credits: number;
  availableAfter: number;
  reservedAfter: number;
  reason: string;
  at: number;
}

/** What entries or messages say of one plan. */
export interface MoneyOfPlan extends PlanMoney {
  planId: number;
}

/** What a business had when a month began: all entries with ids of an earlier time, added up. */
export interface LedgerOpening extends Standing {
  businessId: number;
  /** When the month began by UTC, milliseconds since 1970. */
  at: number;
}

export interface LedgerReader {
  /** Newest first, before `before` (an entry id). */
  ofBusiness(businessId: number, before: number | null, limit: number): Promise<LedgerEntry[]>;
  /** Entries of a plan that were written from `since` to `until` (times; null: to this day), oldest first. */
  ofPlan(businessId: number, planId: number, since: number, until: number | null): Promise<LedgerEntry[]>;
  /** The first entry that was written at or after a time; null when there is none. */
  firstSince(businessId: number, at: number): Promise<number | null>;
  /** Credits of the entries `from` to `to` (ids; `to` not included, null: to the last), by kind. */
  sums(businessId: number, from: number, to: number | null): Promise<Partial<Record<LedgerKind, number>>>;
  /** Of these, those of some kinds, oldest first. */
  between(businessId: number, from: number, to: number | null, kinds: readonly LedgerKind[]): Promise<LedgerEntry[]>;
  /**
   * The entry that is `count` entries behind the first with an id of `from` or more; null when there are not so many, or
   * not so many below `to`.
   */
  behind(businessId: number, from: number, count: number, to?: number): Promise<number | null>;
  /** What entries `from` to `to` (as {@link sums}) say of plans with ids `first` to `last`, both included. */
  moneyOfPlans(
    businessId: number,
    from: number,
    to: number | null,
    plans: { first: number; last: number },
  ): Promise<MoneyOfPlan[]>;
  /** Newest first, of months that began before `before` (null: all). */
  openings(businessId: number, before: number | null, limit: number): Promise<LedgerOpening[]>;
  /**
   * Checks per business: balance = sum of entries; per plan: entries = message columns. Reads everything, all at the same
   * moment: for stores that nobody works with.
   */
  faults(): Promise<LedgerFault[]>;
}

export interface LedgerWriter {
  add(entries: readonly NewLedgerEntry[]): Promise<void>;
  /** Those that are there already stay as they are. */
  addOpening(opening: LedgerOpening): Promise<void>;
}

/** A row of a business's price table, or (business null) of the installation's. */
export interface StoredPrice extends PriceRow {
  id: number;
  businessId: number | null;
  createdAt: number;
}

export interface PriceReader {
  byId(id: number): Promise<StoredPrice | null>;
  /** A table whole, in the order of prefix, category (any last) and time. */
  of(businessId: number | null): Promise<StoredPrice[]>;
}

export interface PriceWriter {
  /** Each row takes the place of one with the same prefix, category and time. */
  put(businessId: number | null, rows: readonly PriceRow[], at: number): Promise<void>;
  remove(id: number): Promise<void>;
}

/** A row of what a channel's carrier charges. */
export interface StoredCost extends CostRow {
  id: number;
  channelId: number;
  createdAt: number;
}

export interface CostReader {
  byId(id: number): Promise<StoredCost | null>;
  /** A table whole, in the order of prefix, category (any last) and time. */
  of(channelId: number): Promise<StoredCost[]>;
}

export interface CostWriter {
  /** As `PriceWriter.put`. */
  put(channelId: number, rows: readonly CostRow[], at: number): Promise<void>;
  remove(id: number): Promise<void>;
}

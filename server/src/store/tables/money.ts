import type { CostRow } from '../../domain/cost.ts';
import type { LedgerEntry, LedgerKind } from '../../domain/ledger.ts';
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

/** A disagreement between the ledger and what it should equal. */
export interface LedgerFault {
  businessId: number;
  planId: number | null;
  what: string;
}

export interface LedgerReader {
  /** Newest first, before `before` (an entry id). */
  ofBusiness(businessId: number, before: number | null, limit: number): Promise<LedgerEntry[]>;
  /** Oldest first. `until`: no entry of the plan was written later; null when that is not known. */
  ofPlan(businessId: number, planId: number, until: number | null): Promise<LedgerEntry[]>;
  /** The first entry that was written at or after a time; null when there is none. */
  firstSince(businessId: number, at: number): Promise<number | null>;
  /** Credits of the entries `from` to `to` (ids; `to` not included, null: to the last), by kind. */
  sums(businessId: number, from: number, to: number | null): Promise<Partial<Record<LedgerKind, number>>>;
  /** Of these, those of some kinds, oldest first. */
  between(businessId: number, from: number, to: number | null, kinds: readonly LedgerKind[]): Promise<LedgerEntry[]>;
  /** Checks per business: balance = sum of entries; per plan: entries = message columns. */
  faults(): Promise<LedgerFault[]>;
}

export interface LedgerWriter {
  add(entries: readonly NewLedgerEntry[]): Promise<void>;
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

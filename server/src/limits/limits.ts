import type { Category } from '../domain/category.ts';

/** Messages of one request: one to each recipient. */
export interface Counting {
  businessId: number;
  category: Category;
  recipients: readonly number[];
}

/** What limits may keep in the store, in the transaction that counts. */
export interface RecentCounts {
  /** When each recipient was counted in the hours `from` to `to` of 1970, both included; rising. `category` null: of all. */
  times(
    businessId: number,
    category: Category | null,
    recipients: readonly number[],
    from: number,
    to: number,
  ): Promise<(readonly number[])[]>;
  /** Replaces what an hour has of some recipients. */
  setTimes(
    businessId: number,
    category: Category | null,
    hour: number,
    recipients: readonly number[],
    times: readonly (readonly number[])[],
  ): Promise<void>;
}

/**
 * How often one recipient may be written to by one business, in windows up to an hour. Exact counts, kept apart from the
 * messages so that the hot path writes no row for them. A message counts from when it is taken, to the millisecond. Time
 * is the caller's wall clock; when that goes back, the counts go on from where they were.
 */
export interface FrequencyLimits {
  /** Whether messages of a category are counted at all: of others, {@link take} and its like change nothing. */
  counts(category: Category): boolean;
  /**
   * Counts one message to each recipient, unless one of them would go over its limit: then nothing is counted.
   * @param counts of the transaction that this belongs to
   * @returns the position of the first recipient that is over its limit; null when all were counted
   * @throws Refused (storeAway) when it cannot be said now
   */
  take(counts: RecentCounts, counting: Counting, atMs: number): Promise<number | null>;
  /**
   * The same at once, where nobody has to be asked; absent elsewhere: several requests are better counted together then.
   */
  takeNow?(counting: Counting, atMs: number): number | null;
  /** The same for several requests, one after the other. */
  takeAll(counts: RecentCounts, countings: readonly Counting[], atMs: number): Promise<(number | null)[]>;
  /**
   * Counts one message to each recipient that stays within its limit.
   * @returns the positions of the others, rising
   * @throws Refused (storeAway) when it cannot be said now
   */
  takeEach(counts: RecentCounts, counting: Counting, atMs: number): Promise<readonly number[]>;
  /** Takes back what was counted at `atMs`, for a request that was refused afterwards. */
  giveBack(counts: RecentCounts, counting: Counting, atMs: number): Promise<void>;
  /** A transaction is undone that had counted this at `atMs`. What is counted afterwards knows of it. */
  undoTake(counting: Counting, atMs: number): void;
  /** A transaction is undone that had given this back. */
  undoGiveBack(counting: Counting, atMs: number): void;
}

/** No limit at all. */
export const UNLIMITED: FrequencyLimits = {
  counts: () => false,
  take: async () => null,
  takeNow: () => null,
  takeAll: async (_counts, countings) => countings.map(() => null),
  takeEach: async () => [],
  giveBack: async () => {},
  undoTake() {},
  undoGiveBack() {},
};

/** Failures that are counted together, in a window that begins with the first. */
export interface FailureCounter {
  key: string;
  windowMs: number;
}

/** How often there was a failure in the window that runs, and when that ends; 0 and 0: none runs. */
export interface FailureCount {
  count: number;
  leftMs: number;
}

/** How often somebody failed to say who they are. Forgetting is bearable: whoever guesses gets a few guesses more. */
export interface FailureCounts {
  read(counters: readonly FailureCounter[]): Promise<FailureCount[]>;
  /** Counts a failure of each; returns what they stand at then. */
  add(counters: readonly FailureCounter[]): Promise<FailureCount[]>;
}

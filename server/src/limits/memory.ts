import { CATEGORIES, type Category } from '../domain/category.ts';
import type { FrequencyPolicy, FrequencyWindow } from '../domain/frequency.ts';
import type { Counting, FrequencyLimits, RecentCounts } from './limits.ts';
import { SlidingCounts } from './sliding-counts.ts';
import { SteadyTime } from './steady-time.ts';

/** Messages remembered, over all categories and over each that has windows of its own: about 125 MB each when full. */
const MAX_MESSAGES = 1 << 22;

export interface MemoryFrequencyOptions {
  /** Room for messages; beyond it the oldest are forgotten before their window has passed. */
  maxMessages?: number;
  /** Told that messages were forgotten, at most once a minute. */
  onForgotten?(): void;
}

/** How often {@link MemoryFrequencyOptions.onForgotten} is told. */
const TELL_EVERY_MS = 60_000;

/** Frequency limits of one process. */
export class MemoryFrequencyLimits implements FrequencyLimits {
  /** How long a message of each category counts: older ones need not be restored. 0: it is not counted. */
  readonly reachMs: Readonly<Record<Category, number>>;
  /** What a message of each category counts in. */
  readonly #counts: Record<Category, SlidingCounts[]>;
  readonly #time = new SteadyTime();
  #restoredAt = Number.NEGATIVE_INFINITY;

  /** @param policy windows of an hour at most */
  constructor(policy: FrequencyPolicy, options: MemoryFrequencyOptions = {}) {
    const maxMessages = options.maxMessages ?? MAX_MESSAGES;
    let toldAt = Number.NEGATIVE_INFINITY;
    const onForgotten = (at: number) => {
      if (at - toldAt < TELL_EVERY_MS) return;
      toldAt = at;
      options.onForgotten?.();
    };
    const over = (windows: readonly FrequencyWindow[]) =>
      windows.length > 0 ? [new SlidingCounts(windows, maxMessages, onForgotten)] : [];
    const all = over(policy.all);
    const counts: Partial<Record<Category, SlidingCounts[]>> = {};
    const reachMs: Partial<Record<Category, number>> = {};
    for (const category of CATEGORIES) {
      const own = policy.of[category];
      counts[category] = [...all, ...over(own)];
      reachMs[category] = Math.max(0, ...[...policy.all, ...own].map(({ windowMs }) => windowMs));
    }
    this.#counts = counts as Record<Category, SlidingCounts[]>;
    this.reachMs = reachMs as Record<Category, number>;
  }

  counts(category: Category): boolean {
    return this.#counts[category].length > 0;
  }

  async take(_counts: RecentCounts, counting: Counting, atMs: number): Promise<number | null> {
    return this.takeNow(counting, atMs);
  }

  takeNow(counting: Counting, atMs: number): number | null {
    return this.#take(counting, this.#time.pass(atMs));
  }

  async takeAll(_counts: RecentCounts, countings: readonly Counting[], atMs: number): Promise<(number | null)[]> {
    const at = this.#time.pass(atMs);
    return countings.map((counting) => this.#take(counting, at));
  }

  async takeEach(_counts: RecentCounts, counting: Counting, atMs: number): Promise<readonly number[]> {
    return this.#takeEach(counting, this.#time.pass(atMs));
  }

  async giveBack(_counts: RecentCounts, counting: Counting, atMs: number): Promise<void> {
    this.undoTake(counting, atMs);
  }

  undoTake({ businessId, category, recipients }: Counting, atMs: number): void {
    for (const counts of this.#counts[category]) counts.giveBack(businessId, recipients, this.#time.of(atMs));
  }

  undoGiveBack(counting: Counting, atMs: number): void {
    this.#takeEach(counting, this.#time.pass(atMs));
  }

  /**
   * Counts a message sent before this process started; to be called in the order of time, before anything is taken. One
   * that comes out of order counts as long as those before it.
   */
  restore(businessId: number, category: Category, recipient: number, atMs: number): void {
    // What comes out of order counts later, never shorter.
    this.#restoredAt = Math.max(this.#restoredAt, atMs);
    this.#time.pass(this.#restoredAt);
    for (const counts of this.#counts[category]) counts.add(businessId, recipient, this.#restoredAt);
  }

  #take({ businessId, category, recipients }: Counting, at: number): number | null {
    const counts = this.#counts[category];
    for (let i = 0; i < recipients.length; i++) {
      if (takeOne(counts, businessId, recipients[i]!, at)) continue;
      for (const each of counts) each.undo(i);
      return i;
    }
    return null;
  }

  #takeEach({ businessId, category, recipients }: Counting, at: number): number[] {
    const counts = this.#counts[category];
    const over: number[] = [];
    for (let i = 0; i < recipients.length; i++) {
      if (!takeOne(counts, businessId, recipients[i]!, at)) over.push(i);
    }
    return over;
  }
}

function takeOne(counts: readonly SlidingCounts[], businessId: number, recipient: number, at: number): boolean {
  for (let c = 0; c < counts.length; c++) {
    if (counts[c]!.take(businessId, recipient, at)) continue;
    for (let earlier = 0; earlier < c; earlier++) counts[earlier]!.undo(1);
    return false;
  }
  return true;
}

import type { Category } from '../domain/category.ts';
import type { FrequencyPolicy } from '../domain/frequency.ts';
import { Refused } from '../domain/refusals.ts';
import type { Counting, FrequencyLimits, RecentCounts } from './limits.ts';
import { SteadyTime } from './steady-time.ts';
import { type WindowSet, windowSets } from './window-sets.ts';

const RETRY_AFTER_S = 5;
/** Changes of where was counted that are remembered, for what is given back late. */
const MAX_CHANGES = 100;

/** Where messages were counted. */
type Where = 'first' | 'second' | 'both';

export interface FallbackDeps {
  /** Why the first cannot be asked now; null when it can. */
  trouble(): string | null;
  /** Told when counting moves to the second, or (null) may not go on; and when the first counts again. */
  onChange(where: Where | null): void;
}

/**
 * Limits that others take the place of while they cannot be asked. The others begin without what was counted before. When
 * the first come back they lack what was counted meanwhile: both count then, until the longest window has passed.
 */
export class FallbackLimits implements FrequencyLimits {
  readonly #first: FrequencyLimits;
  readonly #second: FrequencyLimits | null;
  readonly #deps: FallbackDeps;
  readonly #sets: Record<Category, readonly WindowSet[]>;
  readonly #reachMs: number;
  readonly #time = new SteadyTime();
  /** Until when both count. */
  #bothUntil = Number.NEGATIVE_INFINITY;
  /** Where was counted from which time on, the latest last. */
  readonly #changes: { from: number; where: Where }[] = [{ from: Number.NEGATIVE_INFINITY, where: 'first' }];
  #closed = false;

  /** @param second null: what cannot be counted by the first is refused */
  constructor(first: FrequencyLimits, second: FrequencyLimits | null, policy: FrequencyPolicy, deps: FallbackDeps) {
    this.#first = first;
    this.#second = second;
    this.#deps = deps;
    this.#sets = windowSets(policy);
    this.#reachMs = Math.max(0, ...Object.values(this.#sets).flatMap((sets) => sets.map(({ longestMs }) => longestMs)));
  }

  counts(category: Category): boolean {
    return this.#sets[category].length > 0;
  }

  async take(counts: RecentCounts, counting: Counting, atMs: number): Promise<number | null> {
    return (await this.takeAll(counts, [counting], atMs))[0]!;
  }

  async takeAll(counts: RecentCounts, countings: readonly Counting[], atMs: number): Promise<(number | null)[]> {
    const at = this.#time.pass(atMs);
    if (countings.every(({ category }) => this.#sets[category].length === 0)) return countings.map(() => null);
    return this.#count(
      at,
      (limits) => limits.takeAll(counts, countings, at),
      async (limits, overs) => {
        const fitting = countings.filter((_, i) => overs[i] === null);
        const more = await limits.takeAll(counts, fitting, at);
        let next = 0;
        const both = overs.map((over) => over ?? more[next++]!);
        for (let i = 0; i < both.length; i++) {
          if (overs[i] === null && both[i] !== null) this.#first.undoTake(countings[i]!, at);
        }
        return both;
      },
    );
  }

  async takeEach(counts: RecentCounts, counting: Counting, atMs: number): Promise<readonly number[]> {
    const at = this.#time.pass(atMs);
    if (this.#sets[counting.category].length === 0) return [];
    const { businessId, category, recipients } = counting;
    return this.#count(
      at,
      (limits) => limits.takeEach(counts, counting, at),
      async (limits, over) => {
        const places = recipients.map((_, i) => i).filter((i) => !over.includes(i));
        const fitting = { businessId, category, recipients: places.map((i) => recipients[i]!) };
        const more = await limits.takeEach(counts, fitting, at);
        const back = { businessId, category, recipients: more.map((i) => fitting.recipients[i]!) };
        this.#first.undoTake(back, at);
        return [...over, ...more.map((i) => places[i]!)].sort((a, b) => a - b);
      },
    );
  }

  async giveBack(counts: RecentCounts, counting: Counting, atMs: number): Promise<void> {
    const at = this.#time.of(atMs);
    const where = this.#whereAt(at);
    // Where it cannot be taken back it counts until its window has passed.
    if (where !== 'second') await this.#first.giveBack(counts, counting, at).catch(() => {});
    if (where !== 'first') await this.#second?.giveBack(counts, counting, at);
  }

  undoTake(counting: Counting, atMs: number): void {
    const at = this.#time.of(atMs);
    const where = this.#whereAt(at);
    if (where !== 'second') this.#first.undoTake(counting, at);
    if (where !== 'first') this.#second?.undoTake(counting, at);
  }

  undoGiveBack(counting: Counting, atMs: number): void {
    const at = this.#time.of(atMs);
    const where = this.#whereAt(at);
    if (where !== 'second') this.#first.undoGiveBack(counting, at);
    if (where !== 'first') this.#second?.undoGiveBack(counting, at);
  }

  async #count<T>(
    at: number,
    count: (limits: FrequencyLimits) => Promise<T>,
    countToo: (limits: FrequencyLimits, counted: T) => Promise<T>,
  ): Promise<T> {
    const second = this.#second;
    if (this.#deps.trouble() === null) {
      const both = second !== null && at < this.#bothUntil;
      try {
        const counted = await count(this.#first);
        this.#is(both ? 'both' : 'first', at);
        return both ? await countToo(second, counted) : counted;
      } catch (error) {
        if (this.#deps.trouble() === null) throw error;
      }
    }
    if (second === null) {
      if (!this.#closed) this.#deps.onChange(null);
      this.#closed = true;
      throw new Refused({ code: 'storeAway', retryAfterS: RETRY_AFTER_S });
    }
    this.#is('second', at);
    this.#bothUntil = at + this.#reachMs;
    return count(second);
  }

  #is(where: Where, at: number): void {
    if (this.#closed) this.#deps.onChange(where);
    this.#closed = false;
    if (this.#changes.at(-1)!.where === where) return;
    this.#changes.push({ from: at, where });
    if (this.#changes.length > MAX_CHANGES) this.#changes.shift();
    this.#deps.onChange(where);
  }

  #whereAt(at: number): Where {
    return (this.#changes.findLast(({ from }) => from <= at) ?? this.#changes[0]!).where;
  }
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { type FrequencyPolicy, type FrequencyWindow, NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import type { Counting, FrequencyLimits, RecentCounts } from './limits.ts';

const AT = 1_767_225_600_000;
const MINUTE = 60_000;
const A = 8_613_800_138_000;
const B = A + 1;
const C = A + 2;

/** Limits that have counted nothing, for one test. */
export interface OpenedLimits {
  limits: FrequencyLimits;
  /** Runs work in a transaction of whatever store they count in. */
  transact<T>(work: (counts: RecentCounts) => Promise<T>): Promise<T>;
}

/** Of limits that keep nothing in a store. */
export const withoutStore = <T>(work: (counts: RecentCounts) => Promise<T>): Promise<T> =>
  work({
    times: () => Promise.reject(new Error('these limits have no store')),
    setTimes: () => Promise.reject(new Error('these limits have no store')),
  });

/** Limits as tests ask them. */
class Asked {
  readonly #limits: FrequencyLimits;
  readonly #transact: OpenedLimits['transact'];

  constructor({ limits, transact }: OpenedLimits) {
    this.#limits = limits;
    this.#transact = transact;
  }

  take(businessId: number, category: Category, recipients: readonly number[], at: number): Promise<number | null> {
    return this.#transact((counts) => this.#limits.take(counts, { businessId, category, recipients }, at));
  }

  takeAll(countings: readonly Counting[], at: number): Promise<(number | null)[]> {
    return this.#transact((counts) => this.#limits.takeAll(counts, countings, at));
  }

  takeEach(businessId: number, category: Category, recipients: readonly number[], at: number) {
    return this.#transact((counts) => this.#limits.takeEach(counts, { businessId, category, recipients }, at));
  }

  giveBack(businessId: number, category: Category, recipients: readonly number[], at: number): Promise<void> {
    return this.#transact((counts) => this.#limits.giveBack(counts, { businessId, category, recipients }, at));
  }

  /** Takes in a transaction that is undone afterwards. */
  async takeInVain(businessId: number, category: Category, recipients: readonly number[], at: number): Promise<void> {
    const counting = { businessId, category, recipients };
    const undone = this.#transact(async (counts) => {
      expect(await this.#limits.take(counts, counting, at)).toBe(null);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    this.#limits.undoTake(counting, at);
  }
}

/**
 * What every frequency limit promises (limits.ts). `open` gives one that has counted nothing.
 * @param runs of what is compared with a model: fewer where each question takes long
 */
export function limitsContract(
  name: string,
  open: (policy: FrequencyPolicy) => Promise<OpenedLimits>,
  runs: number,
): void {
  const opened = async (policy: FrequencyPolicy) => new Asked(await open(policy));
  const openAll = (...all: FrequencyWindow[]) => opened({ ...NO_FREQUENCY_POLICY, all });
  const three = () => openAll({ limit: 3, windowMs: 10 * MINUTE });
  /** Takes one message to each; the position of who is over the limit, or null. */
  const takes = (limits: Asked, recipients: number[], at = AT, businessId = 1) =>
    limits.take(businessId, 'notification', recipients, at);

  describe(name, () => {
    test('lets the limit through and no more, each business and recipient for itself', async () => {
      const limits = await three();
      for (let i = 0; i < 3; i++) expect(await takes(limits, [A], AT + i)).toBe(null);
      expect(await takes(limits, [A], AT + 3)).toBe(0);
      expect(await takes(limits, [A], AT + 3, 2)).toBe(null);
      expect(await takes(limits, [B], AT + 3)).toBe(null);
      expect(await takes(limits, [A], AT + 4)).toBe(0);
    });

    test('says which categories are counted', async () => {
      const window = { limit: 3, windowMs: MINUTE };
      const of = { ...NO_FREQUENCY_POLICY.of, marketing: [window] };
      const countedBy = async (policy: FrequencyPolicy) => {
        const { limits } = await open(policy);
        return CATEGORIES.filter((category) => limits.counts(category));
      };
      expect(await countedBy(NO_FREQUENCY_POLICY)).toEqual([]);
      expect(await countedBy({ ...NO_FREQUENCY_POLICY, of })).toEqual(['marketing']);
      expect(await countedBy({ ...NO_FREQUENCY_POLICY, all: [window] })).toEqual(CATEGORIES);
    });

    test('counts nobody when one of many is over the limit, and says which', async () => {
      const limits = await three();
      for (let i = 0; i < 3; i++) await takes(limits, [B]);
      for (let i = 0; i < 5; i++) expect(await takes(limits, [A, C, B])).toBe(2);
      for (let i = 0; i < 5; i++) expect(await takes(limits, [B, A])).toBe(0);
      for (let i = 0; i < 3; i++) expect(await takes(limits, [C, A])).toBe(null);
      expect(await takes(limits, [A])).toBe(0);
    });

    test('counts a recipient named twice twice', async () => {
      const limits = await three();
      expect(await takes(limits, [A, A, A, A])).toBe(3);
      expect(await takes(limits, [A, A, A])).toBe(null);
      expect(await takes(limits, [A])).toBe(0);
    });

    test('forgets a message when its window has passed, to the millisecond', async () => {
      const limits = await three();
      for (const minute of [0, 4, 9]) expect(await takes(limits, [A], AT + minute * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 10 * MINUTE - 1)).toBe(0);
      expect(await takes(limits, [A], AT + 10 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 14 * MINUTE - 1)).toBe(0);
      expect(await takes(limits, [A], AT + 14 * MINUTE)).toBe(null);
      for (let i = 0; i < 3; i++) expect(await takes(limits, [A], AT + 40 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 40 * MINUTE)).toBe(0);
      // As long as a 32-bit count of milliseconds takes to come round.
      for (let i = 0; i < 3; i++) expect(await takes(limits, [A], AT + 40 * MINUTE + 2 ** 32)).toBe(null);
      expect(await takes(limits, [A], AT + 40 * MINUTE + 2 ** 32)).toBe(0);
    });

    test('keeps several windows at once', async () => {
      const limits = await openAll({ limit: 5, windowMs: 60 * MINUTE }, { limit: 1, windowMs: MINUTE });
      expect(await takes(limits, [A], AT)).toBe(null);
      expect(await takes(limits, [A], AT + MINUTE - 1)).toBe(0);
      for (let i = 1; i < 5; i++) expect(await takes(limits, [A], AT + i * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 30 * MINUTE)).toBe(0);
      expect(await takes(limits, [A], AT + 60 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 60.5 * MINUTE)).toBe(0);
    });

    test('keeps windows of one category beside those of all', async () => {
      const limits = await opened({
        all: [{ limit: 3, windowMs: MINUTE }],
        of: { ...NO_FREQUENCY_POLICY.of, verification: [{ limit: 1, windowMs: 60 * MINUTE }] },
      });
      const take = (category: Category, at = AT) => limits.take(1, category, [A], at);
      expect(await take('verification')).toBe(null);
      expect(await take('verification')).toBe(0);
      expect(await take('marketing')).toBe(null);
      expect(await take('notification')).toBe(null);
      expect(await take('marketing')).toBe(0);
      expect(await take('marketing', AT + MINUTE)).toBe(null);
      expect(await take('verification', AT + MINUTE)).toBe(0);
      // What one window refused has not counted in the others.
      for (let i = 0; i < 2; i++) expect(await take('notification', AT + MINUTE)).toBe(null);
    });

    test('counts nothing where no window says so', async () => {
      const limits = await opened({
        all: [],
        of: { ...NO_FREQUENCY_POLICY.of, verification: [{ limit: 1, windowMs: MINUTE }] },
      });
      for (let i = 0; i < 50; i++) expect(await limits.take(1, 'marketing', [A], AT)).toBe(null);
      await limits.giveBack(1, 'marketing', [A], AT);
      expect(await limits.take(1, 'verification', [A], AT)).toBe(null);
      expect(await limits.take(1, 'verification', [A], AT)).toBe(0);
    });

    test('gives back what a refused or broken request had counted', async () => {
      const limits = await three();
      for (let i = 0; i < 3; i++) await takes(limits, [A, B]);
      await limits.giveBack(1, 'notification', [A], AT);
      expect(await takes(limits, [B])).toBe(0);
      expect(await takes(limits, [A], AT + MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + MINUTE)).toBe(0);
      // What is given back late is that of its own time, not what came after it.
      await limits.giveBack(1, 'notification', [A], AT);
      expect(await takes(limits, [A], AT + 2 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 10 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 10 * MINUTE)).toBe(0);
    });

    test('counts each recipient that stays within its limit, and says who does not', async () => {
      const limits = await three();
      for (let i = 0; i < 3; i++) await takes(limits, [B]);
      const takesEach = (recipients: number[], businessId = 1) =>
        limits.takeEach(businessId, 'notification', recipients, AT);
      expect(await takesEach([A, B, C])).toEqual([1]);
      expect(await takesEach([A, B, C, B])).toEqual([1, 3]);
      await limits.giveBack(1, 'notification', [C], AT);
      expect(await takesEach([A, C])).toEqual([]);
      expect(await takesEach([A, C])).toEqual([0]);
      expect(await takes(limits, [C])).toBe(0);
      expect(await takesEach([A, B, C], 2)).toEqual([]);
      expect(await takesEach([])).toEqual([]);
    });

    test('tells numbers apart that differ only in their upper digits', async () => {
      const limits = await openAll({ limit: 1, windowMs: MINUTE });
      const alike = [A, A + 2 ** 32, A + 2 ** 33, A % 2 ** 32, 447_700_900_000];
      expect(await takes(limits, alike)).toBe(null);
      for (const number of alike) expect(await takes(limits, [number])).toBe(0);
    });

    test('counts several requests together, one after the other, and none that goes over', async () => {
      const limits = await three();
      const of = (recipients: number[], businessId = 1, category: Category = 'notification') => ({
        businessId,
        category,
        recipients,
      });
      const all = [of([A, B]), of([A, A]), of([C], 2), of([B, C, A]), of([A], 1, 'marketing'), of([])];
      expect(await limits.takeAll(all, AT)).toEqual([null, null, null, 2, 0, null]);
      // A has 3 and B 1; of the request that went over nothing is counted.
      expect(await takes(limits, [B, B, C, C, C], AT)).toBe(null);
      expect(await limits.takeAll([of([B]), of([C]), of([C, C], 2), of([C], 2)], AT)).toEqual([0, 0, null, 0]);
      expect(await limits.takeAll([], AT)).toEqual([]);
    });

    test('counts nothing of a transaction that is undone', async () => {
      const limits = await three();
      await takes(limits, [A], AT);
      await limits.takeInVain(1, 'notification', [A, A, B], AT + 1);
      expect(await takes(limits, [A, A, B, B, B], AT + 2)).toBe(null);
      expect(await takes(limits, [A], AT + 2)).toBe(0);
      expect(await takes(limits, [B], AT + 2)).toBe(0);
    });

    test('counts many recipients exactly', async () => {
      const limits = await openAll({ limit: 2, windowMs: 10 * MINUTE });
      const many = Array.from({ length: 20_000 }, (_, i) => A + i * 7);
      expect(await takes(limits, many)).toBe(null);
      expect(await takes(limits, many.slice(10_000), AT + 1)).toBe(null);
      expect(await limits.takeEach(1, 'notification', many, AT + 2)).toEqual(
        many.slice(10_000).map((_, i) => 10_000 + i),
      );
      expect(await takes(limits, many.slice(10_000), AT + 10 * MINUTE)).toBe(null);
      expect(await takes(limits, many.slice(0, 10_000), AT + 10 * MINUTE)).toBe(null);
    });

    test('goes on from where it was when the clock goes back', async () => {
      const limits = await three();
      for (let i = 0; i < 3; i++) await takes(limits, [A], AT);
      expect(await takes(limits, [A], AT - 60 * MINUTE)).toBe(0);
      expect(await takes(limits, [A], AT - 50 * MINUTE - 1)).toBe(0);
      expect(await takes(limits, [A], AT - 50 * MINUTE)).toBe(null);
    });

    test('counts as a list of all messages does', async () => {
      await fc.assert(
        fc.asyncProperty(
          policies,
          fc.array(steps, { minLength: 20, maxLength: 60, size: 'max' }),
          async (policy, list) => {
            const limits = await opened(policy);
            const model = new Model(policy);
            let at = AT;
            for (const { passMs, businessId, category, recipients, each, undo } of list) {
              at += passMs;
              model.pass(passMs);
              const taken = each ? model.takeEach(businessId, category, recipients) : null;
              if (taken !== null) {
                expect(await limits.takeEach(businessId, category, recipients, at)).toEqual(taken);
                const counted = recipients.filter((_, i) => !taken.includes(i));
                if (undo) await limits.giveBack(businessId, category, counted, at);
                if (undo) model.giveBack(counted.length);
                continue;
              }
              const over = model.take(businessId, category, recipients);
              expect(await limits.take(businessId, category, recipients, at)).toBe(over);
              if (over !== null || !undo) continue;
              await limits.giveBack(businessId, category, recipients, at);
              model.giveBack(recipients.length);
            }
          },
        ),
        { numRuns: runs },
      );
    });
  });
}

const windows = fc.uniqueArray(
  fc.record({ limit: fc.integer({ min: 1, max: 4 }), windowMs: fc.integer({ min: 1, max: 12_000 }) }),
  { maxLength: 3, selector: ({ windowMs }) => windowMs },
);
const policies: fc.Arbitrary<FrequencyPolicy> = fc.record({
  all: windows,
  of: fc.record({ verification: windows, notification: windows, marketing: windows }),
});
const steps = fc.record({
  passMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -20_000, max: 20_000 }) },
  ),
  businessId: fc.integer({ min: 1, max: 2 }),
  category: fc.constantFrom(...CATEGORIES),
  recipients: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
  each: fc.boolean(),
  undo: fc.boolean(),
});

/** The rule, said as plainly as it can be: a list of what was sent, and time that passes and never goes back. */
class Model {
  readonly #policy: FrequencyPolicy;
  readonly #sent: { businessId: number; category: Category; recipient: number; at: number }[] = [];
  #now = 0;

  constructor(policy: FrequencyPolicy) {
    this.#policy = policy;
  }

  pass(ms: number): void {
    this.#now += Math.max(0, ms);
  }

  take(businessId: number, category: Category, recipients: readonly number[]): number | null {
    for (let i = 0; i < recipients.length; i++) {
      if (this.#takeOne(businessId, category, recipients[i]!)) continue;
      this.giveBack(i);
      return i;
    }
    return null;
  }

  takeEach(businessId: number, category: Category, recipients: readonly number[]): number[] {
    return recipients.flatMap((recipient, i) => (this.#takeOne(businessId, category, recipient) ? [] : [i]));
  }

  giveBack(count: number): void {
    this.#sent.length -= count;
  }

  #takeOne(businessId: number, category: Category, recipient: number): boolean {
    const own = this.#sent.filter((one) => one.businessId === businessId && one.recipient === recipient);
    const fits = (among: typeof own, list: readonly FrequencyWindow[]) =>
      list.every(({ limit, windowMs }) => among.filter(({ at }) => this.#now - at < windowMs).length < limit);
    const sameCategory = own.filter((one) => one.category === category);
    if (!fits(own, this.#policy.all) || !fits(sameCategory, this.#policy.of[category])) return false;
    this.#sent.push({ businessId, category, recipient, at: this.#now });
    return true;
  }
}

import { beforeEach, describe, expect, test } from 'vitest';
import { type FrequencyPolicy, NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { Refused } from '../domain/refusals.ts';
import { limitsContract, withoutStore } from './contract.ts';
import type { Counting, FrequencyLimits } from './limits.ts';
import { MemoryFrequencyLimits } from './memory.ts';
import { FallbackLimits } from './with-fallback.ts';

const calm = { trouble: () => null, onChange() {} };
const both = (policy: FrequencyPolicy, deps: ConstructorParameters<typeof FallbackLimits>[3]) =>
  new FallbackLimits(new MemoryFrequencyLimits(policy), new MemoryFrequencyLimits(policy), policy, deps);

limitsContract(
  'FallbackLimits, the first',
  async (policy) => ({ limits: both(policy, calm), transact: withoutStore }),
  100,
);

limitsContract(
  'FallbackLimits, the second',
  async (policy) => ({ limits: both(policy, { trouble: () => 'away', onChange() {} }), transact: withoutStore }),
  100,
);

describe('limits that others take the place of', () => {
  const AT = 1_767_225_600_000;
  const MINUTE = 60_000;
  const policy: FrequencyPolicy = {
    all: [],
    of: { ...NO_FREQUENCY_POLICY.of, marketing: [{ limit: 2, windowMs: 10 * MINUTE }] },
  };
  let trouble: string | null;
  let told: (string | null)[];
  beforeEach(() => {
    trouble = null;
    told = [];
  });
  const deps = { trouble: () => trouble, onChange: (where: string | null) => void told.push(where) };
  const of = (recipients: number[]): Counting => ({ businessId: 1, category: 'marketing', recipients });
  const take = (limits: FrequencyLimits, recipients: number[], at: number) =>
    withoutStore((counts) => limits.take(counts, of(recipients), at));

  test('begin anew with the second, and count in both when the first is back until its windows have passed', async () => {
    const limits = both(policy, deps);
    expect(await take(limits, [1, 1], AT)).toBe(null);
    trouble = 'away';
    expect(await take(limits, [1, 2], AT + MINUTE)).toBe(null);
    expect(told).toEqual(['second']);
    trouble = null;
    expect(await take(limits, [2], AT + 2 * MINUTE)).toBe(null);
    expect(told).toEqual(['second', 'both']);
    // The first knows of one message to 2, the second of two.
    expect(await take(limits, [3, 2], AT + 3 * MINUTE)).toBe(1);
    expect(await take(limits, [3, 3], AT + 3 * MINUTE)).toBe(null);
    // What only the second counted has passed.
    expect(await take(limits, [2], AT + 11 * MINUTE)).toBe(null);
    expect(told).toEqual(['second', 'both', 'first']);
    expect(await take(limits, [2], AT + 11 * MINUTE)).toBe(0);
  });

  test('count each where it fits in both', async () => {
    const limits = both(policy, deps);
    trouble = 'away';
    await take(limits, [2, 2, 3], AT);
    trouble = null;
    const takeEach = (recipients: number[]) =>
      withoutStore((counts) => limits.takeEach(counts, of(recipients), AT + MINUTE));
    expect(await takeEach([1, 2, 3, 3])).toEqual([1, 3]);
    expect(await takeEach([1, 1, 2, 3])).toEqual([1, 2, 3]);
  });

  test('give back where it was counted', async () => {
    const limits = both(policy, deps);
    const giveBack = (recipients: number[], at: number) =>
      withoutStore((counts) => limits.giveBack(counts, of(recipients), at));
    await take(limits, [1, 1], AT);
    trouble = 'away';
    await take(limits, [1, 1], AT + MINUTE);
    await giveBack([1], AT + MINUTE);
    expect(await take(limits, [1], AT + MINUTE)).toBe(null);
    expect(await take(limits, [1], AT + MINUTE)).toBe(0);
    trouble = null;
    await giveBack([1, 1], AT + MINUTE);
    // The first still has both of its own.
    expect(await take(limits, [1], AT + 2 * MINUTE)).toBe(0);
  });

  test('refuse without a second, but what is limited by nothing', async () => {
    const limits = new FallbackLimits(new MemoryFrequencyLimits(policy), null, policy, deps);
    trouble = 'away';
    const refusal = new Refused({ code: 'storeAway', retryAfterS: 5 });
    await expect(take(limits, [1], AT)).rejects.toThrow(refusal);
    await expect(take(limits, [1], AT)).rejects.toThrow(refusal);
    const free = { businessId: 1, category: 'verification', recipients: [1] } as const;
    expect(await withoutStore((counts) => limits.take(counts, free, AT))).toBe(null);
    trouble = null;
    expect(await take(limits, [1], AT)).toBe(null);
    expect(told).toEqual([null, 'first']);
  });

  test('pass on what is wrong for another reason', async () => {
    const broken = { ...new MemoryFrequencyLimits(policy) } as unknown as FrequencyLimits;
    broken.takeAll = () => Promise.reject(new Error('broken'));
    const limits = new FallbackLimits(broken, new MemoryFrequencyLimits(policy), policy, deps);
    await expect(take(limits, [1], AT)).rejects.toThrow('broken');
  });
});

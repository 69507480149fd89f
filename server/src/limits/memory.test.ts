import { describe, expect, test } from 'vitest';
import { type FrequencyPolicy, NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { limitsContract, withoutStore } from './contract.ts';
import { MemoryFrequencyLimits } from './memory.ts';

limitsContract(
  'MemoryFrequencyLimits',
  async (policy) => ({ limits: new MemoryFrequencyLimits(policy), transact: withoutStore }),
  300,
);

const AT = 1_767_225_600_000;
const MINUTE = 60_000;

describe('frequency counts in memory', () => {
  const open = (maxMessages: number, onForgotten = () => {}) =>
    new MemoryFrequencyLimits(
      { ...NO_FREQUENCY_POLICY, all: [{ limit: 1, windowMs: 10 * MINUTE }] },
      { maxMessages, onForgotten },
    );
  const of = (recipients: readonly number[]) => ({ businessId: 1, category: 'marketing' as const, recipients });
  const take = (limits: MemoryFrequencyLimits, recipients: readonly number[], at: number) =>
    withoutStore((counts) => limits.take(counts, of(recipients), at));
  const takes = async (limits: MemoryFrequencyLimits, recipient: number, at: number) =>
    (await take(limits, [recipient], at)) === null;
  const takeEach = (limits: MemoryFrequencyLimits, recipients: readonly number[], at: number) =>
    withoutStore((counts) => limits.takeEach(counts, of(recipients), at));

  test('forget the oldest message when there is no room, rather than refusing, and say so once a minute', async () => {
    let told = 0;
    const limits = open(100, () => told++);
    for (let recipient = 1; recipient <= 100; recipient++) expect(await takes(limits, recipient, AT)).toBe(true);
    for (let recipient = 1; recipient <= 100; recipient++) expect(await takes(limits, recipient, AT)).toBe(false);
    expect(told).toBe(0);
    expect(await takes(limits, 101, AT)).toBe(true);
    expect(await takes(limits, 102, AT + MINUTE - 1)).toBe(true);
    expect(told).toBe(1);
    // 1 and 2 are forgotten, nobody else.
    for (let recipient = 3; recipient <= 102; recipient++)
      expect(await takes(limits, recipient, AT + MINUTE - 1)).toBe(false);
    expect(await takes(limits, 1, AT + MINUTE)).toBe(true);
    expect(told).toBe(2);
    // Room comes back with time.
    for (let recipient = 1; recipient <= 100; recipient++)
      expect(await takes(limits, recipient, AT + 20 * MINUTE)).toBe(true);
    expect(told).toBe(2);
  });

  test('take a request larger than their room, and one like it back', async () => {
    const limits = open(100);
    const many = Array.from({ length: 1_000 }, (_, i) => i + 1);
    expect(await take(limits, many, AT)).toBe(null);
    expect(await take(limits, [1, 2, 1_000], AT)).toBe(2);
    limits.undoTake(of(many), AT);
    expect(await take(limits, many, AT)).toBe(null);
  });

  test('are exact while the tables grow, empty and fill again', async () => {
    const limits = open(1 << 20);
    const many = Array.from({ length: 100_000 }, (_, i) => 8_613_800_000_000 + i * 7919);
    for (let round = 0; round < 3; round++) {
      const at = AT + round * (10 * MINUTE + 1_000);
      const refused = [];
      for (const [i, recipient] of many.entries()) {
        if (!(await takes(limits, recipient, at + Math.floor(i / 1_000)))) refused.push(recipient);
      }
      expect(refused).toEqual([]);
      expect(await takeEach(limits, many, at + 1_000)).toHaveLength(many.length);
      limits.undoTake(of(many.slice(0, 50_000)), at + 1_000);
      expect(await takeEach(limits, many, at + 1_000)).toHaveLength(50_000);
    }
  });

  describe('of earlier processes', () => {
    const A = 8_613_800_138_000;
    const B = A + 1;
    const three = () =>
      new MemoryFrequencyLimits({ ...NO_FREQUENCY_POLICY, all: [{ limit: 3, windowMs: 10 * MINUTE }] });
    const takes = (limits: MemoryFrequencyLimits, recipients: number[], at = AT) =>
      withoutStore((counts) => limits.take(counts, { businessId: 1, category: 'notification', recipients }, at));

    test('counts what earlier processes sent', async () => {
      const limits = three();
      for (const minutes of [20, 5, 1]) limits.restore(1, 'notification', A, AT - minutes * MINUTE);
      limits.restore(2, 'notification', A, AT - MINUTE);
      expect(await takes(limits, [A])).toBe(null);
      expect(await takes(limits, [A])).toBe(0);
      // The one of five minutes ago passes out of the window.
      expect(await takes(limits, [A], AT + 5 * MINUTE)).toBe(null);
      expect(await takes(limits, [A], AT + 5 * MINUTE)).toBe(0);
    });

    test('restores messages that come out of order, and forgets none of them early', async () => {
      const limits = three();
      for (const minutes of [9, 3, 8, 2]) limits.restore(1, 'notification', A, AT - minutes * MINUTE);
      limits.restore(1, 'notification', B, AT - 9 * MINUTE);
      expect(await takes(limits, [A], AT + 2 * MINUTE - 1)).toBe(0);
      // Those of 9, 8 and 3 minutes ago have passed; the last of them counted as if it were of 3 minutes ago.
      expect(await takes(limits, [A], AT + 7 * MINUTE)).toBe(null);
      expect(await takes(limits, [B, B, B], AT + 8 * MINUTE - 1)).toBe(2);
    });

    test('restores more than the limit without forgetting any', async () => {
      const limits = three();
      for (let i = 0; i < 70_000; i++) limits.restore(1, 'notification', A, AT);
      limits.undoTake({ businessId: 1, category: 'notification', recipients: [A] }, AT);
      expect(await takes(limits, [A])).toBe(0);
      expect(await takes(limits, [A], AT + 10 * MINUTE)).toBe(null);
    });
  });

  test('know how far back they reach', () => {
    const window = (windowMs: number) => [{ limit: 1, windowMs }];
    const of = { ...NO_FREQUENCY_POLICY.of, verification: window(MINUTE) };
    const reachOf = (policy: FrequencyPolicy) => new MemoryFrequencyLimits(policy).reachMs;
    expect(reachOf({ all: [], of })).toEqual({ verification: MINUTE, notification: 0, marketing: 0 });
    expect(reachOf({ all: window(5), of })).toEqual({ verification: MINUTE, notification: 5, marketing: 5 });
  });
});

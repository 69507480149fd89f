import { describe, expect, test } from 'vitest';
import type { FrequencyLimits, FrequencyWindow } from './limits.ts';

const AT = 1_767_225_600_000;
const MINUTE = 60_000;

/** What every frequency limit promises (limits.ts). `open` gives one that has counted nothing. */
export function limitsContract(name: string, open: (window: FrequencyWindow) => FrequencyLimits): void {
  describe(name, () => {
    const A = 8_613_800_138_000;
    const B = A + 1;
    const three = () => open({ limit: 3, windowMs: 10 * MINUTE });

    test('lets the limit through and no more, each business and recipient for itself', () => {
      const limits = three();
      for (let i = 0; i < 3; i++) expect(limits.take(1, [A], AT + i)).toBe(true);
      expect(limits.take(1, [A], AT + 3)).toBe(false);
      expect(limits.take(2, [A], AT + 3)).toBe(true);
      expect(limits.take(1, [B], AT + 3)).toBe(true);
      expect(limits.take(1, [A], AT + 4)).toBe(false);
    });

    test('counts nobody when one of many is over the limit', () => {
      const limits = three();
      for (let i = 0; i < 3; i++) limits.take(1, [B], AT);
      for (let i = 0; i < 5; i++) expect(limits.take(1, [A, B], AT)).toBe(false);
      for (let i = 0; i < 5; i++) expect(limits.take(1, [B, A], AT)).toBe(false);
      for (let i = 0; i < 3; i++) expect(limits.take(1, [A], AT)).toBe(true);
      expect(limits.take(1, [A], AT)).toBe(false);
    });

    test('never lets more than the limit into any window, and forgets soon after it', () => {
      const limits = three();
      expect(limits.windowMs).toBe(10 * MINUTE);
      for (const minute of [0, 4, 9]) expect(limits.take(1, [A], AT + minute * MINUTE)).toBe(true);
      // The first is forgotten once its window has passed, and no later than a quarter of the window after.
      expect(limits.take(1, [A], AT + 10 * MINUTE - 1)).toBe(false);
      expect(limits.take(1, [A], AT + 12.5 * MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + 13 * MINUTE)).toBe(false);
      expect(limits.take(1, [A], AT + 40 * MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + 40 * MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + 40 * MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + 40 * MINUTE)).toBe(false);
    });

    test('gives back what a refused or broken request had counted', () => {
      const limits = three();
      for (let i = 0; i < 3; i++) limits.take(1, [A, B], AT);
      limits.giveBack(1, [A], AT);
      expect(limits.take(1, [B], AT)).toBe(false);
      expect(limits.take(1, [A], AT + MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + MINUTE)).toBe(false);
    });

    test('counts what earlier processes sent', () => {
      const limits = three();
      limits.restore(1, A, AT - 20 * MINUTE);
      limits.restore(1, A, AT - 5 * MINUTE);
      limits.restore(1, A, AT - MINUTE);
      limits.restore(2, A, AT - MINUTE);
      expect(limits.take(1, [A], AT)).toBe(true);
      expect(limits.take(1, [A], AT)).toBe(false);
      // The one of five minutes ago passes out of the window.
      expect(limits.take(1, [A], AT + 7.5 * MINUTE)).toBe(true);
      expect(limits.take(1, [A], AT + 7.5 * MINUTE)).toBe(false);
    });

    test('restores more than the limit without forgetting any', () => {
      const limits = three();
      for (let i = 0; i < 5; i++) limits.restore(1, A, AT);
      limits.giveBack(1, [A], AT);
      expect(limits.take(1, [A], AT)).toBe(false);
    });

    test('tells numbers apart that differ only in their upper digits', () => {
      const limits = open({ limit: 1, windowMs: MINUTE });
      const alike = [A, A + 2 ** 32, A + 2 ** 33, A % 2 ** 32, 447_700_900_000];
      expect(limits.take(1, alike, AT)).toBe(true);
      for (const number of alike) expect(limits.take(1, [number], AT)).toBe(false);
    });

    test('counts many recipients exactly', () => {
      const limits = open({ limit: 2, windowMs: 10 * MINUTE });
      const many = Array.from({ length: 20_000 }, (_, i) => A + i * 7);
      expect(limits.take(1, many, AT)).toBe(true);
      expect(limits.take(1, many.slice(10_000), AT + 1)).toBe(true);
      const full = many.filter((number) => !limits.take(1, [number], AT + 2));
      expect(full).toEqual(many.slice(10_000));
    });
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsContract } from './contract.ts';
import { MemoryFrequencyLimits } from './memory.ts';

limitsContract('MemoryFrequencyLimits', (window) => new MemoryFrequencyLimits(window));

const AT = 1_767_225_600_000;

describe('frequency counts in memory', () => {
  test('are those of a list of all messages, to the slice of a ninth of the window', () => {
    const windowMs = 9_000;
    const limit = 4;
    const step = fc.record({
      business: fc.integer({ min: 1, max: 2 }),
      recipients: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      passMs: fc.integer({ min: 0, max: 4_000 }),
      undo: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
        const limits = new MemoryFrequencyLimits({ limit, windowMs });
        const sent: { key: string; slice: number }[] = [];
        let now = AT;
        for (const { business, recipients, passMs, undo } of steps) {
          now += passMs;
          const slice = Math.floor(now / 1_000);
          const over = recipients.some((recipient) => {
            const key = `${business}.${recipient}`;
            return sent.filter((one) => one.key === key && one.slice > slice - 10).length >= limit;
          });
          expect(limits.take(business, recipients, now)).toBe(!over);
          if (over) continue;
          if (undo) limits.giveBack(business, recipients, now);
          else for (const recipient of recipients) sent.push({ key: `${business}.${recipient}`, slice });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('lets more recipients pass uncounted than fit, rather than refusing or slowing down', () => {
    const limits = new MemoryFrequencyLimits({ limit: 1, windowMs: 600_000 });
    const chunk = 100_000;
    let next = 1;
    const takeChunk = () => {
      const recipients = Array.from({ length: chunk }, () => next++);
      return limits.take(1, recipients, AT);
    };
    for (let i = 0; i < 20; i++) expect(takeChunk()).toBe(true);
    // Those that fit are still counted.
    expect(limits.take(1, [1], AT)).toBe(false);
    // And room comes back with time.
    const late = AT + 700_000;
    expect(limits.take(1, [next], late)).toBe(true);
    expect(limits.take(1, [next], late)).toBe(false);
  });
});

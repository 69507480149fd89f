import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberSet } from './number-set.ts';

const recipient = fc.integer({ min: 1, max: 999_999_999_999_999 });

describe('NumberSet', () => {
  it('knows what a Set knows', () => {
    fc.assert(
      fc.property(fc.array(recipient, { maxLength: 3_000 }), (values) => {
        const set = new NumberSet();
        const model = new Set<number>();
        for (const value of values) {
          expect(set.has(value)).toBe(model.has(value));
          expect(set.add(value)).toBe(!model.has(value));
          model.add(value);
        }
        expect(set.size).toBe(model.size);
      }),
      { numRuns: 50 },
    );
  });

  it('forgets what is taken out, and nothing else', () => {
    // Few values, so that they are taken out again and stand in each other's way.
    const few = fc.integer({ min: 1, max: 40 }).map((n) => n * 4_096);
    const step = fc.record({ take: fc.boolean(), value: fc.oneof(few, recipient) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000 }), (steps) => {
        const set = new NumberSet();
        const model = new Set<number>();
        for (const { take, value } of steps) {
          if (take) expect(set.delete(value)).toBe(model.delete(value));
          else {
            expect(set.add(value)).toBe(!model.has(value));
            model.add(value);
          }
        }
        expect(set.size).toBe(model.size);
        for (const { value } of steps) expect(set.has(value)).toBe(model.has(value));
      }),
      { numRuns: 100 },
    );
  });

  it('holds a million neighbours', () => {
    const set = new NumberSet();
    for (let i = 0; i < 1_000_000; i++) set.add(8_613_800_000_000 + i);
    expect(set.size).toBe(1_000_000);
    for (let i = 0; i < 1_000_000; i++) if (set.add(8_613_800_000_000 + i)) throw new Error(`lost ${i}`);
    expect(set.has(8_613_801_000_000)).toBe(false);
  });
});

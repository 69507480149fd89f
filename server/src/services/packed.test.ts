import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptedRuns, packAccepted, packRanges, unpackRanges } from './packed.ts';

const planId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const index = fc.integer({ min: 0, max: 99_999_999 });

describe('what crosses between threads', () => {
  test('are ranges, as they were', () => {
    const range = fc.record({ planId, from: index, to: index });
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        expect(unpackRanges(structuredClone(packRanges(ranges)))).toEqual(ranges);
      }),
    );
  });

  test('are accepted messages, which make the longest runs of neighbours with as many parts', () => {
    const message = fc.record({
      planId: fc.integer({ min: 1, max: 3 }),
      index: fc.integer({ min: 0, max: 12 }),
      recipient: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      carrierIds: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    });
    const messages = fc.uniqueArray(message, {
      selector: ({ planId, index }) => `${planId}.${index}`,
      maxLength: 30,
    });
    fc.assert(
      fc.property(messages, (messages) => {
        const runs = acceptedRuns(structuredClone(packAccepted(messages)));
        const back = runs.flatMap(({ planId, from, to, parts, recipients, carrierIds }) =>
          Array.from({ length: to - from + 1 }, (_, i) => ({
            planId,
            index: from + i,
            recipient: recipients[i]!,
            carrierIds: carrierIds.slice(i * parts, (i + 1) * parts),
          })),
        );
        const sorted = [...messages].sort((a, b) => a.planId - b.planId || a.index - b.index);
        expect(back).toEqual(sorted);
        for (const [i, run] of runs.slice(1).entries()) {
          const before = runs[i]!;
          const joins = before.planId === run.planId && before.to + 1 === run.from && before.parts === run.parts;
          expect(joins).toBe(false);
        }
      }),
    );
  });

  test('may hold a message twice, when its answer was told twice', () => {
    const one = { planId: 1, index: 4, recipient: 9, carrierIds: ['a'] };
    const runs = acceptedRuns(packAccepted([one, { ...one, carrierIds: ['b'] }]));
    expect(runs.map(({ from, to, carrierIds }) => [from, to, carrierIds])).toEqual([
      [4, 4, ['a']],
      [4, 4, ['b']],
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeightedTurns } from './weighted-turns.ts';

const target = (channelId: number, weight: number) => ({ channelId, weight });

describe('weighted turns', () => {
  it('share what is given out by weight, to within one turn', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 300 }),
        (weights, costs) => {
          const targets = weights.map((weight, i) => target(i, weight));
          const turns = new WeightedTurns();
          const had = weights.map(() => 0);
          let sum = 0;
          for (const cost of costs) {
            const { channelId } = turns.next(targets);
            turns.given(targets, channelId, cost);
            had[channelId]! += cost;
            sum += cost;
          }
          const total = weights.reduce((a, b) => a + b);
          const turn = Math.max(...costs);
          for (const [i, weight] of weights.entries()) {
            // Whoever is owed most is next, so nobody is ever ahead by more than a turn; behind, by one for each other.
            expect(had[i]! - (sum * weight) / total).toBeLessThanOrEqual(turn);
            expect((sum * weight) / total - had[i]!).toBeLessThanOrEqual(turn * weights.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('owe nothing to whoever did not stand for a turn', () => {
    const turns = new WeightedTurns();
    const both = [target(1, 1), target(2, 1)];
    for (let i = 0; i < 100; i++) turns.given([target(2, 1)], turns.next([target(2, 1)]).channelId, 10);
    const next: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { channelId } = turns.next(both);
      turns.given(both, channelId, 10);
      next.push(channelId);
    }
    expect(next.toSorted()).toEqual([1, 1, 2, 2]);
  });

  it('begin with the heaviest', () => {
    expect(new WeightedTurns().next([target(1, 1), target(2, 9), target(3, 5)]).channelId).toBe(2);
  });
});

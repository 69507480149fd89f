import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairShare, newSharer, type Sharer } from './fair-share.ts';

interface Named extends Sharer {
  name: string;
  had: number;
}

const named = (name: string, weight = 1): Named => ({ ...newSharer(weight), name, had: 0 });

/** Serves `turns` turns of the given cost each, and keeps who had what. */
function serve(share: FairShare<Named>, turns: number, cost: () => number = () => 1): string[] {
  const order: string[] = [];
  for (let i = 0; i < turns; i++) {
    const next = share.first!;
    const given = cost();
    next.had += given;
    order.push(next.name);
    share.served(given);
  }
  return order;
}

describe('a fair share', () => {
  test('goes round among equals in the order in which they came', () => {
    const share = new FairShare<Named>();
    expect(share.first).toBe(null);
    for (const name of ['a', 'b', 'c']) share.join(named(name));
    expect(serve(share, 7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
  });

  test('follows the weights', () => {
    const share = new FairShare<Named>();
    const [light, heavy] = [named('light'), named('heavy', 3)];
    share.join(light);
    share.join(heavy);
    serve(share, 400);
    expect(heavy.had / light.had).toBeCloseTo(3, 1);
  });

  test('gives nobody credit for having been away', () => {
    const share = new FairShare<Named>();
    const [early, late] = [named('early'), named('late')];
    share.join(early);
    share.join(late);
    share.leave(late);
    serve(share, 1_000);
    share.join(late);
    serve(share, 100);
    expect(late.had).toBeGreaterThanOrEqual(49);
    expect(late.had).toBeLessThanOrEqual(51);
  });

  test('remembers who had too much, also when it went away', () => {
    const share = new FairShare<Named>();
    const [greedy, modest] = [named('greedy'), named('modest')];
    share.join(greedy);
    share.join(modest);
    share.served(100);
    share.leave(greedy);
    share.join(greedy);
    expect(share.forgettable(greedy)).toBe(false);
    expect(serve(share, 100)).toEqual(Array(100).fill('modest'));
    expect(serve(share, 2)).toContain('greedy');
  });

  test('does not hold it against anybody to have been alone', () => {
    const share = new FairShare<Named>();
    const [alone, late] = [named('alone'), named('late')];
    share.join(alone);
    share.served(1_000);
    share.join(late);
    expect(serve(share, 6).filter((name) => name === 'late')).toHaveLength(3);
  });

  test('charges what was given out of turn', () => {
    const share = new FairShare<Named>();
    const [a, b] = [named('a'), named('b')];
    share.join(a);
    share.join(b);
    share.charge(a, 10);
    serve(share, 30);
    expect(b.had - a.had).toBe(10);
  });

  test('lets those be forgotten who are not ahead', () => {
    const share = new FairShare<Named>();
    const [a, b] = [named('a'), named('b')];
    share.join(a);
    share.join(b);
    serve(share, 2);
    share.leave(a);
    expect(share.forgettable(a)).toBe(false);
    serve(share, 2);
    expect(share.forgettable(a)).toBe(true);
    expect(share.forgettable(b)).toBe(false);
  });

  test('differs between any two who wait all the time by a turn of each at the most, whoever comes and goes', () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 9, arbitrary: fc.record({ serve: fc.integer({ min: 1, max: 12 }) }) },
        { weight: 1, arbitrary: fc.record({ toggle: fc.integer({ min: 2, max: 6 }) }) },
        { weight: 1, arbitrary: fc.record({ extra: fc.integer({ min: 2, max: 6 }) }) },
      ),
      { minLength: 50, maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 7, maxLength: 7 }), (steps, weights) => {
        const share = new FairShare<Named>();
        const all = weights.map((weight, i) => named(String(i), weight));
        for (const each of all) share.join(each);
        const [a, b] = all as [Named, Named];
        for (const step of steps) {
          if ('serve' in step) serve(share, 1, () => step.serve);
          else if ('extra' in step) share.charge(all[step.extra]!, 20);
          else {
            const one = all[step.toggle]!;
            if (one.place >= 0) share.leave(one);
            else share.join(one);
          }
          expect(Math.abs(a.had / a.weight - b.had / b.weight)).toBeLessThanOrEqual(12 / a.weight + 12 / b.weight);
          const least = Math.min(...all.filter(({ place }) => place >= 0).map(({ tag }) => tag));
          expect(share.first!.tag).toBe(least);
        }
      }),
    );
  });
});

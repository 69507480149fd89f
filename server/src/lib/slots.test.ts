import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('slots', () => {
  it('hold what was put until it is taken, as a Map would, with no number held twice', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const) }),
      fc.record({ kind: fc.constant('take' as const), slot: fc.nat(12) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const slots = new Slots<{ n: number }>();
        const held = new Map<number, { n: number }>();
        steps.forEach((each, n) => {
          if (each.kind === 'put') {
            const slot = slots.put({ n });
            expect(held.has(slot)).toBe(false);
            held.set(slot, { n });
          } else {
            expect(slots.take(each.slot)).toEqual(held.get(each.slot));
            held.delete(each.slot);
          }
        });
        expect(new Map(slots.takeAll())).toEqual(held);
        expect(slots.takeAll()).toEqual([]);
      }),
    );
  });

  it('give the numbers of what was taken again before new ones', () => {
    const slots = new Slots<string>();
    for (let i = 0; i < 10_000; i++) slots.take(slots.put('one'));
    expect(slots.put('two')).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

describe('slots', () => {
  it('hold what was put until it is taken, as a Map would, under numbers that rise', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const) }),
      fc.record({ kind: fc.constant('take' as const), number: fc.integer({ min: 0, max: 90 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const slots = new Slots<{ n: number }>();
        const held = new Map<number, { n: number }>();
        let last = 0;
        steps.forEach((each, n) => {
          if (each.kind === 'put') {
            const number = slots.put({ n });
            expect(number).toBeGreaterThan(last);
            last = number;
            held.set(number, { n });
          } else {
            expect(slots.take(each.number)).toEqual(held.get(each.number));
            held.delete(each.number);
          }
        });
        expect(slots.takeAll()).toEqual([...held]);
        expect(slots.takeAll()).toEqual([]);
      }),
    );
  });

  it('pass by what stays, however many come and go meanwhile', () => {
    const slots = new Slots<string>();
    const staying = slots.put('stays');
    for (let i = 0; i < 10_000; i++) expect(slots.take(slots.put('goes'))).toBe('goes');
    expect(slots.take(staying)).toBe('stays');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SEQUENCE, Window } from './window.ts';

describe('Window', () => {
  it('behaves as a list of open requests', () => {
    const command = fc.oneof(
      { weight: 5, arbitrary: fc.record({ kind: fc.constant('open' as const), after: fc.nat(5) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), pick: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), age: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('stray' as const), sequence: fc.integer() }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(command, { maxLength: 200 }), (size, commands) => {
        const window = new Window<string>(size);
        let model: { sequence: number; context: string; sentAt: number }[] = [];
        const used = new Set<number>();
        let now = 0;
        for (const step of commands) {
          if (step.kind === 'open') {
            now += step.after;
            if (window.free === 0) {
              expect(() => window.open('x', now)).toThrow(RangeError);
              continue;
            }
            const context = `c${used.size}`;
            const sequence = window.open(context, now);
            expect(used.has(sequence)).toBe(false);
            expect(sequence).toBeGreaterThan(Math.max(0, ...used));
            used.add(sequence);
            model.push({ sequence, context, sentAt: now });
          } else if (step.kind === 'settle' && model.length > 0) {
            const [expected] = model.splice(step.pick % model.length, 1);
            expect(window.has(expected!.sequence)).toBe(true);
            expect(window.settle(expected!.sequence)).toEqual(expected);
            expect(window.settle(expected!.sequence)).toBeUndefined();
          } else if (step.kind === 'expire') {
            const expected = model.filter((each) => each.sentAt <= now - step.age);
            model = model.filter((each) => each.sentAt > now - step.age);
            expect(window.expire(now - step.age)).toEqual(expected);
          } else if (step.kind === 'stray' && !model.some((each) => each.sequence === step.sequence)) {
            expect(window.settle(step.sequence)).toBeUndefined();
          }
          expect(window.used).toBe(model.length);
          expect(window.free).toBe(size - model.length);
          expect(window.oldestSentAt).toBe(model[0]?.sentAt);
        }
        expect(window.drain()).toEqual(model);
        expect(window.used).toBe(0);
      }),
    );
  });

  it('lets one request stay open while thousands pass by', () => {
    const window = new Window<number>(4);
    const stuck = window.open(-1, 0);
    for (let i = 0; i < 10_000; i++) {
      const sequence = window.open(i, i);
      expect(window.settle(sequence)?.context).toBe(i);
    }
    expect(window.settle(stuck)?.context).toBe(-1);
  });

  it('starts over at 1 behind the last sequence number', () => {
    const window = new Window<string>(2, MAX_SEQUENCE - 1);
    expect(window.open('last but one', 0)).toBe(MAX_SEQUENCE - 1);
    expect(window.open('last', 1)).toBe(MAX_SEQUENCE);
    expect(window.settle(MAX_SEQUENCE - 1)?.context).toBe('last but one');
    expect(window.open('first', 2)).toBe(1);
    expect(window.drain().map((each) => each.context)).toEqual(['last', 'first']);
  });

  it.each([0, -1, 1.5, 1_000_001, Number.NaN])('cannot have the size %d', (size) => {
    expect(() => new Window(size)).toThrow(RangeError);
  });
});

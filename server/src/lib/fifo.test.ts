import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('gives things in the order they came, however long the queue gets', () => {
  const fifo = new Fifo<number>();
  let [next, expected] = [0, 0];
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 300; i++) fifo.push(next++);
    for (let i = 0; i < 250; i++) expect(fifo.shift()).toBe(expected++);
    expect(fifo.size).toBe(next - expected);
  }
  while (fifo.size > 0) expect(fifo.shift()).toBe(expected++);
  expect([expected, fifo.shift()]).toEqual([next, undefined]);
});

test('is a list from which the first is taken', () => {
  const step = fc.oneof(fc.constant('take' as const), fc.constant('clear' as const), fc.nat(9), fc.nat(9), fc.nat(9));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const fifo = new Fifo<number>();
      let list: number[] = [];
      for (const step of steps) {
        if (step === 'take') expect(fifo.shift()).toBe(list.shift());
        else if (step === 'clear') {
          fifo.clear();
          list = [];
        } else {
          fifo.push(step);
          list.push(step);
        }
        expect(fifo.size).toBe(list.length);
      }
    }),
  );
});

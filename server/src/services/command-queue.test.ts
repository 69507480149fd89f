import { beforeEach, describe, expect, test } from 'vitest';
import { CommandQueue } from './command-queue.ts';

/** Named by priority, or `patient`; the input is what it weighs. */
let queue: CommandQueue;
let lastId: number;
beforeEach(() => {
  lastId = 0;
  queue = new CommandQueue(({ verb, input }) => ({
    priority: verb === 'patient' ? 0 : (Number(verb) as 0 | 1 | 2),
    rows: input as number,
    patient: verb === 'patient',
  }));
});
const add = (verb: string, rows = 1) => queue.add({ id: ++lastId, verb, input: rows });
const ids = (commands: readonly { id: number }[]) => commands.map(({ id }) => id);

describe('what is urgent', () => {
  test('is taken by priority, then as it came', () => {
    for (const verb of ['2', '1', '0', '1', '0']) add(verb);
    expect(queue.isUrgent).toBe(true);
    expect(ids(queue.take())).toEqual([3, 5, 2, 4, 1]);
    expect([queue.isEmpty, queue.isUrgent]).toEqual([true, false]);
  });

  test('is taken as far as one transaction has room, and something of each priority always', () => {
    add('0', 1_500);
    add('0', 400);
    add('1', 5_000);
    add('1', 1);
    add('2', 1);
    expect(ids(queue.take())).toEqual([1, 2, 3, 5]);
    expect(ids(queue.take())).toEqual([4]);
  });

  test('is added to a transaction only as far as that has room', () => {
    add('1', 1_500);
    queue.take();
    expect(queue.takeMore()).toEqual([]);
    add('1', 500);
    add('1', 1);
    expect(ids(queue.takeMore())).toEqual([2]);
    expect(ids(queue.takeMore())).toEqual([]);
    expect(ids(queue.take())).toEqual([3]);
  });
});

describe('what is patient', () => {
  test('is taken when there is nothing else', () => {
    add('patient');
    add('1');
    expect(ids(queue.take())).toEqual([2]);
    expect([queue.isEmpty, queue.isUrgent]).toEqual([false, false]);
    expect(queue.takeMore()).toEqual([]);
    add('patient');
    expect(ids(queue.take())).toEqual([1, 3]);
    expect(queue.isEmpty).toBe(true);
  });

  test('goes before what has the same priority, which may be about it', () => {
    add('patient');
    add('0');
    expect(ids(queue.take())).toEqual([1, 2]);
    add('1');
    queue.take();
    add('patient');
    add('0');
    expect(ids(queue.takeMore())).toEqual([4, 5]);
  });

  test('is patient no more when there is much of it', () => {
    add('patient', 60);
    add('1');
    add('patient', 40);
    expect(ids(queue.take())).toEqual([1, 3, 2]);
    add('patient', 99);
    expect(queue.isUrgent).toBe(false);
    add('patient', 1);
    expect(queue.isUrgent).toBe(true);
    expect(ids(queue.takeMore())).toEqual([4, 5]);
    expect(queue.isUrgent).toBe(false);
  });
});

test('everything can be taken, whatever it weighs', () => {
  add('patient', 3_000);
  add('1', 3_000);
  add('1', 3_000);
  expect(ids(queue.takeAll())).toEqual([1, 2, 3]);
  expect([queue.isEmpty, queue.isUrgent]).toEqual([true, false]);
});

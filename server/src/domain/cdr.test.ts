import { describe, expect, test } from 'vitest';
import { type CdrRow, differenceOf, type OwnMessage, pairByTime, plainCarrierId, takeFitting } from './cdr.ts';

const AT = 1_767_225_600_000;
const NUMBER = 8_613_800_138_000;

const row = (change: Partial<CdrRow> = {}): CdrRow => ({
  line: 2,
  id: 'a',
  recipient: NUMBER,
  segments: 1,
  at: AT,
  cost: 30,
  status: '',
  ...change,
});
const message = (change: Partial<OwnMessage> = {}): OwnMessage => ({
  id: '100000000',
  recipient: NUMBER,
  segments: 1,
  sentAt: AT,
  cost: 30,
  state: 'delivered',
  ...change,
});

test('a message and its rows differ in segments, in cost, in both or in nothing', () => {
  expect(differenceOf(message(), [row()])).toBe(null);
  expect(differenceOf(message({ segments: 2, cost: 60 }), [row(), row()])).toBe(null);
  expect(differenceOf(message({ segments: 2, cost: 60 }), [row({ segments: 2, cost: 60 })])).toBe(null);
  expect(differenceOf(message({ segments: 2, cost: 60 }), [row()])).toBe('segments and cost');
  expect(differenceOf(message({ segments: 2, cost: null }), [row()])).toBe('segments');
  expect(differenceOf(message(), [row({ cost: 31 })])).toBe('cost');
  expect(differenceOf(message(), [row({ cost: null })])).toBe(null);
});

test.each([
  ['00AB12', 'ab12'],
  ['  7 ', '7'],
  ['0', '0'],
  ['000', '0'],
  ['', ''],
])('the id %j is %j', (written, plain) => {
  expect(plainCarrierId(written)).toBe(plain);
});

test('of rows with one id, the one with the recipient that is nearest in time is taken', () => {
  const rows = [row({ line: 1, at: AT + 50 }), row({ line: 2, recipient: NUMBER + 1 }), row({ line: 3, at: AT + 9 })];
  expect(takeFitting(rows, NUMBER, AT)?.line).toBe(3);
  expect(takeFitting(rows, NUMBER, AT)?.line).toBe(1);
  expect(takeFitting(rows, NUMBER, AT)).toBe(null);
  expect(takeFitting([row({ recipient: null, at: null })], NUMBER, AT)?.line).toBe(2);
});

describe('by number and time', () => {
  test('each message takes what is nearest within the time given', () => {
    const messages = [
      message({ id: 'late', sentAt: AT + 100 }),
      message({ id: 'first' }),
      message({ id: 'far', sentAt: AT + 9_000 }),
    ];
    const rows = [row({ line: 1, at: AT + 101 }), row({ line: 2, at: AT + 1 }), row({ line: 3, at: null })];
    const joined = pairByTime(messages, rows, 1_000);
    expect(joined.pairs.map((pair) => [pair.message.id, pair.rows.map(({ line }) => line)])).toEqual([
      ['first', [2]],
      ['late', [1]],
    ]);
    expect(joined.messages.map(({ id }) => id)).toEqual(['far']);
    expect(joined.rows.map(({ line }) => line)).toEqual([3]);
  });

  test('a long message takes a row for each of its segments, or one for all', () => {
    const rows = [
      row({ line: 1 }),
      row({ line: 2 }),
      row({ line: 3, segments: 2, at: AT + 1 }),
      row({ line: 4, at: AT + 2 }),
    ];
    const messages = [message({ id: 'a', segments: 2 }), message({ id: 'b', segments: 2, sentAt: AT + 1 })];
    const joined = pairByTime(messages, rows, 1_000);
    expect(joined.pairs.map((pair) => pair.rows.map(({ line }) => line))).toEqual([[1, 2], [3]]);
    expect(joined.rows.map(({ line }) => line)).toEqual([4]);
  });
});

import { expect, test } from 'vitest';
import { homeOf, type LogMark, type MarkedQuestion, nextMark, questionFor } from './exchange.ts';

const FILTER = { from: null, to: null, message: null, carrierId: null, status: null, kind: null };
const QUESTION: MarkedQuestion = { channelId: 1, filter: FILTER, before: null, after: null, limit: 9 };
const MARK: LogMark = { place: [4, 5, 6], at: 1_000, home: 7 };

test('a place in a log is itself there, and a moment elsewhere', () => {
  expect(questionFor(7, { ...QUESTION, before: MARK, after: MARK })).toEqual({
    ...QUESTION,
    before: MARK.place,
    after: MARK.place,
  });
  expect(questionFor(8, { ...QUESTION, before: MARK })).toEqual({ ...QUESTION, filter: { ...FILTER, to: 1_000 } });
  expect(questionFor(8, { ...QUESTION, after: MARK })).toEqual({ ...QUESTION, filter: { ...FILTER, from: 1_001 } });
});

test('a moment does not widen what is asked for', () => {
  const filter = { ...FILTER, from: 2_000, to: 500 };
  expect(questionFor(8, { ...QUESTION, filter, before: MARK, after: MARK }).filter).toEqual(filter);
  expect(filter).toEqual({ ...FILTER, from: 2_000, to: 500 });
});

test('a page that was cut before any line goes on at the moment it was asked for', () => {
  const cut = { exchanges: [], next: [9, 0, 0] as const };
  expect(nextMark(cut, 7, QUESTION, 3_000)).toEqual({ place: [9, 0, 0], at: 3_000, home: 7 });
  expect(nextMark(cut, 7, { ...QUESTION, before: MARK }, 3_000)).toMatchObject({ at: 1_000 });
  expect(nextMark({ exchanges: [], next: null }, 7, QUESTION, 3_000)).toBe(null);
});

test('the home of a process is an integer that numbers hold exactly', () => {
  expect(homeOf('ffffffffffffffff')).toBe(2 ** 48 - 1);
  expect(Number.isSafeInteger(homeOf('ffffffffffffffff'))).toBe(true);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoggedExchange, LogPage, LogPlace, LogQuestion } from './exchange.ts';
import { homeOf, type MergedExchange, type MergedQuestion, mergedPage, questionFor } from './merged-log.ts';

const FILTER = { from: null, to: null, message: null, carrierId: null, status: null, kind: null };
const QUESTION: MergedQuestion = { channelId: 1, filter: FILTER, before: null, after: null, limit: 9 };

/** A log as it is read, its lines written at these times. Every `cutAfter` lines that were looked at, an answer may be cut. */
const logOf = (times: readonly number[], cutAfter: number) => {
  const lines = times.map((at, line) => ({ at, place: [1, 0, line] as LogPlace }) as unknown as LoggedExchange);
  return ({ before, limit }: LogQuestion): LogPage => {
    const found = lines.filter(({ place }) => before === null || place[2] < before[2]).reverse();
    const shown = found.slice(0, Math.min(limit, cutAfter));
    const reached = shown.at(-1)?.place ?? null;
    return { exchanges: shown, next: shown.length === found.length ? null : reached };
  };
};

test('page after page has each line of each log once, and where clocks run forward newest first', () => {
  const times = fc.array(fc.nat(30), { maxLength: 40 }).map((all) => all.sort((a, b) => a - b));
  const log = fc.record({ times, cutAfter: fc.integer({ min: 1, max: 9 }) });
  fc.assert(
    fc.property(fc.array(log, { maxLength: 4 }), fc.integer({ min: 1, max: 12 }), (logs, limit) => {
      const readers = logs.map(({ times, cutAfter }) => logOf(times, cutAfter));
      const all: MergedExchange[] = [];
      let before: MergedQuestion['before'] = null;
      let turns = 0;
      do {
        const question: MergedQuestion = { ...QUESTION, before, limit };
        const pages = readers.flatMap((read, home) => {
          const asked = questionFor(home, question);
          return asked === null ? [] : [{ home, page: read(asked) }];
        });
        const { exchanges, next } = mergedPage(pages, question);
        expect(exchanges.length).toBeLessThanOrEqual(limit);
        all.push(...exchanges);
        before = next;
        expect(++turns).toBeLessThan(1_000);
      } while (before !== null);
      expect(all.map(({ at }) => at)).toEqual(logs.flatMap(({ times }) => times).sort((a, b) => b - a));
      expect(new Set(all.map(({ home, place }) => `${home} ${place}`)).size).toBe(all.length);
    }),
  );
});

test('what a page left out of one log is asked for again, also when nothing of it was taken yet', () => {
  const line = (at: number, place: LogPlace) => ({ at, place }) as unknown as LoggedExchange;
  const pages = [
    { home: 1, page: { exchanges: [line(9, [1, 0, 5]), line(8, [1, 0, 4])], next: [1, 0, 4] as const } },
    { home: 2, page: { exchanges: [line(5, [7, 8, 9])], next: null } },
    { home: 3, page: { exchanges: [], next: null } },
  ];
  expect(mergedPage(pages, { before: null, limit: 1 }).next).toEqual([
    { home: 1, before: [1, 0, 5] },
    { home: 2, before: [7, 8, 10] },
  ]);
  expect(mergedPage(pages, { before: null, limit: 5 })).toMatchObject({
    exchanges: [
      { at: 9, home: 1 },
      { at: 8, home: 1 },
    ],
    next: [
      { home: 1, before: [1, 0, 4] },
      { home: 2, before: [7, 8, 10] },
    ],
  });
});

test('a line is followed exactly in its own log, and by its time in others', () => {
  const after = { home: 7, place: [4, 5, 6] as const, at: 10_000 };
  expect(questionFor(7, { ...QUESTION, after })).toEqual({ ...QUESTION, after: after.place });
  expect(questionFor(8, { ...QUESTION, after })).toEqual({ ...QUESTION, filter: { ...FILTER, from: 8_000 } });
  const filter = { ...FILTER, from: 9_000 };
  expect(questionFor(8, { ...QUESTION, filter, after })?.filter).toEqual(filter);
});

test('a log that came to its end is asked for nothing more', () => {
  expect(questionFor(7, { ...QUESTION, before: [{ home: 8, before: [1, 2, 3] }] })).toBe(null);
});

test('the home of a process is an integer that numbers hold exactly', () => {
  expect(homeOf('ffffffffffffffff')).toBe(2 ** 48 - 1);
  expect(Number.isSafeInteger(homeOf('ffffffffffffffff'))).toBe(true);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Piece } from './callback.ts';
import { cut, packed, rowsIn } from './cutting.ts';

const AT = 1_767_225_600_000;

describe('cutting and packing', () => {
  const run = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(20), fc.nat(30))
    .map(([plan, from, more]): [number, number, number] => [plan, from, from + more]);
  const piece: fc.Arbitrary<Piece> = fc.oneof(
    fc.record({
      kind: fc.constantFrom('sent' as const, 'delivered' as const),
      at: fc.constant(AT),
      runs: fc.array(run, { minLength: 1, maxLength: 4 }),
      code: fc.constant(0),
      detail: fc.constant(''),
    }),
    fc.record({
      kind: fc.constant('plan_missed' as const),
      at: fc.constant(AT),
      data: fc.record({ plan_id: fc.string() }),
    }),
    fc.record({ kind: fc.constant('uplink_message' as const), at: fc.constant(AT), inboundId: fc.nat() }),
  );
  const pieces = fc.array(piece, { maxLength: 6 });
  /** Every row by itself. */
  const rows = (list: readonly Piece[]): string[] =>
    list.flatMap((each) =>
      !('runs' in each)
        ? [JSON.stringify('data' in each ? each.data : each.inboundId)]
        : each.runs.flatMap(([plan, from, to]) =>
            Array.from({ length: to - from + 1 }, (_, i) => `${each.kind} ${plan}.${from + i}`),
          ),
    );

  test('cut takes exactly the rows asked for', () => {
    fc.assert(
      fc.property(pieces, fc.nat(120), fc.nat(120), (list, skip, limit) => {
        expect(rows(cut(list, skip, limit))).toEqual(rows(list).slice(skip, skip + limit));
      }),
    );
  });

  test('packing keeps every row in order, in lists that are full but for the last', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 25 }), (list, size) => {
        const lists = packed(list, size);
        expect(lists.flatMap(rows)).toEqual(rows(list));
        expect(lists.slice(0, -1).every((each) => rowsIn(each) === size)).toBe(true);
        expect(lists.every((each) => rowsIn(each) > 0 && rowsIn(each) <= size)).toBe(true);
      }),
    );
  });
});

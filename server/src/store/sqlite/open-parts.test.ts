import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Awaiting } from '../store.ts';
import { OpenBatch, OpenParts } from './open-parts.ts';

const AT = 1_767_225_600_000;

const part = (carrierId: string, index: number, change: Partial<Awaiting> = {}): Awaiting => ({
  channelId: 1,
  carrierId,
  planId: 123_456_789_012_345,
  index,
  recipient: 8_613_800_138_000 + index,
  parts: 1,
  since: AT + index,
  ...change,
});

/** Ids of every form: short, as long as has a place, longer, empty, and beyond Latin-1. */
const IDS = ['', '0', '7f', '7F', 'ÿ', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(300), '号码', 'Ā', 'a\u0000', 'a'];

type Step =
  | { do: 'add'; ids: number[]; channelId: number }
  | { do: 'remove'; nth: number }
  | { do: 'takeBatch'; nth: number }
  | { do: 'clear' };

const steps = fc.array<Step>(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('add' as const),
        ids: fc.array(fc.nat(IDS.length - 1), { minLength: 1, maxLength: 8 }),
        channelId: fc.integer({ min: 1, max: 2 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('remove' as const), nth: fc.nat(1_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('takeBatch' as const), nth: fc.nat(1_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
  ),
  { maxLength: 60 },
);

describe('open parts', () => {
  test('are what a plain list of them holds, whatever is done', () => {
    fc.assert(
      fc.property(steps, (steps) => {
        const parts = new OpenParts();
        let model: { row: Awaiting; batch: OpenBatch }[] = [];
        let batches: OpenBatch[] = [];
        let index = 0;
        for (const step of steps) {
          if (step.do === 'add') {
            const batch = new OpenBatch(index, AT);
            batches.push(batch);
            for (const id of step.ids) {
              const row = part(IDS[id]!, index++, { channelId: step.channelId });
              parts.add(row, batch);
              model.push({ row, batch });
            }
          } else if (step.do === 'remove' && model.length > 0) {
            const { row } = model[step.nth % model.length]!;
            expect(parts.remove(row)).toBe(true);
            expect(parts.remove(row)).toBe(false);
            model = model.filter((other) => other.row !== row);
          } else if (step.do === 'takeBatch' && batches.length > 0) {
            const batch = batches[step.nth % batches.length]!;
            const taken = model.filter((other) => other.batch === batch).map(({ row }) => row);
            expect(parts.takeBatch(batch).sort((a, b) => a.index - b.index)).toEqual(taken);
            model = model.filter((other) => other.batch !== batch);
          } else if (step.do === 'clear') {
            parts.clear();
            model = [];
            batches = [];
          }
          expect(parts.size).toBe(model.length);
          for (const batch of batches) expect(batch.done).toBe(!model.some((other) => other.batch === batch));
          for (const channelId of [1, 2]) {
            for (const id of IDS) {
              const expected = model.filter(({ row }) => row.channelId === channelId && row.carrierId === id);
              expect(parts.find(channelId, id)).toEqual(expected.map(({ row }) => row));
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are found among very many, also those that were added before their place grew', () => {
    const parts = new OpenParts();
    const batch = new OpenBatch(1, AT);
    const many = 50_000;
    const idOf = (i: number) => (i * 2_654_435_761).toString(16);
    for (let i = 0; i < many; i++) parts.add(part(idOf(i), i), batch);
    expect(parts.size).toBe(many);
    for (let i = 0; i < many; i += 2) expect(parts.remove(part(idOf(i), i))).toBe(true);
    for (let i = 0; i < many; i++) {
      const found = parts.find(1, idOf(i));
      if (i % 2 === 0) expect(found).toHaveLength(0);
      else expect(found).toEqual([part(idOf(i), i)]);
    }
    expect(parts.takeBatch(batch)).toHaveLength(many / 2);
    expect(batch.done).toBe(true);
  });

  test('with one id stay in the order in which they were added while their place grows', () => {
    const parts = new OpenParts();
    const batch = new OpenBatch(1, AT);
    for (let i = 0; i < 10_000; i++) parts.add(part(i % 5 === 0 ? 'same' : `${i}`, i), batch);
    expect(parts.find(1, 'same').map(({ index }) => index)).toEqual(Array.from({ length: 2_000 }, (_, i) => i * 5));
  });
});

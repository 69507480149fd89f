import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdGenerator } from './ids.ts';
import { ManualClock } from './manual-clock.ts';
import { NumberCache } from './number-cache.ts';

test('what it says of a key is what was said of it last, or nothing', () => {
  // Few places and few keys: most of them meet others.
  const keys = fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 300 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.nat())), fc.array(keys), (said, others) => {
      const cache = new NumberCache(6);
      const last = new Map<number, number>();
      for (const [key, value] of said) {
        cache.set(key, value);
        last.set(key, value);
        expect(cache.get(key)).toBe(value);
      }
      for (const [key, value] of last) expect([value, undefined]).toContain(cache.get(key));
      for (const key of others) if (!last.has(key)) expect(cache.get(key)).toBeUndefined();
    }),
  );
});

test('ids that follow each other have places of their own', () => {
  const clock = new ManualClock();
  const ids = new IdGenerator(clock, 0);
  const cache = new NumberCache(14);
  const some: number[] = [];
  for (let ms = 0; ms < 200; ms++, clock.advance(1)) for (let i = 0; i < 5; i++) some.push(ids.next());
  for (const id of some) cache.set(id, 7);
  const remembered = some.filter((id) => cache.get(id) === 7).length;
  // A thousand in 16,384 places: by chance alone three in a hundred would have lost theirs.
  expect(remembered).toBeGreaterThan(940);
});

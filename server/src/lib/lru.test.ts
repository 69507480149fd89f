import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lru } from './lru.ts';

test('forgets what was not used, keeps what was', () => {
  const lru = new Lru<number, string>(4);
  for (let key = 0; key < 10; key++) {
    lru.set(key, `v${key}`);
    expect(lru.get(0) ?? 'v0').toBe('v0');
  }
  expect(lru.get(0)).toBe('v0');
  expect(lru.get(9)).toBe('v9');
  expect(lru.get(1)).toBeUndefined();
});

test('never holds more than its capacity, nor fewer than half of it of those used last, nor a value that was replaced', () => {
  const steps = fc.array(
    fc.record({ kind: fc.constantFrom('get', 'set', 'delete'), key: fc.integer({ min: 0, max: 12 }) }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), steps, (capacity, list) => {
      const lru = new Lru<number, number>(capacity);
      const latest = new Map<number, number>();
      let used: number[] = [];
      list.forEach(({ kind, key }, at) => {
        if (kind === 'set') {
          lru.set(key, at);
          latest.set(key, at);
        } else if (kind === 'delete') {
          lru.delete(key);
          latest.delete(key);
        }
        const found = lru.get(key);
        if (found !== undefined) expect(found).toBe(latest.get(key));
        if (kind === 'delete') expect(found).toBeUndefined();
        used = used.filter((other) => other !== key);
        if (found !== undefined) used.push(key);
        expect(lru.size).toBeLessThanOrEqual(capacity);
      });
      for (const key of used.slice(-Math.floor(capacity / 2))) expect(lru.get(key)).toBe(latest.get(key));
    }),
  );
});

test('an emptied one is empty', () => {
  const lru = new Lru<string, number>(4);
  lru.set('a', 1);
  lru.clear();
  expect(lru.get('a')).toBeUndefined();
  expect(lru.size).toBe(0);
});

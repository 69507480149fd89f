import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ID_EPOCH_MS, IdGenerator, idAt, idOfUuid, timeOfId, uuidForId } from './ids.ts';
import { ManualClock } from './manual-clock.ts';

const NOW = 1_767_225_600_000;
/** A clock that shows what it is told. */
class ShownClock extends ManualClock {
  readonly #show: () => number;

  constructor(show: () => number) {
    super();
    this.#show = show;
  }

  override now(): number {
    return this.#show();
  }
}
const mint = (generator: IdGenerator, count: number) => Array.from({ length: count }, () => generator.next());

describe('ids', () => {
  test('carry their time, their node and their place in the millisecond', () => {
    expect(mint(new IdGenerator(new ManualClock(NOW), 3), 3)).toEqual([0, 1, 2].map((n) => idAt(NOW) + 3 * 64 + n));
    expect(idAt(ID_EPOCH_MS)).toBe(0);
    expect(idAt(ID_EPOCH_MS - 5)).toBe(0);
    expect(timeOfId(idAt(NOW))).toBe(NOW);
    expect(timeOfId(idAt(NOW + 1) - 1)).toBe(NOW);
  });

  test('stay below 2^53 until 2094', () => {
    const last = new IdGenerator(new ManualClock(Date.UTC(2094, 0)), 63);
    expect(mint(last, 64).every(Number.isSafeInteger)).toBe(true);
  });

  test('borrow the next millisecond when one is used up', () => {
    const ids = mint(new IdGenerator(new ManualClock(NOW), 0), 200);
    expect(ids.slice(62, 66)).toEqual([idAt(NOW) + 62, idAt(NOW) + 63, idAt(NOW + 1), idAt(NOW + 1) + 1]);
    expect(timeOfId(ids[199]!)).toBe(NOW + 3);
  });

  test('of one who minted are below those of the next who was told, whatever the clocks say', () => {
    const generators = [NOW + 5_000, NOW, NOW - 5_000].map((now) => new IdGenerator(new ManualClock(now), 0));
    let last = 0;
    fc.assert(
      fc.property(fc.nat(2), fc.integer({ min: 1, max: 150 }), fc.boolean(), (who, count, told) => {
        const generator = generators[who]!;
        generator.rise(last);
        const ids = mint(generator, count);
        expect(ids[0]).toBeGreaterThan(last);
        // What was minted for nothing may be minted again, by whoever comes next.
        if (!told) return;
        last = generator.last;
        expect(last).toBeGreaterThanOrEqual(ids.at(-1)!);
      }),
    );
  });

  test('rise and never repeat, whatever the clock does', () => {
    const steps = fc.array(
      fc.record({ passMs: fc.integer({ min: -5_000, max: 5_000 }), mint: fc.integer({ min: 1, max: 150 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), steps, (node, steps) => {
        let now = NOW;
        const generator = new IdGenerator(new ShownClock(() => now), node);
        let last = 0;
        for (const step of steps) {
          now += step.passMs;
          for (const id of mint(generator, step.mint)) {
            expect(id).toBeGreaterThan(last);
            expect(Math.floor(id / 64) % 64).toBe(node);
            last = id;
          }
        }
      }),
    );
  });

  test('go on with the clock again once it has caught up', () => {
    const shown = [NOW, NOW - 100, NOW - 100, NOW + 1];
    const generator = new IdGenerator(new ShownClock(() => shown.shift()!), 0);
    expect(mint(generator, 4).map((id) => timeOfId(id))).toEqual([NOW, NOW, NOW, NOW + 1]);
  });

  test('start above all that were minted before, on whatever node', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: idAt(NOW + 10_000) }),
        fc.integer({ min: 0, max: 63 }),
        fc.integer({ min: NOW - 10_000, max: NOW + 20_000 }),
        (above, node, now) => {
          expect(new IdGenerator(new ManualClock(now), node, above).next()).toBeGreaterThan(above);
        },
      ),
    );
  });

  test('of two nodes never meet', () => {
    const [a, b] = [new IdGenerator(new ManualClock(NOW), 0), new IdGenerator(new ManualClock(NOW), 1)];
    const ids = [...mint(a, 500), ...mint(b, 500)];
    expect(new Set(ids).size).toBe(1_000);
  });

  test('have 64 nodes', () => {
    for (const node of [-1, 64]) expect(() => new IdGenerator(new ManualClock(), node)).toThrow(RangeError);
  });
});

describe('the uuid of an id', () => {
  test('is a lowercase version 7 uuid that carries its time', () => {
    const id = idAt(NOW) + 5 * 64 + 9;
    const uuid = uuidForId(id);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replace('-', '').slice(0, 12), 16)).toBe(NOW);
  });

  test('tells the id, and never the same random bits twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (id) => {
        const [one, two] = [uuidForId(id), uuidForId(id)];
        expect([idOfUuid(one), idOfUuid(two)]).toEqual([id, id]);
        expect(one).not.toBe(two);
      }),
    );
  });

  test('has every variant bit as it must be', () => {
    const variants = new Set(Array.from({ length: 300 }, () => uuidForId(idAt(NOW))[19]));
    expect(variants).toEqual(new Set(['8', '9', 'a', 'b']));
  });

  test.each([
    '',
    'no uuid',
    '0194a8c0-0000-4000-8000-000000000000',
    '0194A8C0-0000-7000-8000-00000000000A',
    '0194a8c0-0000-7000-0000-000000000000',
    '0194a8c000007000800000000000000',
    '00000000-0000-7000-8000-000000000000',
    'ffffffff-ffff-7fff-8fff-ffffffffffff',
    ' 0194a8c0-0000-7000-8000-000000000000',
  ])('is not %j', (text) => {
    expect(idOfUuid(text)).toBe(null);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  actsUntil,
  givenUp,
  LEASE_MS,
  LEFT_OVER_AFTER_MS,
  type Lease,
  MARGIN_MS,
  mayBeTaken,
  renewed,
  type Sharing,
  surplus,
  taken,
  wanted,
} from './lease.ts';

describe('a lease', () => {
  const NOW = 1_000_000;
  const lease: Lease = { name: 'relay', owner: 'a', epoch: 4, untilMs: NOW + LEASE_MS };

  test('is left alone until its end and a margin after it', () => {
    expect(mayBeTaken(lease, NOW)).toBe(false);
    expect(mayBeTaken(lease, NOW + LEASE_MS + MARGIN_MS - 1)).toBe(false);
    expect(mayBeTaken(lease, NOW + LEASE_MS + MARGIN_MS)).toBe(true);
  });

  test('is free when nobody has it, when it was given up, and when its owner is known not to act on it', () => {
    expect(mayBeTaken(null, NOW)).toBe(true);
    expect(mayBeTaken(givenUp(lease, NOW), NOW)).toBe(true);
    expect(mayBeTaken(lease, NOW, ['a'])).toBe(true);
    expect(mayBeTaken(lease, NOW, ['b'])).toBe(false);
  });

  test('has a higher epoch with each owner, also after it was given up', () => {
    expect(taken('relay', null, 'a', NOW).epoch).toBe(1);
    expect(taken('relay', lease, 'b', NOW)).toEqual({ name: 'relay', owner: 'b', epoch: 5, untilMs: NOW + LEASE_MS });
    expect(taken('relay', givenUp(lease, NOW), 'a', NOW).epoch).toBe(5);
  });

  test('is renewed by its owner of this epoch only', () => {
    expect(renewed(lease, 'a', 4, NOW + 1)).toEqual({ ...lease, untilMs: NOW + 1 + LEASE_MS });
    expect(renewed(lease, 'b', 4, NOW)).toBe(null);
    expect(renewed(lease, 'a', 3, NOW)).toBe(null);
    expect(renewed(null, 'a', 4, NOW)).toBe(null);
  });

  test('ends for its owner a margin before it ends for others', () => {
    expect(actsUntil(500)).toBe(500 + LEASE_MS - MARGIN_MS);
  });
});

/** Something that happens in the simulation. */
type Step =
  /** Time goes by in which nobody asks anything: they stand still, or have other things to do. */
  | { kind: 'pass'; ms: number }
  /** What it asks takes so long to get there, and the answer as long to come back. */
  | { kind: 'ask'; who: number; thereMs: number; backMs: number }
  | { kind: 'giveUp'; who: number };

const PROCESSES = 3;
const who = fc.integer({ min: 0, max: PROCESSES - 1 });
const delay = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 15_000 }));
/** Mostly short, or about as long as a lease that nobody renews. */
const pause = fc.oneof(
  fc.integer({ min: 1, max: 1_000 }),
  fc.integer({ min: LEASE_MS - MARGIN_MS, max: LEASE_MS + 2 * MARGIN_MS }),
  fc.integer({ min: 1, max: 40_000 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('pass' as const), ms: pause }),
  fc.record({
    kind: fc.constant('ask' as const),
    who,
    thereMs: delay,
    backMs: delay,
  }),
  fc.record({ kind: fc.constant('giveUp' as const), who }),
);

/**
 * Three processes and a store, each with a clock of its own: they begin anywhere and run up to 5 % too fast or too slow. The
 * simulation has true time, which none of them knows.
 */
class Simulation {
  row: Lease | null = null;
  time = 0;
  readonly #storeRate: number;
  readonly #rates: readonly number[];
  readonly #offsets: readonly number[];
  /** What each believes: the epoch it has, and until when it acts, by its own clock. */
  readonly holds: ({ epoch: number; until: number } | null)[] = Array.from({ length: PROCESSES }, () => null);
  readonly epochs: number[] = [];
  /** The last epoch each has given up: an answer that is still on its way does not bring it back. */
  readonly #left: number[] = Array.from({ length: PROCESSES }, () => 0);
  /** Events under way, in true time. */
  #events: { at: number; run: () => void }[] = [];

  constructor(rates: readonly number[], offsets: readonly number[], storeRate: number) {
    this.#rates = rates;
    this.#offsets = offsets;
    this.#storeRate = storeRate;
  }

  #clock(i: number): number {
    return this.#offsets[i]! + this.time * this.#rates[i]!;
  }

  #storeNow(): number {
    return 5_000_000 + this.time * this.#storeRate;
  }

  mayAct(i: number): boolean {
    const hold = this.holds[i]!;
    return hold !== null && this.#clock(i) < hold.until;
  }

  ask(i: number, thereMs: number, backMs: number): void {
    const askedAt = this.#clock(i);
    const hold = this.holds[i]!;
    this.#at(thereMs, () => {
      const owner = `p${i}`;
      const now = this.#storeNow();
      let epoch: number | null = null;
      const again = hold === null ? null : renewed(this.row, owner, hold.epoch, now);
      if (again !== null) {
        this.row = again;
        epoch = again.epoch;
      } else if (mayBeTaken(this.row, now)) {
        this.row = taken('it', this.row, owner, now);
        this.epochs.push(this.row.epoch);
        epoch = this.row.epoch;
      }
      this.#at(backMs, () => {
        if (epoch === null || epoch <= this.#left[i]!) {
          // It belongs to somebody else now, or to nobody: what an older answer said holds no longer than it said.
          return;
        }
        const until = actsUntil(askedAt);
        const known = this.holds[i]!;
        if (known === null || epoch > known.epoch || (epoch === known.epoch && until > known.until))
          this.holds[i] = { epoch, until };
      });
    });
  }

  /** It stops acting before it says so. */
  giveUp(i: number): void {
    const hold = this.holds[i]!;
    this.holds[i] = null;
    if (hold !== null) this.#left[i] = hold.epoch;
    if (hold === null || this.row?.owner !== `p${i}` || this.row.epoch !== hold.epoch) return;
    this.row = givenUp(this.row, this.#storeNow());
  }

  #at(ms: number, run: () => void): void {
    this.#events.push({ at: this.time + ms, run });
  }

  /** Lets true time go by; `look` is called at every moment at which something may change. */
  pass(ms: number, look: () => void): void {
    const end = this.time + ms;
    while (this.time < end) {
      const next = Math.min(end, this.time + 100, ...this.#events.map(({ at }) => at).filter((at) => at > this.time));
      this.time = next;
      const due = this.#events.filter(({ at }) => at <= this.time);
      this.#events = this.#events.filter(({ at }) => at > this.time);
      for (const { run } of due) run();
      look();
    }
  }
}

test('whatever clocks, links and pauses do, no two processes act on a lease at a time, and epochs only rise', () => {
  const rate = fc.double({ min: 0.95, max: 1.05, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(rate, { minLength: PROCESSES, maxLength: PROCESSES }),
      fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: PROCESSES, maxLength: PROCESSES }),
      rate,
      fc.array(step, { minLength: 1, maxLength: 60 }),
      (rates, offsets, storeRate, steps) => {
        const simulation = new Simulation(rates, offsets, storeRate);
        const look = () => {
          const acting = [0, 1, 2].filter((i) => simulation.mayAct(i));
          if (acting.length > 1) throw new Error(`at ${simulation.time} ms processes ${acting} act`);
        };
        for (const each of steps) {
          if (each.kind === 'ask') simulation.ask(each.who, each.thereMs, each.backMs);
          else if (each.kind === 'giveUp') simulation.giveUp(each.who);
          else simulation.pass(each.ms, look);
          look();
        }
        simulation.pass(60_000, look);
        for (let i = 1; i < simulation.epochs.length; i++)
          expect(simulation.epochs[i]).toBe(simulation.epochs[i - 1]! + 1);
      },
    ),
    { numRuns: 300 },
  );
});

describe('leases are shared', () => {
  const sharing = (
    self: string,
    ids: readonly string[],
    owners: Record<string, string | null>,
    freeMs = 0,
  ): Sharing => ({
    self,
    sharers: ids,
    names: Object.keys(owners),
    ownerOf: (name) => owners[name]!,
    freeForMs: (name) => (owners[name] === null ? freeMs : null),
  });

  test('evenly: each takes its part of what is free', () => {
    const free = { c1: null, c2: null, c3: null, c4: null };
    expect(wanted(sharing('a', ['a'], free))).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect(wanted(sharing('a', ['a', 'b'], free))).toEqual(['c1', 'c2']);
    expect(wanted(sharing('a', ['a', 'b'], { ...free, c1: 'a', c2: 'b' }))).toEqual(['c3']);
    expect(wanted(sharing('a', ['a', 'b'], { ...free, c1: 'a', c2: 'a' }))).toEqual([]);
  });

  test('what others leave over is taken', () => {
    const owners = { c1: 'a', c2: 'a', c3: 'b', c4: null };
    expect(wanted(sharing('a', ['a', 'b'], owners, LEFT_OVER_AFTER_MS - 1))).toEqual([]);
    expect(wanted(sharing('a', ['a', 'b'], owners, LEFT_OVER_AFTER_MS))).toEqual(['c4']);
  });

  test('who has more than its share hands on, one at a time, until all is even', () => {
    const owners: Record<string, string> = { c1: 'a', c2: 'a', c3: 'a', c4: 'a', c5: 'a' };
    const moved: string[] = [];
    for (let name = surplus(sharing('a', ['a', 'b'], owners)); name !== null; ) {
      moved.push(name);
      owners[name] = 'b';
      name = surplus(sharing('a', ['a', 'b'], owners));
    }
    expect(moved).toEqual(['c5', 'c4']);
    expect(surplus(sharing('b', ['a', 'b'], owners))).toBe(null);
  });

  test('nothing goes to and fro: whatever stands even stays', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 12 }), fc.nat(), (nodes, count, seed) => {
        const ids = Array.from({ length: nodes }, (_, i) => `n${i}`);
        const owners: Record<string, string> = {};
        for (let i = 0; i < count; i++) owners[`c${i}`] = ids[(seed * (i + 7)) % nodes]!;
        let moves = 0;
        for (let again = true; again; ) {
          again = false;
          for (const id of ids) {
            const name = surplus(sharing(id, ids, owners));
            if (name === null) continue;
            // Whoever has the fewest takes it.
            const countOf = (other: string) => Object.values(owners).filter((owner) => owner === other).length;
            owners[name] = ids.reduce((fewest, other) => (countOf(other) < countOf(fewest) ? other : fewest));
            again = true;
            expect(++moves).toBeLessThanOrEqual(count);
          }
        }
        const counts = ids.map((id) => Object.values(owners).filter((owner) => owner === id).length);
        expect(Math.max(...counts)).toBe(Math.ceil(count / nodes));
      }),
    );
  });
});

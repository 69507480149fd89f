import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LEASE_MS, MARGIN_MS } from '../domain/lease.ts';
import type { Leases, TellingNode } from './leases.ts';

/** The leases of one installation, as several nodes see them. */
export interface TestLeases {
  /** Another node's way to them. */
  open(): Leases;
  /** Lets time go by on the store's clock. */
  pass(ms: number): Promise<void>;
  /** What those before it left is settled by the owner of this epoch. */
  settle(name: string, epoch: number): Promise<void>;
  close(): Promise<void>;
}

/** What leases promise (leases.ts). `make` gives those of a new installation. */
export function leasesContract(name: string, make: () => Promise<TestLeases>): void {
  describe(name, () => {
    let world: TestLeases;
    let a: Leases;
    let b: Leases;
    beforeEach(async () => {
      world = await make();
      a = world.open();
      b = world.open();
    });
    afterEach(async () => {
      await a.close();
      await b.close();
      await world.close();
    });
    const node = (id: string, facts: string | null = null): TellingNode => ({
      id: id.repeat(16),
      roles: 'worker,channel',
      host: `host-${id}`,
      pid: 4_711,
      version: '1.0.0',
      startedAt: 1_700_000_000_000,
      busy: 0.25,
      facts,
    });
    const A = node('a').id;
    const B = node('b').id;
    const C = node('c').id;

    test('one node has what it took, until it is over and a margin after it', async () => {
      expect(await a.take('relay', A, [])).toEqual({ epoch: 1, before: null });
      expect(await b.take('relay', B, [])).toBe(null);
      await world.pass(LEASE_MS);
      expect(await b.take('relay', B, [])).toBe(null);
      await world.pass(MARGIN_MS);
      expect(await b.take('relay', B, [])).toEqual({ epoch: 2, before: { owner: A, epoch: 1, settled: false } });
      expect(await a.take('relay', A, [])).toBe(null);
    });

    test('what a node does is told until it tells something else, or ends', async () => {
      await a.beat(node('a'), []);
      expect(await b.facts()).toEqual(new Map());
      await a.beat(node('a', '{"does":"much"}'), []);
      await b.beat(node('b', '{}'), []);
      await a.beat(node('a'), []);
      const both = new Map([
        [A, '{"does":"much"}'],
        [B, '{}'],
      ]);
      expect(await b.facts()).toEqual(both);
      await b.leave(B);
      expect([...(await a.facts()).keys()]).toEqual([A]);
      await world.pass(300_001);
      expect(await a.facts()).toEqual(new Map());
    });

    test('what is renewed goes on, and what has gone to another is not renewed', async () => {
      await a.take('relay', A, []);
      await a.take('channel:1', A, []);
      await world.pass(LEASE_MS);
      const beat = await a.beat(node('a'), [{ name: 'relay', epoch: 1, facts: '{"x":1}' }]);
      expect([...beat.renewed]).toEqual(['relay']);
      await world.pass(MARGIN_MS);
      expect(await b.take('relay', B, [])).toBe(null);
      expect(await b.take('channel:1', B, [])).toMatchObject({ epoch: 2 });
      const held = [
        { name: 'relay', epoch: 1, facts: null },
        { name: 'channel:1', epoch: 1, facts: null },
      ];
      expect([...(await a.beat(node('a'), held)).renewed]).toEqual(['relay']);
    });

    test('who had it before, and who has it under an older epoch, renews nothing', async () => {
      await a.take('relay', A, []);
      await a.giveUp('relay', A, 1);
      await a.take('relay', A, []);
      expect([...(await a.beat(node('a'), [{ name: 'relay', epoch: 1, facts: null }])).renewed]).toEqual([]);
      expect([...(await b.beat(node('b'), [{ name: 'relay', epoch: 2, facts: null }])).renewed]).toEqual([]);
      expect([...(await a.beat(node('a'), [{ name: 'relay', epoch: 2, facts: null }])).renewed]).toEqual(['relay']);
    });

    test('what was given up is taken at once, and the epoch goes on', async () => {
      await a.take('relay', A, []);
      await a.giveUp('relay', A, 1);
      expect(await b.take('relay', B, [])).toEqual({ epoch: 2, before: { owner: null, epoch: 1, settled: false } });
      // It is not a's any more.
      await a.giveUp('relay', A, 1);
      expect(await a.take('relay', A, [])).toBe(null);
    });

    test('what an idle node had is taken at once, and it is told whether that node had settled it', async () => {
      await a.take('channel:1', A, []);
      expect(await b.take('channel:1', B, [C])).toBe(null);
      await world.settle('channel:1', 1);
      expect(await b.take('channel:1', B, [C, A])).toEqual({ epoch: 2, before: { owner: A, epoch: 1, settled: true } });
      expect(await a.take('channel:1', A, [B])).toMatchObject({ before: { owner: B, epoch: 2, settled: false } });
    });

    test('everybody sees who has what, for how long, and what owners tell', async () => {
      await a.take('relay', A, []);
      await b.take('channel:1', B, []);
      await b.beat(node('b'), [{ name: 'channel:1', epoch: 1, facts: '{"up":true}' }]);
      await world.pass(LEASE_MS + 1_000);
      const { leases, nodes } = await a.beat(node('a'), [{ name: 'relay', epoch: 1, facts: null }]);
      expect(leases).toMatchObject([
        { name: 'channel:1', owner: B, epoch: 1, facts: '{"up":true}' },
        { name: 'relay', owner: A, epoch: 1, facts: null },
      ]);
      expect(leases[0]!.leftMs).toBeLessThanOrEqual(-1_000);
      expect(leases[1]!.leftMs).toBeGreaterThan(0);
      expect(leases[1]!.leftMs).toBeLessThanOrEqual(LEASE_MS);
      for (const [i, id] of ['a', 'b'].entries()) {
        const { facts: _, ...seen } = node(id);
        expect(nodes[i]).toMatchObject(seen);
      }
      expect(nodes[1]!.seenMs).toBeGreaterThanOrEqual(LEASE_MS + 1_000);
      expect(nodes[0]!.seenMs).toBeLessThan(LEASE_MS);
    });

    test('a node that leaves is forgotten; one that is silent for long is not told of', async () => {
      await a.beat(node('a'), []);
      await b.beat(node('b'), []);
      await b.leave(B);
      expect((await a.beat(node('a'), [])).nodes).toMatchObject([{ id: A }]);
      await b.beat(node('c'), []);
      await world.pass(600_000);
      expect((await a.beat(node('a'), [])).nodes).toMatchObject([{ id: A }]);
    });

    test('of many that want it at once, one gets it', async () => {
      const all = Array.from({ length: 5 }, () => world.open());
      for (let round = 1; round <= 3; round++) {
        const taken = await Promise.all(all.map((each, i) => each.take('relay', String(i).repeat(16), [])));
        expect(taken.filter((each) => each !== null)).toMatchObject([{ epoch: round }]);
        await world.pass(LEASE_MS + MARGIN_MS);
      }
      for (const each of all) await each.close();
    });
  });
}

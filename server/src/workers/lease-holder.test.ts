import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HandLeases } from '../../test/leases.ts';
import { settle } from '../../test/workers.ts';
import { LEASE_MS, MARGIN_MS, RENEW_EVERY_MS } from '../domain/lease.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { type Gained, LeaseHolder, type LeaseUser } from './lease-holder.ts';

/** A node, and the story of its leases. */
class TestNode implements LeaseUser {
  readonly role = 'channel';
  readonly holder: LeaseHolder;
  readonly story: string[] = [];
  readonly id: string;
  readonly clock: ManualClock;
  wants: string[];
  told: string | null = null;
  /** Resolves a `left` that waits. */
  finish: () => void = () => {};
  waits = false;
  fails = false;
  stopped = false;

  /** What it tells of itself. */
  does = 'nothing';

  constructor(
    letter: string,
    leases: HandLeases,
    clock: ManualClock,
    wants: string[],
    predecessor: string | null = null,
  ) {
    this.id = letter.repeat(16);
    this.clock = clock;
    this.wants = wants;
    const facts = { id: this.id, roles: 'worker,channel', host: 'h', pid: 1, version: '1', startedAt: 0 };
    const log = createLogger('silent');
    const told = () => this.does;
    this.holder = new LeaseHolder({ leases: leases.open(), node: facts, predecessor, told, loads: [], clock, log });
    this.holder.serve(this);
  }

  names(): readonly string[] {
    return this.wants;
  }
  async gained(name: string, { epoch, knows }: Gained): Promise<void> {
    this.story.push(`${name} ${epoch}${knows === null ? '' : ` knows ${knows}`}`);
    if (this.fails) throw new Error('it cannot be used');
  }
  async left(name: string): Promise<void> {
    this.story.push(`left ${name}`);
    if (this.waits) await new Promise<void>((resolve) => (this.finish = resolve));
  }
  facts(): string | null {
    return this.told;
  }
  acts(): string[] {
    return this.wants.filter((name) => this.holder.mayAct(name));
  }
}

describe('leases are held', () => {
  let leases: HandLeases;
  let nodes: TestNode[];
  const C4 = ['c1', 'c2', 'c3', 'c4'];
  beforeEach(() => {
    leases = new HandLeases();
    nodes = [];
  });
  afterEach(async () => {
    leases.away = false;
    for (const node of nodes) if (!node.stopped) await stop(node);
  });

  /** A node with a clock of its own, that of the store unless it is given one. */
  const join = async (letter: string, wants = C4, predecessor: string | null = null, clock = leases.clock) => {
    const node = new TestNode(letter, leases, clock, [...wants], predecessor);
    nodes.push(node);
    await node.holder.start();
    await settle();
    return node;
  };
  const stop = async (node: TestNode) => {
    node.stopped = true;
    const stopping = node.holder.stop();
    await settle();
    node.finish();
    await stopping;
  };
  /** Lets time go by, a renewal at a time, on the clocks given or on that of the store. */
  const pass = async (ms: number, ...clocks: ManualClock[]) => {
    for (let passed = 0; passed < ms; passed += RENEW_EVERY_MS) {
      leases.clock.advance(Math.min(RENEW_EVERY_MS, ms - passed));
      for (const clock of clocks) clock.advance(Math.min(RENEW_EVERY_MS, ms - passed));
      await settle();
    }
  };

  test('by a node alone: all of them, for as long as it renews them', async () => {
    const a = await join('a');
    expect(a.story).toEqual(['c1 1', 'c2 1', 'c3 1', 'c4 1']);
    await pass(60_000);
    expect(a.acts()).toEqual(C4);
    expect(a.story).toHaveLength(4);
  });

  test('evenly: whoever joins is handed its share, one at a time', async () => {
    const a = await join('a');
    const b = await join('b');
    await pass(30_000);
    expect(a.story.slice(4)).toEqual(['left c4', 'left c3']);
    expect(b.story).toEqual(['c4 2', 'c3 2']);
    expect([a.acts(), b.acts()]).toEqual([
      ['c1', 'c2'],
      ['c3', 'c4'],
    ]);
  });

  test('until a stop, which hands them on at once', async () => {
    const a = await join('a', ['c1']);
    const b = await join('b', ['c1']);
    await stop(a);
    await pass(2 * RENEW_EVERY_MS);
    expect(b.story).toEqual(['c1 2']);
  });

  test('by one at a time also while the old owner still drains', async () => {
    const a = await join('a', ['c1']);
    const b = await join('b', ['c1']);
    a.waits = true;
    a.stopped = true;
    const stopping = a.holder.stop();
    await pass(20_000);
    expect([a.acts(), b.acts()]).toEqual([['c1'], []]);
    a.finish();
    await stopping;
    await pass(2 * RENEW_EVERY_MS);
    expect(b.acts()).toEqual(['c1']);
  });

  test('no longer than the margin before its end by a node that stands still', async () => {
    const own = new ManualClock(5_000);
    const a = await join('a', ['c1'], null, own);
    const b = await join('b', ['c1']);
    // a stands still: its clock goes on, and nobody calls it.
    leases.clock.advance(LEASE_MS + MARGIN_MS - 1);
    await settle();
    expect(b.acts()).toEqual([]);
    await pass(2 * RENEW_EVERY_MS);
    expect(b.story).toEqual(['c1 2']);
    // It wakes up: at the first moment its own clock says that its time is over.
    own.advance(LEASE_MS + MARGIN_MS + RENEW_EVERY_MS);
    expect(a.acts()).toEqual([]);
    await settle();
    expect(a.story.at(-1)).toBe('left c1');
  });

  test('not by a node that cannot reach the store: it lets go in time, and takes up again what nobody took', async () => {
    const a = await join('a', ['c1']);
    leases.away = true;
    await pass(LEASE_MS - MARGIN_MS - RENEW_EVERY_MS);
    expect(a.acts()).toEqual(['c1']);
    await pass(2 * RENEW_EVERY_MS);
    expect(a.acts()).toEqual([]);
    expect(a.story).toEqual(['c1 1', 'left c1']);
    leases.settle('c1', 1);
    leases.away = false;
    await pass(2 * RENEW_EVERY_MS);
    expect(a.story).toEqual(['c1 1', 'left c1', 'c1 2 knows self']);
    expect(a.acts()).toEqual(['c1']);
  });

  test('a lease that was let go of is not taken again before all that is known of it is recorded', async () => {
    const a = await join('a', ['c1']);
    a.waits = true;
    leases.away = true;
    await pass(LEASE_MS);
    leases.away = false;
    await pass(30_000);
    expect(a.story).toEqual(['c1 1', 'left c1']);
    a.waits = false;
    a.finish();
    await pass(2 * RENEW_EVERY_MS);
    expect(a.story.at(-1)).toBe('c1 2 knows self');
  });

  test('what a predecessor on the same data had is taken at once, with what is known of it', async () => {
    const a = await join('a', ['c1', 'c2']);
    await leases.settle('c1', 1);
    // Killed: its clock is not read any more.
    nodes.splice(0);
    a.holder.mayAct('c1');
    const dead = new HandLeases(leases.clock);
    for (const [name, row] of leases.rows) dead.rows.set(name, { ...row });
    leases = dead;
    const b = await join('b', ['c1', 'c2'], a.id);
    expect(b.story).toEqual(['c1 2 knows predecessor', 'c2 2']);
  });

  test('one that cannot be used is given up', async () => {
    const a = await join('a', []);
    a.fails = true;
    a.wants = ['c1'];
    await pass(RENEW_EVERY_MS);
    expect(a.story.slice(0, 2)).toEqual(['c1 1', 'left c1']);
    a.fails = false;
    await pass(3 * RENEW_EVERY_MS);
    expect(a.acts()).toEqual(['c1']);
  });

  test('one that is not wanted any more is given up', async () => {
    const a = await join('a', ['c1', 'c2']);
    a.wants = ['c2'];
    await pass(RENEW_EVERY_MS);
    expect(a.story.at(-1)).toBe('left c1');
    expect(leases.rows.get('c1')?.owner).toBe(null);
  });

  test('and what owners tell reaches everybody', async () => {
    const a = await join('a', ['c1']);
    const b = await join('b', ['c1']);
    a.told = '{"up":1}';
    await pass(2 * RENEW_EVERY_MS);
    expect(b.holder.view!.beat.leases).toMatchObject([{ name: 'c1', owner: a.id, facts: '{"up":1}' }]);
  });
});

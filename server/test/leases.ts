import { givenUp, type Lease, mayBeTaken, renewed, taken } from '../src/domain/lease.ts';
import type { TestLeases } from '../src/leases/contract.ts';
import type { Beat, HeldLease, Leases, NodeFacts, Taken, TellingNode } from '../src/leases/leases.ts';
import { ManualClock } from '../src/lib/manual-clock.ts';

interface Row extends Lease {
  settled: number;
  facts: string | null;
}

/** The leases of an installation in this process, under a clock moved by hand. */
export class HandLeases implements TestLeases {
  readonly clock: ManualClock;
  readonly rows = new Map<string, Row>();
  readonly #nodes = new Map<string, { node: NodeFacts; told: string | null; at: number }>();
  /** Whether nobody is answered. */
  away = false;

  constructor(clock = new ManualClock()) {
    this.clock = clock;
  }

  open(): Leases {
    const answered = async <T>(work: () => T): Promise<T> => {
      if (this.away) throw new Error('the store is away');
      return work();
    };
    return {
      beat: (node, held) => answered(() => this.#beat(node, held)),
      take: (name, node, idle) => answered(() => this.#take(name, node, idle)),
      giveUp: (name, node, epoch) =>
        answered(() => {
          const row = this.rows.get(name);
          if (row?.owner === node && row.epoch === epoch)
            this.rows.set(name, { ...row, ...givenUp(row, this.clock.now()), facts: null });
        }),
      facts: () =>
        answered(() => {
          const told = this.#seen().flatMap(([id, node]) => (node.told === null ? [] : [[id, node.told] as const]));
          return new Map(told);
        }),
      leave: (node) => answered(() => void this.#nodes.delete(node)),
      close: async () => {},
    };
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
  }

  async settle(name: string, epoch: number): Promise<void> {
    const row = this.rows.get(name);
    if (row?.epoch === epoch) row.settled = epoch;
  }

  async close(): Promise<void> {}

  #seen() {
    return [...this.#nodes].filter(([, { at }]) => this.clock.now() - at < 300_000);
  }

  #beat({ facts: told, ...node }: TellingNode, held: readonly HeldLease[]): Beat {
    const now = this.clock.now();
    this.#nodes.set(node.id, { node, told: told ?? this.#nodes.get(node.id)?.told ?? null, at: now });
    const again = new Set<string>();
    for (const { name, epoch, facts } of held) {
      const row = this.rows.get(name) ?? null;
      const lease = renewed(row, node.id, epoch, now);
      if (lease === null) continue;
      this.rows.set(name, { ...row!, ...lease, facts });
      again.add(name);
    }
    const rows = [...this.rows.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
    return {
      renewed: again,
      leases: rows.map(({ name, owner, epoch, untilMs, facts }) => ({
        name,
        owner,
        epoch,
        leftMs: untilMs - now,
        facts,
      })),
      nodes: this.#seen()
        .map(([, each]) => ({ ...each.node, seenMs: now - each.at }))
        .sort((one, other) => (one.id < other.id ? -1 : 1)),
    };
  }

  #take(name: string, node: string, idle: readonly string[]): Taken | null {
    const now = this.clock.now();
    const row = this.rows.get(name) ?? null;
    if (!mayBeTaken(row, now, idle)) return null;
    const lease = taken(name, row, node, now);
    this.rows.set(name, { ...lease, settled: row?.settled ?? 0, facts: null });
    const before = row && { owner: row.owner, epoch: row.epoch, settled: row.settled === row.epoch };
    return { epoch: lease.epoch, before };
  }
}

import { Lru } from '../../lib/lru.ts';
import type { Database } from './database.ts';

const CAPACITY = 100_000;

/** Whose each plan is. That never changes, so the plans of the moment are remembered instead of looked up. */
export class PlanOwners {
  readonly #db: Database;
  readonly #owners = new Lru<number, number>(CAPACITY);

  constructor(db: Database) {
    this.#db = db;
  }

  /** Whose these are, for `of`. At most {@link CAPACITY} at a time. */
  async load(planIds: Iterable<number>): Promise<void> {
    const unknown = [...new Set(planIds)].filter((id) => this.#owners.get(id) === undefined);
    if (unknown.length === 0) return;
    for (const [id, owner] of await this.#db.lists('SELECT id, business_id FROM plan WHERE id IN (?)', unknown)) {
      this.#owners.set(id as number, owner as number);
    }
  }

  /** @throws when there is no such plan, or it was not loaded */
  of(planId: number): number {
    const owner = this.#owners.get(planId);
    if (owner === undefined) throw new Error(`no plan has id ${planId}`);
    return owner;
  }

  remember(planId: number, businessId: number): void {
    this.#owners.set(planId, businessId);
  }
}

import { NumberCache } from '../../lib/number-cache.ts';
import type { Database } from './database.ts';

/** 131,072 plans, 2 MB. */
const PLACES_BITS = 17;

/** Whose each plan is. That never changes, so the plans of the moment are remembered instead of looked up. */
export class PlanOwners {
  readonly #db: Database;
  readonly #owners = new NumberCache(PLACES_BITS);

  constructor(db: Database) {
    this.#db = db;
  }

  of(planId: number): number {
    let owner = this.#owners.get(planId);
    if (owner === undefined) {
      const row = this.#db.get('SELECT business_id FROM plan WHERE id = ?', planId);
      if (row === undefined) throw new Error(`no plan has id ${planId}`);
      owner = row.business_id as number;
      this.#owners.set(planId, owner);
    }
    return owner;
  }

  remember(planId: number, businessId: number): void {
    this.#owners.set(planId, businessId);
  }
}

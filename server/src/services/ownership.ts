import type { Tx } from '../store/store.ts';

/** In whose name messages are claimed: the lease of their channel, and its epoch. */
export interface Claimant {
  lease: string;
  epoch: number;
}

const NOBODY = -1;

/** Tells within one transaction who may still act on what. A process that shares nothing with others names no claimant. */
export class Ownership {
  readonly #tx: Tx;
  readonly #may = new Map<string, number>();

  constructor(tx: Tx) {
    this.#tx = tx;
  }

  async isOwner(claimant: Claimant | undefined): Promise<boolean> {
    if (claimant === undefined) return true;
    const { lease, epoch } = claimant;
    let may = this.#may.get(lease);
    if (may === undefined) {
      const row = await this.#tx.leases.byName(lease);
      may = row === null || row.settled !== row.epoch ? NOBODY : row.epoch;
      this.#may.set(lease, may);
    }
    return may === epoch;
  }
}

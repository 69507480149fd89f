/** Reports remembered at least; at most twice as many are. */
const GENERATION = 50_000;

/**
 * Ids of reports that were applied lately, with the recipient of each: carriers repeat reports, and a repeated one is no
 * orphan. What is forgotten, or was applied by an earlier process, only counts as one.
 */
export class RecentReports {
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  add(carrierId: string, recipient: number): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(carrierId, recipient);
  }

  has(carrierId: string, recipient: number | null): boolean {
    const known = this.#young.get(carrierId) ?? this.#old.get(carrierId);
    return known !== undefined && (recipient === null || known === recipient);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

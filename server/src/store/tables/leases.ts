/** What transactions have to know of leases; who has them is decided beside the transactions (leases/leases.ts). */
export interface LeaseTable {
  /**
   * How a lease stands; null when nobody has it. `settled`: the last epoch whose owner has settled what those before it had
   * left; only then may it claim anything. A store that one process alone can open has no leases.
   */
  byName(name: string): Promise<{ epoch: number; settled: number } | null>;
  /** The owner of this epoch has settled what those before it had left. */
  settle(name: string, epoch: number): Promise<void>;
}

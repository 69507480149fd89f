import type { LeaseTable } from '../store.ts';

/** One process at a time has the file open (lock.ts): there is nothing to be leased. */
export const noLeases: LeaseTable = {
  byName: async () => null,
  settle: async () => {},
};

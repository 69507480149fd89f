import { type Refusal, Refused } from '../src/domain/refusals.ts';

/** The refusal that `work` throws; fails when it does otherwise. */
export function refused(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
  throw new Error('nothing was refused');
}

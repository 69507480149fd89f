import { randomUint32 } from './random.ts';

/** Wait before try number `attempt` (from 0): doubling from `minMs` to `maxMs`, less up to half of it by chance. */
export function nextDelayMs(attempt: number, minMs: number, maxMs: number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (0.5 + randomUint32() / 2 ** 33));
}

import { useCallback, useState } from 'react';
import { useLive } from '../../api/live.ts';
import { momentOf, now } from '../../lib/time.ts';

/** How far back the live chart reaches. */
export const WINDOW_MS = 300_000;
/** Points a line may have: one a second. */
const MOST_POINTS = WINDOW_MS / 1_000;

export interface Rate {
  at: number;
  /** Messages a second. */
  submitted: number;
  delivered: number;
  failed: number;
}

const FAILED = ['undelivered', 'expired', 'rejected', 'expired_unsent', 'refused', 'failed'] as const;

/** Messages a second by what became of them, as the server tells, over the last minutes. */
export function useRate(): { rates: readonly Rate[]; state: ReturnType<typeof useLive> } {
  const [rates, setRates] = useState<readonly Rate[]>([]);
  const told = useCallback((event: Parameters<Parameters<typeof useLive>[1]>[0]) => {
    if (event.topic !== 'overview') return;
    const { states, span_ms } = event;
    const perSecond = (count: number) => (span_ms === 0 ? 0 : Math.round((count * 10_000) / span_ms) / 10);
    const rate: Rate = {
      at: momentOf(event.at),
      submitted: perSecond(states.submitted ?? 0),
      delivered: perSecond(states.delivered ?? 0),
      failed: perSecond(FAILED.reduce((sum, state) => sum + (states[state] ?? 0), 0)),
    };
    setRates((before) => {
      const since = now() - WINDOW_MS;
      return [...before.slice(-MOST_POINTS).filter(({ at }) => at >= since), rate];
    });
  }, []);
  const state = useLive(['overview'], told);
  return { rates, state };
}

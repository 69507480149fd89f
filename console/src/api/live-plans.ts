import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { after } from '../lib/time.ts';
import { useRefresh } from './hooks.ts';
import { type LiveState, useLive } from './live.ts';
import type { Schemas } from './schema.js';

type Plan = Schemas['Plan'];
type Listed = { items: Plan[]; next_cursor: string | null };

/** A plan's counts cost the server a question of their own, so they are asked for at most so often. */
const COUNTS_EVERY_MS = 1_000;

/** Keeps plans that are shown as they are: what the server tells stands in lists and pages at once. */
export function useLivePlans({ paused = false }: { paused?: boolean } = {}): LiveState {
  const queries = useQueryClient();
  const refresh = useRefresh();
  const waiting = useRef(false);
  return useLive(
    ['plans'],
    (told) => {
      if (told.topic === 'reset' || (told.topic === 'plans' && told.more)) {
        void refresh(['GET /plans', 'GET /plans/{id}']);
        return;
      }
      if (told.topic !== 'plans') return;
      const now = new Map(told.plans.map((plan) => [plan.plan_id, plan]));
      queries.setQueriesData<Listed>(
        { queryKey: ['GET /plans'] },
        (listed) => listed && { ...listed, items: listed.items.map((plan) => now.get(plan.plan_id) ?? plan) },
      );
      queries.setQueriesData<Schemas['PlanProgress']>({ queryKey: ['GET /plans/{id}'] }, (shown) => {
        const fresh = shown && now.get(shown.plan_id);
        return fresh ? { ...shown, ...fresh } : shown;
      });
      if (waiting.current) return;
      waiting.current = true;
      after(COUNTS_EVERY_MS, () => {
        waiting.current = false;
        void refresh(['GET /plans/{id}', 'GET /plans/{id}/messages']);
      });
    },
    { paused },
  );
}

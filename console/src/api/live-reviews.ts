import { useRefresh } from './hooks.ts';
import { useLive } from './live.ts';

/** Asks anew what signatures and templates are, as soon as one of them is decided or changed. */
export function useLiveReviews(): void {
  const refresh = useRefresh();
  useLive(['reviews'], () => {
    void refresh(['GET /signatures', 'GET /templates', 'GET /templates/{id}', 'GET /review-queue']);
  });
}

import { Navigate } from '@tanstack/react-router';
import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { Wait } from '../../parts/shell/wait.tsx';

/**
 * Where somebody arrives goes on: to the overview, or to what is done first on an installation without any business, or in a
 * business that has never sent anything.
 */
export function Home() {
  const may = useMay();
  const ofPlatform = useMember().business_id === null;
  const founder = ofPlatform && may('businesses:manage');
  const sender = !ofPlatform && may('messages:send');
  const businesses = useLook('GET /businesses', { query: { limit: '2' } }, { enabled: founder });
  const plans = useLook('GET /plans', { query: { limit: '1' } }, { enabled: sender });
  if ((founder && businesses.isPending) || (sender && plans.isPending)) return <Wait />;
  const isNew = businesses.data?.items.every(({ admin }) => admin) || plans.data?.items.length === 0;
  return <Navigate to={isNew ? '/welcome' : '/overview'} replace />;
}

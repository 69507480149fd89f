import { Navigate } from '@tanstack/react-router';
import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { Wait } from '../../parts/shell/wait.tsx';

/** Where somebody arrives goes on: to the overview, or on an installation without any business to what is done first. */
export function Home() {
  const may = useMay();
  const founder = useMember().business_id === null && may('businesses:manage');
  const { data, isPending } = useLook('GET /businesses', { query: { limit: '2' } }, { enabled: founder });
  if (founder && isPending) return <Wait />;
  const isNew = founder && data?.items.every(({ admin }) => admin);
  return <Navigate to={isNew ? '/welcome' : '/overview'} replace />;
}

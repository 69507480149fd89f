import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { Wait } from '../../parts/shell/wait.tsx';
import { Overview } from '../overview/overview.tsx';
import { Welcome } from './welcome.tsx';

/** Where somebody arrives: the overview, or on an installation without any business what is to be done first. */
export function Home() {
  const may = useMay();
  const founder = useMember().business_id === null && may('businesses:manage');
  const { data, isPending } = useLook('GET /businesses', { query: { limit: '2' } }, { enabled: founder });
  if (founder && isPending) return <Wait />;
  return founder && data?.items.every(({ admin }) => admin) ? <Welcome /> : <Overview />;
}

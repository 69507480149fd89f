import { Select } from 'antd';
import { useLook } from '../../api/hooks.ts';
import { useMember } from '../../api/session.ts';
import { useWords } from '../../words/index.tsx';
import { useFilters } from '../table/filters.ts';

/** As many businesses as one list of the API holds. */
const MOST = '1000';

/** The businesses of the installation, for staff; nothing for a business's own people. */
export function useBusinesses() {
  const { business_id } = useMember();
  return useLook('GET /businesses', { query: { limit: MOST } }, { enabled: business_id === null });
}

/** Names of businesses by id; empty until they are known, and for a business's own people. */
export function useBusinessNames(): ReadonlyMap<number, string> {
  const { data } = useBusinesses();
  return new Map(data?.items.map(({ business_id, user }) => [business_id, user]));
}

/** For staff: whose things a list shows, as `business` in the address. Nothing for a business's own people. */
export function BusinessFilter({ all = true }: { all?: boolean }) {
  const { common } = useWords();
  const { business_id } = useMember();
  const { data } = useBusinesses();
  const [{ business }, change] = useFilters<'business'>();
  if (business_id !== null) return null;
  const options = (data?.items ?? []).map(({ business_id: id, user }) => ({ value: String(id), label: user }));
  return (
    <Select
      showSearch={{ optionFilterProp: 'label' }}
      allowClear={all}
      aria-label={common.business}
      placeholder={common.business}
      style={{ minWidth: 180 }}
      value={business ?? null}
      options={options}
      onChange={(value: string | null) => change({ business: value ?? undefined } as never)}
    />
  );
}

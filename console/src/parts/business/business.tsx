import { Select } from 'antd';
import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useWords } from '../../words/index.tsx';
import { useFilters } from '../table/filters.ts';

/** The business a page is about: the member's own, or the one that stands in the address; null while none is chosen. */
export function useBusiness(): string | null {
  const own = useMember().business_id;
  const [{ business_id: chosen }] = useFilters<'business_id'>();
  return own === null ? (chosen ?? null) : String(own);
}

/** Lets the staff choose a business; nothing for others. */
export function ChooseBusiness({ optional = false, placeholder }: { optional?: boolean; placeholder?: string }) {
  const { common, businesses: words } = useWords();
  const staff = useMember().business_id === null;
  const may = useMay();
  const [{ business_id: chosen }, change] = useFilters<'business_id'>();
  const { data } = useLook(
    'GET /businesses',
    { query: { limit: '1000' } },
    { enabled: staff && may('businesses:read') },
  );
  if (!staff) return null;
  return (
    <Select<string>
      {...(chosen !== undefined && { value: chosen })}
      placeholder={placeholder ?? (optional ? words.anyBusiness : words.choose)}
      aria-label={common.business}
      allowClear={optional}
      showSearch={{ optionFilterProp: 'label' }}
      style={{ width: 220 }}
      options={(data?.items ?? []).map(({ business_id: id, user }) => ({
        value: String(id),
        label: `${user} (${id})`,
      }))}
      onChange={(value?: string) => change({ business_id: value ?? '' })}
    />
  );
}

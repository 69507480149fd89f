import { Checkbox, Input, Select, type TableColumnsType, Tabs } from 'antd';
import dayjs from 'dayjs';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMember } from '../../api/session.ts';
import { ChooseBusiness } from '../../parts/business/business.tsx';
import { RangeField } from '../../parts/dates/dates.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { Pill, type Tone } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { Keywords } from './keywords.tsx';
import { InboundNumbers } from './numbers.tsx';
import { Words } from './opt-words.tsx';
import { Unmatched } from './unmatched.tsx';

type Inbound = Schemas['InboundMessage'];
type Kind = Inbound['kind'];
type Filter = 'cursor' | 'business_id' | 'kind' | 'from' | 'to' | 'since' | 'until' | 'unmatched';

const TONES: Record<Kind, Tone> = { plain: 'rest', 'opt-out': 'warn', 'opt-in': 'good', keyword: 'calm' };

/** What people have written back, and what becomes of it. */
export function InboundPage() {
  const { inbound: words } = useWords();
  const [{ tab = 'messages' }, change] = useFilters<'tab'>();
  const staff = useMember().business_id === null;
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(key) => change({ tab: key === 'messages' ? '' : key })}
        items={[
          { key: 'messages', label: words.messages, children: <InboundList /> },
          { key: 'keywords', label: words.keywords, children: <Keywords /> },
          { key: 'words', label: words.optWords, children: <Words /> },
          ...(staff ? [{ key: 'numbers', label: words.numbers, children: <InboundNumbers /> }] : []),
        ]}
      />
    </Page>
  );
}

function InboundList() {
  const { inbound: words, common } = useWords();
  const [filters, change] = useFilters<Filter | 'tab'>();
  const { tab: _, kind, unmatched, ...query } = filters;
  const asked = useLook('GET /inbound', {
    query: { ...query, ...(kind && { kind: kind as Kind }), ...(unmatched && { unmatched: 'yes' as const }) },
  });
  const staff = useMember().business_id === null;
  const { since, until } = filters;
  return (
    <>
      <Toolbar>
        <ChooseBusiness optional />
        {staff && (
          <Checkbox
            checked={unmatched === 'yes'}
            onChange={({ target }) => change({ unmatched: target.checked ? 'yes' : '' })}
          >
            {words.unmatchedOnly}
          </Checkbox>
        )}
        <Select<string>
          value={kind ?? ''}
          aria-label={words.kind}
          style={{ width: 150 }}
          options={[
            { value: '', label: words.anyKind },
            ...Object.entries(words.kinds).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(value) => change({ kind: value })}
        />
        <Input.Search
          key={filters.from ?? ''}
          defaultValue={filters.from ?? ''}
          placeholder={words.from}
          aria-label={words.from}
          allowClear
          style={{ width: 210 }}
          onSearch={(value) => change({ from: value.replace(/[\s-]/g, '') })}
        />
        <RangeField
          showTime={{ format: 'HH:mm' }}
          aria-label={common.time}
          value={since === undefined || until === undefined ? null : [dayjs(since), dayjs(until)]}
          onChange={(range) =>
            change({ since: range?.[0]?.toISOString() ?? '', until: range?.[1]?.toISOString() ?? '' })
          }
        />
      </Toolbar>
      <ListTable
        label={words.title}
        query={asked}
        columns={useColumns()}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noneTitle} text={words.noneText} />}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Inbound> {
  const { inbound: words } = useWords();
  const format = useFormat();
  return [
    { title: words.received, render: (_, { received_at: at }) => <span className="number">{format.time(at)}</span> },
    { title: words.from, render: (_, { from }) => <span className="number">{phoneText(from)}</span> },
    { title: words.to, render: (_, { to }) => <span className="number">{to}</span> },
    {
      title: words.text,
      render: (_, { text, missing }) => (
        <span style={{ whiteSpace: 'pre-wrap' }}>
          {text}
          {missing > 0 && <span className="quiet"> {words.missing(missing)}</span>}
        </span>
      ),
    },
    {
      title: words.kind,
      render: (_, { kind, keyword }) => (
        <Pill tone={TONES[kind]}>{keyword === '' ? words.kinds[kind] : `${words.kinds[kind]} ${keyword}`}</Pill>
      ),
    },
    {
      title: words.business,
      render: (_, message) => (message.business_id === null ? <Unmatched message={message} /> : message.business_id),
    },
    {
      title: words.reply,
      render: (_, { reply_plan_id: plan, reply_error: error }) =>
        plan === null ? error : <span className="mono">{plan}</span>,
    },
  ];
}

import { Input, Select, Table, type TableColumnsType } from 'antd';
import dayjs from 'dayjs';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMember } from '../../api/session.ts';
import { ChooseBusiness } from '../../parts/business/business.tsx';
import { RangeField } from '../../parts/dates/dates.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { changesOf } from './changes.ts';

type Entry = Schemas['AuditEntry'];
type Filter = 'cursor' | 'business_id' | 'member_id' | 'action' | 'object' | 'object_id' | 'from' | 'to';

/** More fields are only told when somebody opens the change. */
const SHOWN_FIELDS = 4;

/** Who changed what, from where, and how it stood before and after. */
export function Audit() {
  const { audit: words, common } = useWords();
  const [{ object, ...filters }, change] = useFilters<Filter>();
  const staff = useMember().business_id === null;
  const query = useLook('GET /audit', { query: { ...filters, ...(object && { object: object as Entry['object'] }) } });
  return (
    <Page title={words.title} lead={words.lead}>
      <Toolbar>
        {staff && <ChooseBusiness optional />}
        <Select<string>
          value={object ?? ''}
          aria-label={words.object}
          style={{ width: 190 }}
          options={[
            { value: '', label: words.anyObject },
            ...Object.entries(words.objects).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(value) => change({ object: value, object_id: '' })}
        />
        {object !== undefined && (
          <Input.Search
            key={`id ${filters.object_id ?? ''}`}
            defaultValue={filters.object_id ?? ''}
            placeholder={words.objectId}
            aria-label={words.objectId}
            allowClear
            style={{ width: 160 }}
            onSearch={(value) => change({ object_id: value.trim() })}
          />
        )}
        <Input.Search
          key={`action ${filters.action ?? ''}`}
          defaultValue={filters.action ?? ''}
          placeholder={words.action}
          aria-label={words.action}
          allowClear
          style={{ width: 210 }}
          onSearch={(value) => change({ action: value.trim() })}
        />
        <RangeField
          showTime={{ format: 'HH:mm' }}
          aria-label={common.time}
          value={
            filters.from === undefined || filters.to === undefined ? null : [dayjs(filters.from), dayjs(filters.to)]
          }
          onChange={(range) => change({ from: range?.[0]?.toISOString() ?? '', to: range?.[1]?.toISOString() ?? '' })}
        />
      </Toolbar>
      <ListTable
        label={words.title}
        query={query}
        columns={useColumns()}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noneTitle} text={words.noneText} />}
      />
    </Page>
  );
}

function useColumns(): TableColumnsType<Entry> {
  const { audit: words, common } = useWords();
  const format = useFormat();
  return [
    { title: common.time, render: (_, { at }) => <span className="number">{format.time(at)}</span> },
    {
      title: words.by,
      render: (_, { by, address, via }) => (
        <>
          {by.name === '' ? words.actors[by.kind] : by.name}
          <div className="quiet">
            {[by.name === '' ? '' : words.actors[by.kind], words.ways[via], address]
              .filter((part) => part !== '')
              .join(' · ')}
          </div>
        </>
      ),
    },
    { title: words.action, render: (_, { action }) => <span className="mono">{action}</span> },
    {
      title: words.object,
      render: (_, { object, object_id: id }) => (
        <>
          {words.objects[object]} {id !== '' && <span className="mono">{id}</span>}
        </>
      ),
    },
    { title: common.business, render: (_, { business_id: id }) => id ?? '' },
    { title: words.change, render: (_, { before, after }) => <Change before={before} after={after} /> },
  ];
}

function Change({ before, after }: Pick<Entry, 'before' | 'after'>) {
  const { audit: words } = useWords();
  const changes = changesOf(before, after);
  if (changes.length === 0) return null;
  return (
    <details>
      <summary>
        {changes
          .slice(0, SHOWN_FIELDS)
          .map(({ field }) => field)
          .join(', ')}
        {changes.length > SHOWN_FIELDS && ' …'}
      </summary>
      <Table
        size="small"
        pagination={false}
        rowKey="field"
        dataSource={changes}
        columns={[
          { title: words.field, render: (_, { field }) => <span className="mono">{field}</span> },
          { title: words.before, render: (_, change) => <span className="mono">{change.before}</span> },
          { title: words.after, render: (_, change) => <span className="mono">{change.after}</span> },
        ]}
      />
    </details>
  );
}

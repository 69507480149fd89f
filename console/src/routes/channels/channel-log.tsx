import { Alert, Input, Select, type TableColumnsType } from 'antd';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useFormat } from '../../parts/format/format.ts';
import { Teach, Toolbar } from '../../parts/page/page.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

type Exchange = Schemas['Exchange'];
type Kind = Exchange['kind'];

/** What a channel and its carrier have said to each other, the newest first. */
export function ChannelLog({ id }: { id: string }) {
  const { channels: words } = useWords();
  const [filters, change] = useFilters<'message' | 'status' | 'kind' | 'cursor' | 'tab'>();
  const { kind, tab: _, ...query } = filters;
  const asked = useLook('GET /channels/{id}/log', {
    path: { id },
    query: { ...query, ...(kind && { kind: kind as Kind }) },
  });
  return (
    <>
      <Toolbar>
        <Select<string>
          value={kind ?? ''}
          aria-label={words.exchange}
          style={{ width: 190 }}
          options={[
            { value: '', label: words.anyExchange },
            ...Object.entries(words.exchanges).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(value) => change({ kind: value })}
        />
        <Input.Search
          key={`message ${filters.message ?? ''}`}
          defaultValue={filters.message ?? ''}
          placeholder={words.messageId}
          aria-label={words.messageId}
          allowClear
          style={{ width: 240 }}
          onSearch={(value) => change({ message: value.trim() })}
        />
        <Input.Search
          key={`status ${filters.status ?? ''}`}
          defaultValue={filters.status ?? ''}
          placeholder={words.status}
          aria-label={words.status}
          allowClear
          style={{ width: 220 }}
          onSearch={(value) => change({ status: value.trim() })}
        />
      </Toolbar>
      {asked.data?.unheard.map(({ host, pid }) => (
        <Alert
          key={`${host} ${pid}`}
          type="warning"
          showIcon
          title={words.logUnheard(host, pid)}
          style={{ marginBottom: 12 }}
        />
      ))}
      <ListTable
        label={words.log}
        query={asked}
        columns={useColumns()}
        rowKey={(line) => line.id}
        empty={<Teach title={words.noLogTitle} text={asked.data?.logging === false ? words.logOff : words.noLogText} />}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Exchange> {
  const { channels: words, common } = useWords();
  const format = useFormat();
  return [
    { title: common.time, render: (_, { at }) => <span className="number">{format.time(at)}</span> },
    { title: words.exchange, render: (_, { kind }) => words.exchanges[kind] },
    { title: words.bind, align: 'right', className: 'number', render: (_, { bind }) => bind },
    {
      title: words.took,
      align: 'right',
      className: 'number',
      render: (_, { duration_ms: ms }) => (ms === null ? '' : `${format.number(Math.round(ms * 10) / 10)} ms`),
    },
    { title: words.status, render: (_, { status }) => <span className="mono">{status}</span> },
    { title: common.number, render: (_, { number }) => <span className="number">{number}</span> },
    { title: words.messageId, render: (_, { message_id: id }) => <span className="mono">{id ?? ''}</span> },
    { title: words.carrierId, render: (_, { carrier_id: id }) => <span className="mono">{id}</span> },
    { title: words.detail, render: (_, { detail }) => detail },
  ];
}

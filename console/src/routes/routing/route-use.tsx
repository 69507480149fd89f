import { Segmented, Table } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import { useChannelNames } from './channel-names.ts';

type Use = Schemas['RouteFigures']['items'][number];
type Counts = Omit<Use['channels'][number], 'channel_id'>;

const SPANS = [1, 24, 168, 720];
const COUNTS = ['messages', 'fallback', 'stand_in', 'passed_on', 'dead_ends'] as const;

/** How often each route was used, fell back, failed over, and found no channel. */
export function RouteUse() {
  const { routing: words } = useWords();
  const nameOf = useChannelNames();
  const [hours, setHours] = useState(24);
  const { data, error, refetch } = useLook('GET /routes/figures', { query: { hours: String(hours) } });
  const titles: Record<(typeof COUNTS)[number], string> = {
    messages: words.messages,
    fallback: words.byFallback,
    stand_in: words.standIn,
    passed_on: words.passedOn,
    dead_ends: words.deadEnds,
  };
  const columns = COUNTS.map((name) => ({
    title: titles[name],
    align: 'right' as const,
    className: 'number',
    render: (_: unknown, counts: Counts) => counts[name].toLocaleString(),
  }));
  return (
    <>
      <p className="quiet">{words.useHint}</p>
      <Segmented
        aria-label={words.hours}
        value={hours}
        onChange={setHours}
        options={SPANS.map((value) => ({ value, label: `${value} h` }))}
        style={{ marginBottom: 12 }}
      />
      <ProblemNote error={error} onAgain={() => void refetch()} />
      <Table<Use>
        aria-label={words.use}
        size="small"
        pagination={false}
        scroll={{ x: 'max-content' }}
        rowKey={({ route_id }) => route_id ?? 0}
        dataSource={data?.items ?? []}
        columns={[{ title: words.title, render: (_, { name }) => name ?? words.noRoute }, ...columns]}
        expandable={{
          rowExpandable: ({ channels }) => channels.length > 0,
          expandedRowRender: ({ channels }) => (
            <Table
              size="small"
              pagination={false}
              rowKey="channel_id"
              dataSource={channels}
              columns={[{ title: words.channel, render: (_, { channel_id }) => nameOf(channel_id) }, ...columns]}
            />
          ),
        }}
      />
    </>
  );
}

import { Link } from '@tanstack/react-router';
import { Button, Table } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LiveSwitch, useLiveList } from '../../parts/live/live-list.tsx';
import { Page, Panel, Teach } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pages } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { LimitTag, LinkTag } from './channel-tags.tsx';

type Channel = Schemas['Channel'];

const LIVE_TOPICS = ['channels'] as const;
const LIVE_ROUTES = ['GET /channels', 'GET /channels/{id}/facts'] as const;

/** The ways out: how each stands, how fast it goes and what holds it. */
export function Channels() {
  const { channels: words } = useWords();
  const may = useMay();
  const live = useLiveList(LIVE_TOPICS, LIVE_ROUTES);
  const { data, error, refetch } = useLook('GET /channels', {});
  if (data === undefined && error === null) return <Wait />;
  const add = may('channels:manage') && (
    <Link to="/channels/new">
      <Button type="primary">{words.add}</Button>
    </Link>
  );
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <LiveSwitch live={live} />
          {add}
        </>
      }
    >
      <ProblemNote error={error} onAgain={() => void refetch()} />
      {data?.items.length === 0 ? (
        <Panel>
          <Teach title={words.noneTitle} text={words.noneText} action={add} />
        </Panel>
      ) : (
        <ChannelTable channels={data?.items ?? []} />
      )}
      <Pages next={data?.next_cursor ?? null} busy={false} />
    </Page>
  );
}

function ChannelTable({ channels }: { channels: Channel[] }) {
  const { channels: words, common } = useWords();
  const format = useFormat();
  return (
    <Table<Channel>
      aria-label={words.title}
      size="middle"
      pagination={false}
      scroll={{ x: 'max-content' }}
      rowKey={({ id }) => id}
      dataSource={channels}
      columns={[
        {
          title: common.name,
          render: (_, { id, name, address }) => (
            <>
              <Link to="/channels/$id" params={{ id: String(id) }}>
                {name}
              </Link>
              <div className="quiet">{address}</div>
            </>
          ),
        },
        { title: words.kind, render: (_, { kind }) => words.kinds[kind] },
        {
          title: words.link,
          render: (_, { state }) => (
            <>
              <LinkTag link={state.link} />
              {state.reason !== '' && <div className="quiet">{state.reason}</div>}
            </>
          ),
        },
        { title: words.speed, render: (_, { id, enabled }) => (enabled ? <Speed id={id} /> : '–') },
        {
          title: words.window,
          align: 'right',
          className: 'number',
          render: (_, { state }) => `${format.number(state.in_flight)} / ${format.number(state.window)}`,
        },
        {
          title: words.submitted,
          align: 'right',
          className: 'number',
          render: (_, { state }) => format.number(state.submitted),
        },
        {
          title: words.throttled,
          align: 'right',
          className: 'number',
          render: (_, { state }) => format.number(state.throttled),
        },
        { title: common.actions, render: (_, channel) => <ChannelVerbs channel={channel} size="small" /> },
      ]}
    />
  );
}

function Speed({ id }: { id: number }) {
  const { channels: words } = useWords();
  const format = useFormat();
  const { data } = useLook('GET /channels/{id}/facts', { path: { id: String(id) } });
  if (data === undefined) return '–';
  return (
    <>
      <span className="number">{words.perSecond(format.number(Math.round(data.per_second * 10) / 10))}</span>
      <div>
        <LimitTag cause={data.limit.cause} />
      </div>
    </>
  );
}

/** Start and stop. */
export function ChannelVerbs({
  channel: { id, name, enabled },
  size,
}: {
  channel: Pick<Channel, 'id' | 'name' | 'enabled'>;
  size?: 'small';
}) {
  const { channels: words } = useWords();
  const may = useMay();
  const ask = useAsk();
  const touched = ['GET /channels', 'GET /channels/{id}', 'GET /channels/{id}/facts'] as const;
  const enable = useChange('POST /channels/{id}/enable', touched);
  const disable = useChange('POST /channels/{id}/disable', touched);
  if (!may('channels:manage')) return null;
  const path = { id: String(id) };
  if (!enabled) {
    return (
      <Button {...(size && { size })} loading={enable.isPending} onClick={() => enable.mutate({ path })}>
        {words.start}
      </Button>
    );
  }
  return (
    <Button
      {...(size && { size })}
      onClick={() =>
        ask({
          title: words.stopTitle(name),
          text: words.stopText,
          verb: words.stop,
          danger: true,
          act: () => disable.mutateAsync({ path }),
        })
      }
    >
      {words.stop}
    </Button>
  );
}

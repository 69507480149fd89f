import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Button, Progress, Table, Tabs } from 'antd';
import { lazy, type ReactNode, Suspense } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LiveSwitch, useLiveList } from '../../parts/live/live-list.tsx';
import { Facts, Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { useWords } from '../../words/index.tsx';
import { ChannelLog } from './channel-log.tsx';
import { LimitTag, LinkTag } from './channel-tags.tsx';
import { ChannelVerbs } from './channels.tsx';
import { LimitWords } from './limit-words.tsx';
import { TestChannel } from './test-channel.tsx';

// Their forms are fetched when somebody goes there.
const CallbackAddress = lazy(() => import('./renew-callback.tsx').then((file) => ({ default: file.CallbackAddress })));
const ChannelCdr = lazy(() => import('./channel-cdr.tsx').then((file) => ({ default: file.ChannelCdr })));
const ChannelCosts = lazy(() => import('./channel-costs.tsx').then((file) => ({ default: file.ChannelCosts })));

type ChannelFacts = Schemas['ChannelFacts'];

const LIVE_TOPICS = ['channels'] as const;
const LIVE_ROUTES = ['GET /channels/{id}', 'GET /channels/{id}/facts', 'GET /channels/{id}/log'] as const;

/** One channel: its binds live, what holds it, and what it has exchanged with its carrier. */
export function Channel() {
  const { cdr, channels: words, common, prices } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const path = { id };
  const may = useMay();
  const ask = useAsk();
  const navigate = useNavigate();
  const live = useLiveList(LIVE_TOPICS, LIVE_ROUTES);
  const [{ tab = 'facts' }, change] = useFilters<'tab'>();
  const { data, error, refetch } = useLook('GET /channels/{id}', { path });
  const facts = useLook('GET /channels/{id}/facts', { path });
  const remove = useChange('DELETE /channels/{id}', ['GET /channels']);
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const askToRemove = () =>
    ask({
      title: words.removeTitle(data.name),
      text: words.removeText,
      verb: common.remove,
      danger: true,
      act: async () => {
        await remove.mutateAsync({ path });
        await navigate({ to: '/channels' });
      },
    });
  return (
    <Page
      title={data.name}
      lead={
        <>
          <LinkTag link={data.state.link} /> {data.address} {data.state.reason !== '' && `· ${data.state.reason}`}
        </>
      }
      actions={
        <>
          <LiveSwitch live={live} />
          <TestChannel channel={data} />
          <ChannelVerbs channel={data} />
          {may('channels:manage') && (
            <>
              <Link to="/channels/$id/edit" params={{ id }}>
                <Button>{common.edit}</Button>
              </Link>
              <Button danger onClick={askToRemove}>
                {common.remove}
              </Button>
            </>
          )}
        </>
      }
    >
      <Tabs
        activeKey={tab}
        onChange={(key) => change({ tab: key === 'facts' ? '' : key })}
        destroyOnHidden
        items={[
          {
            key: 'facts',
            label: words.now,
            children: (
              <>
                <ProblemNote error={facts.error} />
                {facts.data !== undefined && <Now facts={facts.data} />}
              </>
            ),
          },
          { key: 'log', label: words.log, children: <ChannelLog id={id} /> },
          {
            key: 'settings',
            label: words.settings,
            children: (
              <>
                <Settings channel={data} />
                {within(<CallbackAddress channel={data} />)}
              </>
            ),
          },
          ...(may('prices:read')
            ? [
                { key: 'costs', label: prices.costs, children: within(<ChannelCosts id={id} />) },
                { key: 'cdr', label: cdr.tab, children: within(<ChannelCdr id={id} />) },
              ]
            : []),
        ]}
      />
    </Page>
  );
}

/** What is fetched when it is shown. */
const within = (screen: ReactNode) => <Suspense fallback={<Wait />}>{screen}</Suspense>;

function Now({ facts }: { facts: ChannelFacts }) {
  const { channels: words, states } = useWords();
  const format = useFormat();
  const number = (value: number) => format.number(Math.round(value * 10) / 10);
  const { response_ms: response, rate } = facts;
  return (
    <>
      <Panel title={words.limit} extra={<LimitTag cause={facts.limit.cause} />}>
        <LimitWords limit={facts.limit} />
        <Held held={facts.held} />
      </Panel>
      <Panel>
        <Facts
          items={[
            [words.speed, words.perSecond(number(facts.per_second))],
            [words.speedInMinute, words.perSecond(number(facts.per_second_in_minute))],
            [
              words.rate,
              rate === null
                ? words.noRate
                : `${words.perSecond(number(rate.per_second))}${rate.learned ? ` · ${words.learned}` : ''}`,
            ],
            [words.window, `${number(facts.in_flight)} / ${number(facts.window.now)}`],
            [words.windowConfigured, number(facts.window.configured)],
            [
              words.response,
              response === null
                ? '–'
                : words.percentiles(number(response.p50), number(response.p95), number(response.p99)),
            ],
            [words.acceptedParts, number(facts.accepted)],
            [words.refused, number(facts.refused)],
            [words.throttled, number(facts.throttled)],
            [words.unanswered, number(facts.unanswered)],
          ]}
        />
      </Panel>
      <Panel title={words.waiting} flush>
        <Table
          size="small"
          pagination={false}
          rowKey="lane"
          dataSource={(['verification', 'notification', 'marketing'] as const).map((lane) => ({
            lane,
            ...facts.waiting[lane],
          }))}
          columns={[
            { title: words.lane, render: (_, { lane }) => states.category[lane] },
            { title: words.inQueue, align: 'right', className: 'number', render: (_, { queue }) => number(queue) },
            {
              title: words.inChannel,
              align: 'right',
              className: 'number',
              render: (_, { channel }) => number(channel),
            },
          ]}
        />
      </Panel>
      <Panel title={words.binds} flush>
        <Binds binds={facts.binds} />
      </Panel>
      {facts.statuses.length > 0 && (
        <Panel title={words.statuses} flush>
          <Table
            size="small"
            pagination={false}
            rowKey="status"
            dataSource={facts.statuses}
            columns={[
              { title: words.status, render: (_, { status }) => <span className="mono">{status}</span> },
              { title: words.count, align: 'right', className: 'number', render: (_, { count }) => number(count) },
            ]}
          />
        </Panel>
      )}
    </>
  );
}

/** How the last seconds were spent. */
function Held({ held }: { held: ChannelFacts['held'] }) {
  const { channels: words } = useWords();
  return (
    <div style={{ maxWidth: 460 }}>
      {(Object.keys(held) as (keyof typeof held)[])
        .filter((limit) => held[limit] >= 0.005)
        .sort((a, b) => held[b] - held[a])
        .map((limit) => (
          <div key={limit}>
            <span>{words.held[limit]}</span>
            <Progress
              percent={Math.round(held[limit] * 100)}
              size="small"
              status="normal"
              aria-label={words.held[limit]}
            />
          </div>
        ))}
    </div>
  );
}

function Binds({ binds }: { binds: Schemas['BindFacts'][] }) {
  const { channels: words } = useWords();
  const format = useFormat();
  const number = (value: number) => format.number(Math.round(value * 10) / 10);
  return (
    <Table
      size="small"
      pagination={false}
      scroll={{ x: 'max-content' }}
      rowKey="bind"
      dataSource={binds}
      columns={[
        { title: words.bind, render: (_, { bind, type }) => `${bind} · ${type}` },
        {
          title: words.link,
          render: (_, { link, reason, since }) => (
            <>
              <LinkTag link={link} /> <span className="quiet">{format.ago(since)}</span>
              {reason !== '' && <div className="quiet">{reason}</div>}
            </>
          ),
        },
        { title: words.limit, render: (_, { limit }) => <LimitTag cause={limit.cause} /> },
        {
          title: words.speed,
          align: 'right',
          className: 'number',
          render: (_, bind) => words.perSecond(number(bind.per_second)),
        },
        {
          title: words.window,
          align: 'right',
          className: 'number',
          render: (_, bind) => `${number(bind.in_flight)} / ${number(bind.window.now)}`,
        },
        {
          title: words.response,
          align: 'right',
          className: 'number',
          render: (_, { response_ms: ms }) =>
            ms === null ? '–' : words.percentiles(number(ms.p50), number(ms.p95), number(ms.p99)),
        },
        { title: words.reconnects, align: 'right', className: 'number', render: (_, { reconnects }) => reconnects },
        {
          title: words.lastError,
          render: (_, { last_error: last }) => (last === null ? '' : `${last.text} · ${format.ago(last.at)}`),
        },
      ]}
    />
  );
}

function Settings({ channel }: { channel: Schemas['Channel'] }) {
  const own: Record<string, unknown> = { ...(channel.smpp ?? channel.http ?? channel.engagelab ?? {}) };
  return (
    <Panel>
      <Facts
        items={Object.entries(own).map(([name, value]) => [
          name,
          <span className="mono" key={name}>
            {typeof value === 'string' ? value || '–' : JSON.stringify(value)}
          </span>,
        ])}
      />
    </Panel>
  );
}

import { Link } from '@tanstack/react-router';
import { Button, Table, Tag } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { Page, Panel, Teach } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import { useChannelNames } from './channel-names.ts';
import { Explain } from './explain.tsx';
import { RouteUse } from './route-use.tsx';

type Route = Schemas['Route'];

/** Which messages go over which channels: rules in their order, and what they make of a message. */
export function Routes() {
  const { routing: words } = useWords();
  const may = useMay();
  const { data, error, refetch } = useLook('GET /routes', {});
  if (data === undefined && error === null) return <Wait />;
  const add = may('routes:manage') && (
    <Link to="/routes/new">
      <Button type="primary">{words.add}</Button>
    </Link>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <ProblemNote error={error} onAgain={() => void refetch()} />
      {data?.items.length === 0 ? (
        <Panel>
          <Teach title={words.noneTitle} text={words.noneText} action={add} />
        </Panel>
      ) : (
        <RouteTable routes={data?.items ?? []} />
      )}
      <Panel title={words.use}>
        <RouteUse />
      </Panel>
      <Panel title={words.explain}>
        <Explain />
      </Panel>
    </Page>
  );
}

function RouteTable({ routes }: { routes: Route[] }) {
  const { routing: words, common, states } = useWords();
  const nameOf = useChannelNames();
  const any = <span className="quiet">{words.any}</span>;
  const tags = (values: readonly (string | number)[]) =>
    values.length === 0 ? any : values.map((value) => <Tag key={value}>{value}</Tag>);
  return (
    <Table<Route>
      aria-label={words.title}
      size="middle"
      pagination={false}
      scroll={{ x: 'max-content' }}
      style={{ marginBottom: 16 }}
      rowKey={({ id }) => id}
      dataSource={routes}
      columns={[
        { title: '#', render: (_, { position }) => position },
        {
          title: common.name,
          render: (_, { id, name, enabled }) => (
            <>
              <Link to="/routes/$id" params={{ id: String(id) }}>
                {name}
              </Link>{' '}
              {!enabled && <Pill tone="rest">{words.off}</Pill>}
            </>
          ),
        },
        { title: words.countries, render: (_, { countries }) => tags(countries) },
        { title: words.prefixes, render: (_, { prefixes }) => tags(prefixes.map((prefix) => `+${prefix}`)) },
        {
          title: words.categories,
          render: (_, { categories }) => tags(categories.map((category) => states.category[category])),
        },
        { title: words.businesses, render: (_, { businesses }) => tags(businesses) },
        {
          title: words.targets,
          render: (_, { targets, sticky }) => (
            <>
              {targets.map(({ channel_id: id, weight }) => (
                <Tag key={id}>
                  {nameOf(id)} × {weight}
                </Tag>
              ))}
              {sticky && <span className="quiet">{words.sticky}</span>}
            </>
          ),
        },
        { title: words.fallback, render: (_, { fallback }) => fallback.map(nameOf).join(' → ') },
        { title: common.actions, render: (_, route) => <RouteVerbs route={route} /> },
      ]}
    />
  );
}

function RouteVerbs({ route: { id, name, position, enabled } }: { route: Route }) {
  const { routing: words, common } = useWords();
  const may = useMay();
  const ask = useAsk();
  const tell = useTell();
  const touched = ['GET /routes', 'GET /routes/{id}', 'GET /routes/explain'] as const;
  const edit = useChange('PATCH /routes/{id}', touched);
  const remove = useChange('DELETE /routes/{id}', touched);
  if (!may('routes:manage')) return null;
  const path = { id: String(id) };
  const change = (body: Schemas['RouteEdit']) => edit.mutateAsync({ path, body }).catch(tell.problem);
  return (
    <>
      <Button
        size="small"
        type="text"
        disabled={position === 1}
        aria-label={words.up(name)}
        onClick={() => void change({ position: position - 1 })}
      >
        ↑
      </Button>
      <Button
        size="small"
        type="text"
        aria-label={words.down(name)}
        onClick={() => void change({ position: position + 1 })}
      >
        ↓
      </Button>
      <Button size="small" type="text" onClick={() => void change({ enabled: !enabled })}>
        {enabled ? words.turnOff : words.turnOn}
      </Button>
      <Button
        size="small"
        type="text"
        danger
        onClick={() =>
          ask({
            title: words.removeTitle(name),
            text: words.removeText,
            verb: common.remove,
            danger: true,
            act: () => remove.mutateAsync({ path }),
          })
        }
      >
        {common.remove}
      </Button>
    </>
  );
}

import { Table, type TableColumnsType } from 'antd';
import { lazy, Suspense } from 'react';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useFormat } from '../../parts/format/format.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Facts, Page, Panel, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Needs } from '../../parts/shell/not-here.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useReachable } from '../../parts/table/reachable.ts';
import { useWords } from '../../words/index.tsx';
import { useMeanings } from './use-meanings.ts';

type Setup = Schemas['Settings'];
type Part = Schemas['Part'];
type Setting = Schemas['Setting'];

const LOOK_EVERY_MS = 15_000;
const OwnBusiness = lazy(() => import('../businesses/business.tsx').then((file) => ({ default: file.OwnBusiness })));

/** What the installation runs with, for its staff; what a business may set of itself, for its people. */
export function Settings() {
  const staff = useMember().business_id === null;
  if (!staff) {
    return (
      <Suspense fallback={<Wait />}>
        <OwnBusiness />
      </Suspense>
    );
  }
  return (
    <Needs permission="tasks:read">
      <Installation />
    </Needs>
  );
}

function Installation() {
  const { settings: words } = useWords();
  const { data, error, refetch } = useLook('GET /settings', {}, { everyMs: LOOK_EVERY_MS });
  return (
    <Page title={words.title} lead={words.lead}>
      <ProblemNote error={error} onAgain={() => void refetch()} />
      {data === undefined && error === null && <Wait />}
      {data !== undefined && (
        <>
          <Process setup={data} />
          <Parts parts={data.parts} />
          <RunTime />
          <Environment settings={data.settings} />
        </>
      )}
    </Page>
  );
}

function Process({ setup }: { setup: Setup }) {
  const { settings: words } = useWords();
  const format = useFormat();
  return (
    <Panel title={words.process}>
      <Facts
        items={[
          [words.version, `Signet ${setup.version}`],
          [words.node, setup.node],
          [words.platform, setup.platform],
          [words.started, format.time(setup.started_at)],
          [
            words.data,
            <span className="mono" key="data">
              {setup.data_directory}
            </span>,
          ],
          [words.disk, setup.free_disk_bytes === null ? '–' : format.octets(setup.free_disk_bytes)],
        ]}
      />
    </Panel>
  );
}

/** What it keeps things in and works with, and whether that answers. */
function Parts({ parts }: { parts: Part[] }) {
  const { settings: words } = useWords();
  return (
    <Panel title={words.parts}>
      <Facts
        items={parts.map((part) => [
          words.part[part.name],
          <div key={part.name}>
            <div>{(words.kinds as Record<string, string>)[part.kind] ?? part.kind}</div>
            {part.address !== '' && <div className="mono quiet">{part.address}</div>}
            <Reached part={part} />
          </div>,
        ])}
      />
    </Panel>
  );
}

function Reached({ part: { name, reachable } }: { part: Part }) {
  const { settings: words } = useWords();
  if (reachable === null) return <span className="quiet">{words.noRedis}</span>;
  if (reachable) return <Pill tone="good">{words.reachable}</Pill>;
  return (
    <>
      <Pill tone="bad">{words.unreachable}</Pill>
      <div className="quiet">{words.unreachableText[name]}</div>
    </>
  );
}

/** What can be set while it runs has screens of its own. */
function RunTime() {
  const { settings: words, navigation } = useWords();
  const may = useMay();
  const places = [
    ['/channels', navigation.pages.channels, 'channels:read'],
    ['/routes', navigation.pages.routes, 'routes:read'],
    ['/prices', navigation.pages.prices, 'prices:read'],
    ['/queues', words.queues, 'tasks:read'],
    ['/lists', navigation.pages.lists, 'lists:read'],
    ['/businesses', navigation.pages.businesses, 'businesses:read'],
    ['/members', navigation.pages.members, 'members:read'],
  ] as const;
  return (
    <Panel title={words.runTime}>
      <p className="quiet" style={{ marginTop: 0 }}>
        {words.runTimeText}
      </p>
      <Toolbar>
        {places
          .filter(([, , permission]) => may(permission))
          .map(([to, name]) => (
            <LinkButton key={to} to={to}>
              {name}
            </LinkButton>
          ))}
      </Toolbar>
    </Panel>
  );
}

function Environment({ settings }: { settings: Setting[] }) {
  const { settings: words } = useWords();
  const place = useReachable();
  const meaningOf = useMeanings();
  const columns: TableColumnsType<Setting> = [
    {
      title: words.name,
      render: (_, { name, meaning }) => (
        <>
          <span className="mono">{name}</span>
          <div className="quiet" style={{ maxWidth: 460, whiteSpace: 'normal' }}>
            {meaningOf(name) ?? meaning}
          </div>
        </>
      ),
    },
    { title: words.value, render: (_, { value }) => <span className="mono">{value}</span> },
    {
      title: words.source,
      render: (_, { source }) => <Pill tone={source === 'environment' ? 'calm' : 'rest'}>{words.sources[source]}</Pill>,
    },
    { title: words.fallback, render: (_, { fallback }) => <span className="mono quiet">{fallback || '–'}</span> },
  ];
  return (
    <Panel title={words.environment} flush>
      <p className="quiet" style={{ margin: '0 18px 10px' }}>
        {words.environmentText}
      </p>
      <section ref={place} aria-label={words.environment}>
        <Table
          size="small"
          dataSource={settings}
          columns={columns}
          rowKey="name"
          pagination={false}
          scroll={{ x: 'max-content' }}
        />
      </section>
    </Panel>
  );
}

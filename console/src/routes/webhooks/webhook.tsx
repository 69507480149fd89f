import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Select, Table, type TableColumnsType, Tag } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Facts, Page, Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill, type Tone } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { WebhookTag } from './webhooks.tsx';

type Delivery = Schemas['Delivery'];

const TONES: Record<Delivery['state'], Tone> = { waiting: 'calm', succeeded: 'good', dead: 'bad' };
const TOUCHED = ['GET /webhooks', 'GET /webhooks/{id}'] as const;

/** One address: what it is told, and how each delivery went. */
export function WebhookPage() {
  const { webhooks: words, common } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const path = { id };
  const may = useMay();
  const ask = useAsk();
  const navigate = useNavigate();
  const { data, error, refetch } = useLook('GET /webhooks/{id}', { path }, { everyMs: 5_000 });
  const disable = useChange('POST /webhooks/{id}/disable', TOUCHED);
  const enable = useChange('POST /webhooks/{id}/enable', TOUCHED);
  const remove = useChange('DELETE /webhooks/{id}', ['GET /webhooks']);
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const askToRemove = () =>
    ask({
      title: words.removeTitle,
      text: words.removeText,
      verb: common.remove,
      danger: true,
      act: async () => {
        await remove.mutateAsync({ path });
        await navigate({ to: '/webhooks' });
      },
    });
  return (
    <Page
      title={data.url}
      lead={<WebhookTag webhook={data} />}
      actions={
        may('webhooks:manage') && (
          <>
            <Button onClick={() => (data.state === 'active' ? disable : enable).mutate({ path })}>
              {data.state === 'active' ? words.disable : words.enable}
            </Button>
            <Button danger onClick={askToRemove}>
              {common.remove}
            </Button>
          </>
        )
      }
    >
      <ProblemNote error={disable.error ?? enable.error} />
      <Panel>
        <Facts
          items={[
            [common.business, data.business_id],
            [words.username, data.username],
            [words.description, data.description || '–'],
            [words.waiting, data.waiting],
            [words.callbacks, data.callbacks.map((each) => <Tag key={each}>{words.kinds[each]}</Tag>)],
          ]}
        />
      </Panel>
      <Deliveries id={id} />
    </Page>
  );
}

function Deliveries({ id }: { id: string }) {
  const { webhooks: words, common } = useWords();
  const [{ state, ...filters }, change] = useFilters<'state' | 'cursor'>();
  const query = useLook(
    'GET /webhooks/{id}/deliveries',
    { path: { id }, query: { ...filters, ...(state && { state: state as Delivery['state'] }) } },
    { everyMs: 5_000 },
  );
  return (
    <>
      <Toolbar>
        <Select<string>
          value={state ?? ''}
          aria-label={common.state}
          style={{ width: 170 }}
          options={[
            { value: '', label: words.anyDelivery },
            ...Object.entries(words.deliveries).map(([value, label]) => ({ value, label })),
          ]}
          onChange={(value) => change({ state: value })}
        />
      </Toolbar>
      <ListTable
        label={words.deliveriesTitle}
        query={query}
        columns={useColumns()}
        rowKey={(delivery) => delivery.id}
        empty={<Teach title={words.noDeliveryTitle} text={words.noDeliveryText} />}
      />
    </>
  );
}

function useColumns(): TableColumnsType<Delivery> {
  const { webhooks: words, common } = useWords();
  const format = useFormat();
  return [
    { title: words.since, render: (_, { since }) => <span className="number">{format.time(since)}</span> },
    {
      title: common.state,
      render: (_, { state }) => <Pill tone={TONES[state]}>{words.deliveries[state]}</Pill>,
    },
    {
      title: words.callbacks,
      render: (_, { callbacks }) => callbacks.map((each) => <Tag key={each}>{words.kinds[each]}</Tag>),
    },
    { title: words.rows, align: 'right', className: 'number', render: (_, { rows }) => format.number(rows) },
    { title: words.tries, render: (_, { tries }) => <Tries tries={tries} /> },
    { title: words.nextTry, render: (_, { next_try_at: at }) => (at === null ? '' : format.ago(at)) },
  ];
}

function Tries({ tries }: Pick<Delivery, 'tries'>) {
  const { webhooks: words, common } = useWords();
  const format = useFormat();
  const last = tries.at(-1);
  if (last === undefined) return null;
  return (
    <details>
      <summary>
        {tries.length} · {last.status ?? last.error}
      </summary>
      <Table
        size="small"
        pagination={false}
        rowKey="at"
        dataSource={tries}
        columns={[
          { title: common.time, render: (_, { at }) => format.time(at) },
          { title: words.status, render: (_, { status }) => status ?? '–' },
          { title: words.took, render: (_, { duration_ms: ms }) => `${format.number(ms)} ms` },
          { title: words.error, render: (_, { error }) => error },
        ]}
      />
    </details>
  );
}

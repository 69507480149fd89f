import { Button, Form, Input, Modal, Segmented, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { isoOf, momentOf, useNow } from '../../lib/time.ts';
import { LazyChart } from '../../parts/chart/lazy-chart.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Panel } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { useWords } from '../../words/index.tsx';
import { Monitor } from './monitor.tsx';
import { nameOf } from './tasks.tsx';

type Queue = Schemas['Queue'];

const TOUCHED = ['GET /queues'] as const;
const MINUTE_MS = 60_000;
const SPANS = { minute: 6 * 60 * MINUTE_MS, hour: 14 * 24 * 60 * MINUTE_MS } as const;

/** What waits, how fast it moves, and what stands still. */
export function Queues() {
  const { tasks: words } = useWords();
  const { data, error, refetch } = useLook('GET /queues', {}, { everyMs: 10_000 });
  const [{ queue }] = useFilters<'queue'>();
  const columns = useColumns();
  return (
    <Monitor part="queues">
      <ProblemNote error={error} onAgain={() => void refetch()} />
      {data === undefined ? (
        error === null && <Wait />
      ) : (
        <>
          <Table<Queue>
            aria-label={words.parts.queues}
            size="middle"
            pagination={false}
            scroll={{ x: 'max-content' }}
            rowKey="name"
            dataSource={data.items}
            columns={columns}
          />
          {queue !== undefined && <History key={queue} queue={queue} />}
        </>
      )}
    </Monitor>
  );
}

/** The words of a queue: `dispatch.3.marketing` is what goes to channel 3 as marketing. */
function useQueueName(): (queue: Queue) => string {
  const { tasks: words, states } = useWords();
  return ({ name, kind }) => {
    const parts = name.split('.');
    const lane = states.category[parts.at(-1) as keyof typeof states.category] ?? '';
    switch (kind) {
      case 'dispatch':
        return words.queueNames.dispatch(parts[1] ?? '', lane);
      case 'retries':
        return words.queueNames.retries(lane);
      case 'webhooks':
        return words.queueNames.webhooks;
      case 'chore':
        return words.queueNames.chore(nameOf(words.names, parts[1] ?? ''));
    }
  };
}

function useColumns(): TableColumnsType<Queue> {
  const { tasks: words, common } = useWords();
  const format = useFormat();
  const nameOfQueue = useQueueName();
  const [, change] = useFilters<'queue'>();
  const rate = (value: number) => `${format.number(Math.round(value * 10) / 10)}/s`;
  return [
    {
      title: words.queue,
      render: (_, queue) => (
        <>
          <Button type="link" size="small" style={{ padding: 0 }} onClick={() => change({ queue: queue.name })}>
            {nameOfQueue(queue)}
          </Button>
          <div className="quiet mono">{queue.name}</div>
        </>
      ),
    },
    {
      title: common.state,
      render: (_, { paused }) =>
        paused === null ? (
          <Pill tone="good">{words.moving}</Pill>
        ) : (
          <>
            <Pill tone="warn">{words.paused}</Pill>
            <div className="quiet">
              {[paused.by, format.ago(paused.since), paused.reason].filter((part) => part !== '').join(' · ')}
            </div>
          </>
        ),
    },
    { title: words.depth, align: 'right', className: 'number', render: (_, { depth }) => format.number(depth) },
    {
      title: words.donePerSecond,
      align: 'right',
      className: 'number',
      render: (_, queue) => rate(queue.done_per_second),
    },
    {
      title: words.failedPerSecond,
      align: 'right',
      className: 'number',
      render: (_, queue) => rate(queue.failed_per_second),
    },
    { title: words.done, align: 'right', className: 'number', render: (_, { done }) => format.number(done) },
    { title: words.failed, align: 'right', className: 'number', render: (_, { failed }) => format.number(failed) },
    { title: common.actions, render: (_, queue) => <QueueVerbs queue={queue} /> },
  ];
}

function QueueVerbs({ queue }: { queue: Queue }) {
  const { tasks: words } = useWords();
  const may = useMay();
  const tell = useTell();
  const [asking, setAsking] = useState(false);
  const resume = useChange('POST /queues/{name}/resume', TOUCHED);
  if (!may('tasks:manage')) return null;
  if (queue.paused !== null) {
    return (
      <Button
        size="small"
        loading={resume.isPending}
        onClick={() => void resume.mutateAsync({ path: { name: queue.name } }).catch(tell.problem)}
      >
        {words.resume}
      </Button>
    );
  }
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>
        {words.pause}
      </Button>
      {asking && <Pause queue={queue} onClose={() => setAsking(false)} />}
    </>
  );
}

function Pause({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  const { tasks: words, common } = useWords();
  const nameOfQueue = useQueueName();
  const [form] = Form.useForm<{ reason?: string }>();
  const pause = useChange('POST /queues/{name}/pause', TOUCHED);
  return (
    <Modal
      open
      title={words.pauseTitle(nameOfQueue(queue))}
      okText={words.pause}
      cancelText={common.cancel}
      confirmLoading={pause.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p>{words.pauseTexts[queue.kind]}</p>
      <ProblemNote error={pause.error} />
      <Form
        form={form}
        layout="vertical"
        onFinish={({ reason = '' }) =>
          pause.mutateAsync({ path: { name: queue.name }, body: { reason } }).then(onClose, () => {})
        }
      >
        <Form.Item name="reason" label={words.reason}>
          <Input maxLength={500} autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** How long a queue was, and what left it. */
function History({ queue }: { queue: string }) {
  const { tasks: words } = useWords();
  const format = useFormat();
  const [by, setBy] = useState<keyof typeof SPANS>('minute');
  const until = useNow(MINUTE_MS);
  const { data, error } = useLook('GET /queues/{name}/history', {
    path: { name: queue },
    query: { by, from: isoOf(Math.floor((until - SPANS[by]) / MINUTE_MS) * MINUTE_MS) },
  });
  const points = (pick: (item: Schemas['QueueFigure']) => number) =>
    (data?.items ?? []).map((item) => [momentOf(item.from), pick(item)] as const);
  return (
    <Panel
      title={words.historyOf(queue)}
      extra={
        <Segmented<keyof typeof SPANS>
          size="small"
          value={by}
          onChange={setBy}
          options={[
            { value: 'minute', label: words.byMinute },
            { value: 'hour', label: words.byHour },
          ]}
        />
      }
    >
      <ProblemNote error={error} />
      <LazyChart
        label={words.historyOf(queue)}
        below={{ from: until - SPANS[by], until, timeText: (ms) => format.shortTime(isoOf(ms)) }}
        lines={[
          { name: words.done, tone: 'good', bars: true, points: points(({ done }) => done) },
          { name: words.failed, tone: 'bad', bars: true, points: points(({ failed }) => failed) },
          { name: words.most, tone: 'brand', points: points(({ most }) => most) },
        ]}
      />
    </Panel>
  );
}

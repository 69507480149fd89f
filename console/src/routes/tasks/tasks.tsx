import { Link } from '@tanstack/react-router';
import { Input, Progress, Select, type TableColumnsType } from 'antd';
import dayjs from 'dayjs';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { RangeField } from '../../parts/dates/dates.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Teach, Toolbar } from '../../parts/page/page.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { Monitor } from './monitor.tsx';
import { TaskTag } from './task-tags.tsx';
import { TaskVerbs } from './task-verbs.tsx';

type Task = Schemas['Task'];
type Filter = 'cursor' | 'kind' | 'state' | 'business_id' | 'worker' | 'search' | 'from' | 'until';

/** Work that waits, is done or has been. */
export function Tasks() {
  const { tasks: words, common } = useWords();
  const [filters, change] = useFilters<Filter>();
  const query = useLook('GET /tasks', { query: filters });
  const { from, until } = filters;
  return (
    <Monitor part="tasks">
      <Toolbar>
        <Select
          mode="multiple"
          value={filters.state?.split(',') ?? []}
          placeholder={words.anyState}
          aria-label={common.state}
          style={{ minWidth: 180 }}
          options={Object.entries(words.states).map(([value, label]) => ({ value, label }))}
          onChange={(values: string[]) => change({ state: values.join(',') })}
        />
        <Select
          mode="multiple"
          value={filters.kind?.split(',') ?? []}
          placeholder={words.anyKind}
          aria-label={words.kind}
          style={{ minWidth: 180 }}
          options={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
          onChange={(values: string[]) => change({ kind: values.join(',') })}
        />
        <Input.Search
          key={filters.search ?? ''}
          defaultValue={filters.search ?? ''}
          placeholder={words.search}
          aria-label={words.search}
          allowClear
          maxLength={200}
          style={{ width: 240 }}
          onSearch={(value) => change({ search: value.trim() })}
        />
        <RangeField
          showTime={{ format: 'HH:mm' }}
          aria-label={common.time}
          value={from === undefined || until === undefined ? null : [dayjs(from), dayjs(until)]}
          onChange={(range) =>
            change({ from: range?.[0]?.toISOString() ?? '', until: range?.[1]?.toISOString() ?? '' })
          }
        />
      </Toolbar>
      <ListTable
        label={words.parts.tasks}
        query={query}
        columns={useColumns()}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noneTitle} text={words.noneText} />}
      />
    </Monitor>
  );
}

function useColumns(): TableColumnsType<Task> {
  const { tasks: words, common } = useWords();
  const format = useFormat();
  return [
    {
      title: words.task,
      render: (_, { id, kind, name }) => (
        <>
          <Link to="/tasks/$id" params={{ id }}>
            {words.kinds[kind]} · {nameOf(words.names, name)}
          </Link>
          <div className="quiet mono">{id}</div>
        </>
      ),
    },
    { title: common.state, render: (_, { state }) => <TaskTag state={state} /> },
    { title: words.progress, render: (_, task) => <TaskProgress task={task} /> },
    { title: words.created, render: (_, { created_at: at }) => <span className="number">{format.time(at)}</span> },
    { title: words.due, render: (_, { due_at: at }) => (at === null ? '' : format.ago(at)) },
    {
      title: words.runtime,
      align: 'right',
      className: 'number',
      render: (_, { runtime_ms: ms }) => (ms === null ? '' : `${format.number(ms)} ms`),
    },
    { title: words.tries, align: 'right', className: 'number', render: (_, { tries }) => tries },
    { title: words.error, ellipsis: true, width: 240, render: (_, { error }) => error },
    { title: common.actions, render: (_, task) => <TaskVerbs task={task} size="small" /> },
  ];
}

/** What a task is about, in the language that is spoken where there is a word for it. */
export const nameOf = (names: object, name: string): string => (names as Record<string, string>)[name] ?? name;

export function TaskProgress({ task: { progress } }: { task: Task }) {
  const format = useFormat();
  if (progress === null) return null;
  const { done, of } = progress;
  if (of === null || of === 0) return format.number(done);
  return (
    <div style={{ minWidth: 120 }}>
      <Progress
        percent={Math.floor((done / of) * 100)}
        size="small"
        aria-label={`${format.number(done)} / ${format.number(of)}`}
      />
    </div>
  );
}

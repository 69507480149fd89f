import { Link, useParams } from '@tanstack/react-router';
import { Alert } from 'antd';
import { useLook } from '../../api/hooks.ts';
import { useFormat } from '../../parts/format/format.ts';
import { useLiveList } from '../../parts/live/live-list.tsx';
import { Facts, Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';
import { TaskTag } from './task-tags.tsx';
import { TaskVerbs } from './task-verbs.tsx';
import { nameOf, TaskProgress } from './tasks.tsx';

const LIVE_TOPICS = ['tasks'] as const;
const LIVE_ROUTES = ['GET /tasks/{id}'] as const;

/** One task: what it is done with, when and by whom, and what went wrong. */
export function TaskPage() {
  const { tasks: words, common } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const format = useFormat();
  useLiveList(LIVE_TOPICS, LIVE_ROUTES);
  const { data, error, refetch } = useLook('GET /tasks/{id}', { path: { id } });
  if (error !== null && data === undefined) {
    return (
      <Page title={words.task}>
        <ProblemNote error={error} onAgain={() => void refetch()} />
        <Link to="/tasks">{words.toAll}</Link>
      </Page>
    );
  }
  if (data === undefined) return <Wait />;
  const time = (at: string | null) => (at === null ? '–' : format.time(at));
  return (
    <Page
      title={`${words.kinds[data.kind]} · ${nameOf(words.names, data.name)}`}
      lead={<TaskTag state={data.state} />}
      actions={<TaskVerbs task={data} />}
    >
      {data.error !== '' && <Alert type="error" showIcon title={data.error} style={{ marginBottom: 16 }} />}
      <Panel>
        <Facts
          items={[
            [
              words.id,
              <span className="mono" key="id">
                {data.id}
              </span>,
            ],
            [common.business, data.business_id ?? words.platform],
            [words.created, time(data.created_at)],
            [words.due, time(data.due_at)],
            [words.started, time(data.started_at)],
            [words.ended, time(data.ended_at)],
            [words.runtime, data.runtime_ms === null ? '–' : `${format.number(data.runtime_ms)} ms`],
            [words.tries, data.tries],
            [words.worker, data.worker ?? '–'],
            [words.progress, data.progress === null ? '–' : <TaskProgress key="progress" task={data} />],
          ]}
        />
      </Panel>
      <Panel title={words.args}>
        <pre className="mono" style={{ margin: 0, overflow: 'auto' }}>
          {JSON.stringify(data.args, null, 2)}
        </pre>
      </Panel>
    </Page>
  );
}

import { useNavigate } from '@tanstack/react-router';
import { Tabs } from 'antd';
import type { ReactNode } from 'react';
import { LiveSwitch, useLiveList } from '../../parts/live/live-list.tsx';
import { Page } from '../../parts/page/page.tsx';
import { useWords } from '../../words/index.tsx';

export type Part = 'tasks' | 'queues' | 'workers';

const LIVE_TOPICS = ['tasks'] as const;
const LIVE_ROUTES = ['GET /tasks', 'GET /tasks/{id}', 'GET /queues', 'GET /workers'] as const;

/** What the platform does by itself: its tasks, the queues they wait in and the processes that work. */
export function Monitor({ part, children }: { part: Part; children: ReactNode }) {
  const { tasks: words } = useWords();
  const navigate = useNavigate();
  const live = useLiveList(LIVE_TOPICS, LIVE_ROUTES);
  return (
    <Page title={words.title} lead={words.lead} actions={<LiveSwitch live={live} />}>
      <Tabs
        activeKey={part}
        onChange={(key) => void navigate({ to: `/${key as Part}` })}
        items={(['tasks', 'queues', 'workers'] as const).map((key) => ({ key, label: words.parts[key] }))}
      />
      {children}
    </Page>
  );
}

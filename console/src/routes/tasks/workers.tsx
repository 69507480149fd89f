import { Link } from '@tanstack/react-router';
import { Progress, Table } from 'antd';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { momentOf, useNow } from '../../lib/time.ts';
import { useFormat } from '../../parts/format/format.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import { Monitor } from './monitor.tsx';
import { nameOf } from './tasks.tsx';

type Worker = Schemas['Worker'];

/** A process that has not been heard of for so long is taken for dead. */
const SILENT_MS = 15_000;

/** The processes of the platform, and what each does now. */
export function Workers() {
  const { tasks: words } = useWords();
  const format = useFormat();
  const now = useNow(5_000);
  const { data, error, refetch } = useLook('GET /workers', {}, { everyMs: 5_000 });
  return (
    <Monitor part="workers">
      <ProblemNote error={error} onAgain={() => void refetch()} />
      {data === undefined ? (
        error === null && <Wait />
      ) : (
        <Table<Worker>
          aria-label={words.parts.workers}
          size="middle"
          pagination={false}
          scroll={{ x: 'max-content' }}
          rowKey="id"
          dataSource={data.items}
          columns={[
            {
              title: words.worker,
              render: (_, { id, host, pid }) => (
                <>
                  {host} · {pid}
                  <div className="quiet mono">{id}</div>
                </>
              ),
            },
            {
              title: words.heartbeat,
              render: (_, { seen_at: at }) =>
                now - momentOf(at) > SILENT_MS ? (
                  <Pill tone="bad">{words.silent(format.ago(at))}</Pill>
                ) : (
                  <Pill tone="good">{words.alive}</Pill>
                ),
            },
            { title: words.role, render: (_, { role }) => role },
            { title: words.version, render: (_, { version }) => version },
            { title: words.since, render: (_, { started_at: at }) => format.ago(at) },
            {
              title: words.load,
              render: (_, { loads }) =>
                loads.map(({ thread, share }) => (
                  <div key={thread} style={{ minWidth: 170 }}>
                    <span className="quiet">{thread}</span>
                    <Progress percent={Math.round(share * 100)} size="small" status="normal" aria-label={thread} />
                  </div>
                )),
            },
            {
              title: words.memory,
              align: 'right',
              className: 'number',
              render: (_, { memory_bytes: octets }) => (octets === null ? '–' : format.octets(octets)),
            },
            {
              title: words.current,
              render: (_, { current }) =>
                current.map(({ name, since, task_id: id }) => (
                  <div key={`${name} ${since}`}>
                    {id === null ? (
                      nameOf(words.names, name)
                    ) : (
                      <Link to="/tasks/$id" params={{ id }}>
                        {nameOf(words.names, name)}
                      </Link>
                    )}{' '}
                    <span className="quiet">{format.ago(since)}</span>
                  </div>
                )),
            },
          ]}
        />
      )}
    </Monitor>
  );
}

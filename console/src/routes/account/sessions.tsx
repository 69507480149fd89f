import { Button, Table, type TableColumnsType } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useReachable } from '../../parts/table/reachable.ts';
import { useWords } from '../../words/index.tsx';

type Session = Schemas['OwnSessions']['items'][number];

/** Where somebody is signed in, and a way to end it there. */
export function Sessions() {
  const { session, common } = useWords();
  const words = session.account;
  const format = useFormat();
  const ask = useAsk();
  const place = useReachable();
  const { data, error, refetch } = useLook('GET /sessions', {});
  const end = useChange('DELETE /sessions/{id}', ['GET /sessions']);
  const askToEnd = ({ id, address }: Session) =>
    ask({
      title: words.endTitle(address),
      text: words.endText,
      verb: words.end,
      danger: true,
      act: () => end.mutateAsync({ path: { id: String(id) } }),
      done: words.ended,
    });
  const columns: TableColumnsType<Session> = [
    {
      title: words.browser,
      render: (_, { agent, current }) => (
        <>
          {browserName(agent) ?? words.unknownBrowser} {current && <Pill tone="good">{words.thisOne}</Pill>}
        </>
      ),
    },
    { title: words.address, render: (_, { address }) => <span className="number">{address}</span> },
    { title: words.seen, render: (_, { seen_at: at }) => format.ago(at) },
    { title: words.ends, render: (_, { expires_at: at }) => format.time(at) },
    {
      title: common.actions,
      render: (_, each) =>
        !each.current && (
          <Button size="small" type="text" danger onClick={() => askToEnd(each)}>
            {words.end}
          </Button>
        ),
    },
  ];
  return (
    <section ref={place} aria-label={words.sessions}>
      <p className="quiet" style={{ marginTop: 0 }}>
        {words.sessionsText}
      </p>
      <ProblemNote error={error} onAgain={() => void refetch()} />
      <Table
        size="small"
        dataSource={data?.items ?? []}
        columns={columns}
        rowKey="id"
        pagination={false}
        scroll={{ x: 'max-content' }}
      />
    </section>
  );
}

/** What people call a browser, from its own words for itself; null: they say nothing that is known. */
function browserName(agent: string): string | null {
  const [, browser] = /(Firefox|Edg|OPR|Chrome|Safari)\/[\d.]+/.exec(agent) ?? [];
  const [, system] = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent) ?? [];
  const known: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
  const parts = [browser, system].filter((part) => part !== undefined).map((part) => known[part] ?? part);
  return parts.length === 0 ? null : parts.join(' · ');
}

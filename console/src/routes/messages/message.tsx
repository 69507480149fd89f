import { Link, useParams } from '@tanstack/react-router';
import { Alert, Table, Timeline } from 'antd';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { momentOf } from '../../lib/time.ts';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { useLiveList } from '../../parts/live/live-list.tsx';
import { Facts, Page, Panel } from '../../parts/page/page.tsx';
import { RevealButton, useReveal } from '../../parts/reveal/reveal.tsx';
import { useMessageError } from '../../parts/say/message-error.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { MessageTag, type Tone, toneOfMessage } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';

type History = Schemas['MessageHistory'];

const COLOURS: Record<Tone, string> = {
  good: 'var(--good)',
  bad: 'var(--bad)',
  warn: 'var(--warn)',
  calm: 'var(--brand)',
  rest: 'var(--quiet)',
};
const LIVE_TOPICS = ['messages'] as const;
const LIVE_ROUTES = ['GET /messages/{id}'] as const;

/** One message: what it is, what happened to it and when, and what it cost. */
export function Message() {
  const { messages: words } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const say = useMessageError();
  const reveal = useReveal(useLiveList(LIVE_TOPICS, LIVE_ROUTES));
  const { data, error, refetch } = useLook('GET /messages/{id}', { path: { id } }, { revealNumbers: reveal.revealed });
  if (error !== null && data === undefined) {
    return (
      <Page title={words.one}>
        <ProblemNote error={error} onAgain={() => void refetch()} />
        <Link to="/messages">{words.toAll}</Link>
      </Page>
    );
  }
  if (data === undefined) return <Wait />;
  return (
    <Page
      title={phoneText(data.to)}
      lead={<MessageTag state={data.state} />}
      actions={<RevealButton reveal={reveal} />}
    >
      {data.simulated && <Alert type="warning" showIcon title={words.simulatedNote} style={{ marginBottom: 16 }} />}
      {data.error !== '' && <Alert type="error" showIcon title={say(data.error)} style={{ marginBottom: 16 }} />}
      <Panel>
        <MessageFacts message={data} />
      </Panel>
      <Panel title={words.timeline}>
        <MessageSteps message={data} />
      </Panel>
      {data.reports !== undefined && data.reports.length > 0 && (
        <Panel title={words.reports} flush>
          <Reports reports={data.reports} />
        </Panel>
      )}
      <Panel title={words.ledger} flush>
        <Entries entries={data.ledger} />
      </Panel>
    </Page>
  );
}

function MessageFacts({ message }: { message: History }) {
  const { messages: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const facts: [string, React.ReactNode][] = [
    [
      words.id,
      <span className="mono" key="id">
        {message.message_id}
      </span>,
    ],
    [
      words.planColumn,
      <Link key="plan" to="/messages" search={{ plan_id: String(message.plan_id) }}>
        {message.plan_id}
      </Link>,
    ],
    [words.segments, message.segments],
    [words.reserved, format.number(message.reserved)],
    [words.settled, format.number(message.settled)],
    [words.released, format.number(message.released + message.refunded)],
    [words.attempts, message.attempts],
    [words.repeats, message.repeats],
  ];
  if (message.channel_id !== null) {
    facts.push([
      words.channel,
      may('channels:read') ? (
        <Link key="channel" to="/channels/$id" params={{ id: String(message.channel_id) }}>
          {message.channel_id}
        </Link>
      ) : (
        message.channel_id
      ),
    ]);
  }
  if (message.carrier_ids !== undefined && message.carrier_ids.length > 0) {
    facts.push([
      words.carrierIds,
      <span className="mono" key="ids">
        {message.carrier_ids.join(', ')}
      </span>,
    ]);
  }
  return <Facts items={facts} />;
}

/** What happened to a message, in order. */
export function MessageSteps({ message }: { message: History }) {
  const { messages: words, states } = useWords();
  const format = useFormat();
  const began = message.timeline[0]?.at;
  return (
    <Timeline
      items={message.timeline.map((step) => ({
        key: `${step.state} ${step.at} ${step.attempt ?? ''}`,
        color: COLOURS[toneOfMessage(step.state)],
        content: (
          <>
            <strong>{states.message[step.state]}</strong>
            {step.repeat === true && ` · ${words.repeat}`}
            {step.attempt !== undefined && ` · ${words.attempt(step.attempt)}`}
            {typeof step.channel_id === 'number' && ` · ${words.overChannel(step.channel_id)}`}
            <div className="quiet number">
              {format.time(step.at)}
              {began !== undefined && step.at !== began && ` · ${words.after(momentOf(step.at) - momentOf(began))}`}
            </div>
          </>
        ),
      }))}
    />
  );
}

function Reports({ reports }: { reports: Schemas['Report'][] }) {
  const { messages: words, states, common } = useWords();
  const format = useFormat();
  return (
    <Table
      size="small"
      pagination={false}
      scroll={{ x: 'max-content' }}
      rowKey={({ at, raw }) => at + raw}
      dataSource={reports}
      columns={[
        { title: common.time, render: (_, { at }) => format.time(at) },
        { title: common.state, render: (_, { state }) => (state === null ? common.none : states.message[state]) },
        { title: words.carrierId, render: (_, { carrier_id }) => <span className="mono">{carrier_id}</span> },
        { title: words.error, render: (_, { error }) => error },
        { title: words.raw, render: (_, { raw }) => <span className="mono">{raw}</span> },
      ]}
    />
  );
}

function Entries({ entries }: { entries: Schemas['LedgerEntry'][] }) {
  const { ledger: words, states, common } = useWords();
  const format = useFormat();
  return (
    <Table
      size="small"
      pagination={false}
      scroll={{ x: 'max-content' }}
      rowKey={({ id }) => id}
      dataSource={entries}
      columns={[
        { title: common.time, render: (_, { at }) => format.time(at) },
        { title: words.kind, render: (_, { kind }) => states.entry[kind] },
        {
          title: words.credits,
          align: 'right',
          className: 'number',
          render: (_, { credits }) => format.number(credits),
        },
        { title: words.reason, render: (_, { reason }) => reason },
      ]}
    />
  );
}

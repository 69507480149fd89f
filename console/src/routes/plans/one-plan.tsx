import { useParams } from '@tanstack/react-router';
import { Alert, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useLook } from '../../api/hooks.ts';
import { useLivePlans } from '../../api/live-plans.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useBusinessNames } from '../../parts/choose/business.tsx';
import { Download } from '../../parts/download/download.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { LiveSwitch } from '../../parts/live/live-switch.tsx';
import { Facts, Page, Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { Marked } from '../../parts/phone/bubble.tsx';
import { PlanBar, StateBar } from '../../parts/progress/plan-bar.tsx';
import { type Reveal, RevealButton, useReveal } from '../../parts/reveal/reveal.tsx';
import { useMessageError } from '../../parts/say/message-error.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { MessageTag, PlanTag } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { PlanVerbs } from './plan-verbs.tsx';

const LOOK_EVERY_MS = 3_000;
type Message = Schemas['Message'];

/** One plan: how far it is, what became of its messages, and what may still be done to it. */
export function OnePlan() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { plans: words, states } = useWords();
  const format = useFormat();
  const may = useMay();
  const names = useBusinessNames();
  const [paused, setPaused] = useState(false);
  const reveal = useReveal({ paused, setPaused });
  const live = useLivePlans({ paused });
  const everyMs = paused ? false : LOOK_EVERY_MS;
  const { data: plan, error, refetch } = useLook('GET /plans/{id}', { path: { id } }, { everyMs });
  const template = useLook(
    'GET /templates/{id}',
    { path: { id: String(plan?.template_id) } },
    { enabled: plan?.template_id != null && may('templates:read') },
  );
  if (error !== null && plan === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (plan === undefined) return <Wait />;
  const business = names.get(plan.business_id);
  const times = [
    [words.created, format.time(plan.created_at)],
    ...(plan.start_at === null ? [] : [[words.startAt, format.time(plan.start_at)]]),
    ...(plan.done_at === null
      ? [[words.expires, format.time(plan.expires_at)]]
      : [[words.doneAt, format.time(plan.done_at)]]),
  ] as [string, string][];
  return (
    <Page
      title={plan.name === '' ? words.planNumber(id) : plan.name}
      lead={<PlanTag state={plan.state} />}
      actions={
        <>
          <PlanVerbs plan={plan} />
          <Download href={addressOf('GET /plans/{id}/messages.csv', { path: { id } })}>{words.results}</Download>
        </>
      }
    >
      {plan.state === 'paused' && <Alert showIcon type="warning" title={words.isPaused} style={{ marginBottom: 16 }} />}
      <Panel title={words.progress} extra={<LiveSwitch state={live} paused={paused} onChange={setPaused} />}>
        <div style={{ display: 'grid', gap: 16 }}>
          <PlanBar plan={plan} />
          <StateBar counts={plan.counts} total={plan.accepted + plan.invalid + plan.stopped} />
        </div>
      </Panel>
      <Panel title={words.about}>
        <Facts
          items={[
            [
              words.number,
              <span className="mono" key="id">
                {plan.plan_id}
              </span>,
            ],
            ...(business === undefined ? [] : [[words.business, business] as const]),
            [words.category, states.category[plan.category]],
            [words.recipients, format.number(plan.total)],
            ...(plan.invalid === 0 ? [] : [[words.invalid, format.number(plan.invalid)] as const]),
            ...(plan.stopped === 0 ? [] : [[words.stopped, format.number(plan.stopped)] as const]),
            ...times,
          ]}
        />
        {template.data !== undefined && (
          <p style={{ marginTop: 14 }}>
            <span className="quiet">{template.data.name}: </span>
            <Marked text={template.data.template} />
          </p>
        )}
      </Panel>
      <Messages planId={id} everyMs={everyMs} reveal={reveal} />
    </Page>
  );
}

function Messages({ planId, everyMs, reveal }: { planId: string; everyMs: number | false; reveal: Reveal }) {
  const { plans: words, common } = useWords();
  const format = useFormat();
  const say = useMessageError();
  const [{ cursor }] = useFilters<'cursor'>();
  const query = useLook(
    'GET /plans/{id}/messages',
    { path: { id: planId }, query: { ...(cursor && { cursor }) } },
    { everyMs, revealNumbers: reveal.revealed },
  );
  const columns: TableColumnsType<Message> = [
    {
      title: common.number,
      key: 'to',
      width: 190,
      className: 'number',
      render: (_, { to }) => phoneText(to),
    },
    { title: common.state, key: 'state', width: 150, render: (_, { state }) => <MessageTag state={state} /> },
    { title: words.why, key: 'why', render: (_, { error }) => <span className="quiet">{say(error)}</span> },
    { title: words.segments, key: 'segments', width: 80, className: 'number', dataIndex: 'segments' },
    {
      title: words.credits,
      key: 'credits',
      width: 80,
      className: 'number',
      render: (_, { settled, refunded }) => format.number(settled - refunded),
    },
    {
      title: words.lastChange,
      key: 'time',
      width: 140,
      render: (_, { final_at, submitted_at, accepted_at }) => format.shortTime(final_at ?? submitted_at ?? accepted_at),
    },
  ];
  return (
    <>
      <Toolbar>
        <RevealButton reveal={reveal} />
      </Toolbar>
      <ListTable<Message>
        label={words.messages}
        query={query}
        columns={columns}
        rowKey={({ message_id }) => message_id}
        opens={({ message_id }) => ({ to: '/messages/$id', params: { id: message_id } })}
        empty={<Teach title={words.noMessages} text={words.noMessagesText} />}
      />
    </>
  );
}

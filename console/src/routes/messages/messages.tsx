import { useNavigate } from '@tanstack/react-router';
import { Button, Input, Select, type TableColumnsType } from 'antd';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMember } from '../../api/session.ts';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { LiveSwitch, useLiveList } from '../../parts/live/live-list.tsx';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { type Reveal, RevealButton, useReveal } from '../../parts/reveal/reveal.tsx';
import { useMessageError } from '../../parts/say/message-error.ts';
import { MessageTag } from '../../parts/state/state-tag.tsx';
import { type Filters, useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

export type MessageFilter = 'to' | 'state' | 'plan_id' | 'business_id' | 'cursor';
type State = Schemas['Message']['state'];

/** Ids of messages have more digits than any phone number. */
const MIN_ID_DIGITS = 16;
const LIVE_TOPICS = ['messages'] as const;
const LIVE_ROUTES = ['GET /messages'] as const;

/** All messages, the newest first, and the way to one of them. */
export function Messages() {
  const { messages: words } = useWords();
  const [filters] = useFilters<MessageFilter>();
  const live = useLiveList(LIVE_TOPICS, LIVE_ROUTES);
  const reveal = useReveal(live);
  const { state, ...query } = filters;
  const asked = useLook(
    'GET /messages',
    { query: { ...query, ...(state && { state: state as State }) } },
    { revealNumbers: reveal.revealed },
  );
  return (
    <Page title={words.title} lead={words.lead} actions={<LiveSwitch live={live} />}>
      <MessageFilters reveal={reveal} />
      <ListTable
        label={words.title}
        query={asked}
        columns={useColumns()}
        rowKey={({ message_id }) => message_id}
        opens={({ message_id }) => ({ to: '/messages/$id', params: { id: message_id } })}
        empty={
          isFiltered(filters) ? (
            <Teach title={words.noneFoundTitle} text={words.noneFoundText} />
          ) : (
            <Teach title={words.noneTitle} text={words.noneText} />
          )
        }
      />
    </Page>
  );
}

const isFiltered = ({ cursor: _, ...others }: Filters<MessageFilter>) => Object.keys(others).length > 0;

function MessageFilters({ reveal }: { reveal: Reveal }) {
  const { messages: words, states, common } = useWords();
  const [filters, change] = useFilters<MessageFilter>();
  const navigate = useNavigate();
  const staff = useMember().business_id === null;
  const find = (typed: string) => {
    const text = typed.replace(/[\s-]/g, '');
    if (new RegExp(`^\\d{${MIN_ID_DIGITS},}$`).test(text)) void navigate({ to: '/messages/$id', params: { id: text } });
    else change({ to: text });
  };
  return (
    <Toolbar>
      <Input.Search
        key={filters.to ?? ''}
        defaultValue={filters.to ?? ''}
        placeholder={words.find}
        aria-label={words.find}
        allowClear
        style={{ width: 280 }}
        onSearch={find}
      />
      <Select<string>
        value={filters.state ?? ''}
        aria-label={common.state}
        style={{ width: 190 }}
        options={[
          { value: '', label: words.anyState },
          ...Object.entries(states.message).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(value) => change({ state: value })}
      />
      <Input.Search
        key={`plan ${filters.plan_id ?? ''}`}
        defaultValue={filters.plan_id ?? ''}
        placeholder={words.plan}
        aria-label={words.plan}
        allowClear
        inputMode="numeric"
        style={{ width: 190 }}
        onSearch={(value) => change({ plan_id: value.trim() })}
      />
      {staff && (
        <Input.Search
          key={`business ${filters.business_id ?? ''}`}
          defaultValue={filters.business_id ?? ''}
          placeholder={words.business}
          aria-label={words.business}
          allowClear
          inputMode="numeric"
          style={{ width: 150 }}
          onSearch={(value) => change({ business_id: value.trim() })}
        />
      )}
      {isFiltered(filters) && (
        <Button type="text" onClick={() => change({ to: '', state: '', plan_id: '', business_id: '' })}>
          {common.reset}
        </Button>
      )}
      <span style={{ marginInlineStart: 'auto' }}>
        <RevealButton reveal={reveal} />
      </span>
    </Toolbar>
  );
}

function useColumns(): TableColumnsType<Schemas['Message']> {
  const { messages: words, common } = useWords();
  const format = useFormat();
  const say = useMessageError();
  return [
    {
      title: common.number,
      render: (_, { to }) => <span className="number">{phoneText(to)}</span>,
    },
    { title: common.state, render: (_, { state }) => <MessageTag state={state} /> },
    {
      title: words.accepted,
      render: (_, { accepted_at }) => <span className="number">{format.time(accepted_at)}</span>,
    },
    { title: words.segments, align: 'right', className: 'number', render: (_, { segments }) => segments },
    {
      title: words.credits,
      align: 'right',
      className: 'number',
      render: (_, { settled, reserved }) => format.number(settled > 0 ? settled : reserved),
    },
    {
      title: words.planColumn,
      render: (_, { plan_id }) => <span className="mono">{plan_id}</span>,
    },
    {
      title: words.error,
      ellipsis: true,
      width: 280,
      render: (_, { error, simulated }) => (error !== '' ? say(error) : simulated ? words.simulated : ''),
    },
  ];
}

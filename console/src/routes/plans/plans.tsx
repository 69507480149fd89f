import { PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Segmented, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { useLivePlans } from '../../api/live-plans.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { BusinessFilter, useBusinessNames } from '../../parts/choose/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LiveSwitch } from '../../parts/live/live-switch.tsx';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { PlanBar } from '../../parts/progress/plan-bar.tsx';
import { PlanTag } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { PlanVerbs } from './plan-verbs.tsx';

type Plan = Schemas['Plan'];
const STATES: readonly Plan['state'][] = ['running', 'pending', 'paused', 'done', 'cancelled', 'draft'];
/** Where nothing is told live, lists are asked for so often. */
const LOOK_EVERY_MS = 5_000;

/** Requests to send, and how far they are. */
export function Plans() {
  const { navigation, common, states, plans: words } = useWords();
  const may = useMay();
  const { business_id } = useMember();
  const [{ state, business, cursor }, change] = useFilters<'state' | 'business' | 'cursor'>();
  const [paused, setPaused] = useState(false);
  const live = useLivePlans({ paused });
  const query = useLook(
    'GET /plans',
    {
      query: {
        ...(isState(state) && { state }),
        ...(business && { business_id: business }),
        ...(cursor && { cursor }),
      },
    },
    { everyMs: paused ? false : LOOK_EVERY_MS },
  );
  const columns = useColumns();
  const send = business_id !== null && may('messages:send') && (
    <LinkButton to="/send" primary icon={<PlusOutlined aria-hidden />}>
      {words.send}
    </LinkButton>
  );
  return (
    <Page title={navigation.pages.plans} lead={words.lead} actions={send}>
      <Toolbar>
        <Segmented
          aria-label={common.state}
          value={isState(state) ? state : 'all'}
          options={[
            { value: 'all', label: common.all },
            ...STATES.map((value) => ({ value, label: states.plan[value] })),
          ]}
          onChange={(value) => change({ state: value === 'all' ? undefined : value } as never)}
        />
        <BusinessFilter />
        <span style={{ flex: 1 }} />
        <LiveSwitch state={live} paused={paused} onChange={setPaused} />
      </Toolbar>
      <ListTable<Plan>
        label={navigation.pages.plans}
        query={query}
        columns={columns}
        rowKey={({ plan_id }) => plan_id}
        empty={
          state === undefined ? (
            <Teach title={words.emptyTitle} text={words.emptyText} action={send} />
          ) : (
            <Teach title={words.noneTitle} text={words.noneText} />
          )
        }
      />
    </Page>
  );
}

const isState = (text: string | undefined): text is Plan['state'] => (STATES as readonly string[]).includes(text ?? '');

function useColumns(): TableColumnsType<Plan> {
  const { common, states, plans: words } = useWords();
  const format = useFormat();
  const { business_id } = useMember();
  const names = useBusinessNames();
  return [
    {
      title: words.plan,
      key: 'plan',
      render: (_, plan) => (
        <Link to={plan.state === 'draft' ? '/send' : '/plans/$id'} {...linkTo(plan)}>
          {plan.name === '' ? <span className="mono">{plan.plan_id}</span> : plan.name}
        </Link>
      ),
    },
    ...(business_id === null
      ? [
          {
            title: common.business,
            key: 'business',
            render: (_: unknown, plan: Plan) => names.get(plan.business_id) ?? plan.business_id,
          },
        ]
      : []),
    { title: common.state, key: 'state', width: 110, render: (_, plan) => <PlanTag state={plan.state} /> },
    { title: words.progress, key: 'progress', width: 260, render: (_, plan) => <PlanBar plan={plan} /> },
    { title: words.category, key: 'category', width: 100, render: (_, plan) => states.category[plan.category] },
    {
      title: words.starts,
      key: 'starts',
      width: 140,
      render: (_, plan) => format.shortTime(plan.started_at ?? plan.start_at ?? plan.created_at),
    },
    { title: common.actions, key: 'actions', width: 250, render: (_, plan) => <PlanVerbs plan={plan} size="small" /> },
  ];
}

/** A draft is looked at where it is confirmed. */
const linkTo = ({ plan_id, state }: Plan): object =>
  state === 'draft' ? { search: { draft: String(plan_id) } } : { params: { id: String(plan_id) } };

import { Statistic, type TableColumnsType } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { DateField } from '../../parts/dates/dates.tsx';
import { Download } from '../../parts/download/download.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { MoveCredits } from './move-credits.tsx';
import { Reconciliation } from './reconciliation.tsx';

type Entry = Schemas['LedgerEntry'];

/** What a business has, and every step by which it came to that. */
export function Ledger() {
  const { ledger: words } = useWords();
  const business = useBusiness();
  const staff = useMember().business_id === null;
  return (
    <Page title={words.title} lead={words.lead}>
      {staff && <Reconciliation />}
      <Toolbar>
        <ChooseBusiness />
        {business !== null && <StatementFile business={business} />}
      </Toolbar>
      {business === null ? (
        <Teach title={words.chooseTitle} text={words.chooseText} />
      ) : (
        <>
          <Balance business={business} />
          <Statement business={business} />
        </>
      )}
    </Page>
  );
}

function Balance({ business }: { business: string }) {
  const { ledger: words } = useWords();
  const may = useMay();
  const staff = useMember().business_id === null;
  const { data, error } = useLook('GET /businesses/{business}', { path: { business } });
  return (
    <Panel>
      <ProblemNote error={error} />
      {data !== undefined && (
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 48, alignItems: 'flex-end' }}>
          <Statistic title={words.available} value={data.available} />
          <Statistic title={words.reserved} value={data.reserved} />
          {staff && may('ledger:manage') && <MoveCredits business={business} name={data.user} />}
        </div>
      )}
    </Panel>
  );
}

function StatementFile({ business }: { business: string }) {
  const { ledger: words } = useWords();
  const [month, setMonth] = useState<Dayjs>(() => dayjs());
  return (
    <>
      <DateField
        picker="month"
        value={month}
        allowClear={false}
        aria-label={words.month}
        disabledDate={(day) => day.isAfter(dayjs(), 'month')}
        onChange={(value) => value && setMonth(value)}
      />
      <Download
        href={addressOf('GET /businesses/{business}/statement.csv', {
          path: { business },
          query: { month: month.format('YYYY-MM') },
        })}
      >
        {words.statementFile}
      </Download>
    </>
  );
}

function Statement({ business }: { business: string }) {
  const { ledger: words } = useWords();
  const [{ cursor }] = useFilters<'cursor' | 'business_id'>();
  const query = useLook('GET /businesses/{business}/statement', {
    path: { business },
    query: cursor === undefined ? {} : { cursor },
  });
  return (
    <ListTable
      label={words.statement}
      query={query}
      columns={useColumns()}
      rowKey={({ id }) => id}
      empty={<Teach title={words.noneTitle} text={words.noneText} />}
    />
  );
}

function useColumns(): TableColumnsType<Entry> {
  const { ledger: words, states, common } = useWords();
  const format = useFormat();
  const credits = (value: number) => format.number(value);
  return [
    { title: common.time, render: (_, { at }) => <span className="number">{format.time(at)}</span> },
    { title: words.kind, render: (_, { kind }) => states.entry[kind] },
    { title: words.credits, align: 'right', className: 'number', render: (_, entry) => credits(entry.credits) },
    {
      title: words.availableAfter,
      align: 'right',
      className: 'number',
      render: (_, entry) => credits(entry.available_after),
    },
    {
      title: words.reservedAfter,
      align: 'right',
      className: 'number',
      render: (_, entry) => credits(entry.reserved_after),
    },
    { title: words.plan, render: (_, { plan_id: id }) => <span className="mono">{id ?? ''}</span> },
    { title: words.reason, render: (_, { reason }) => reason },
  ];
}

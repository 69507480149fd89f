import type { UseQueryResult } from '@tanstack/react-query';
import { Button, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { type Permission, useMay } from '../../api/session.ts';
import { Page, Teach, Toolbar } from '../page/page.tsx';
import { type Filters, useFilters } from '../table/filters.ts';
import { ListTable } from '../table/list-table.tsx';
import { ChooseBusiness, useBusiness } from './business.tsx';

/** What a list of things that belong to businesses is asked with: the place in it, and whose they are. */
export function useOfBusiness(): Filters<'cursor' | 'business_id'> {
  const business = useBusiness();
  const [{ cursor }] = useFilters<'cursor' | 'business_id'>();
  return { ...(cursor !== undefined && { cursor }), ...(business !== null && { business_id: business }) };
}

/** A screen of things that belong to businesses: whose, which, and a form for one more. */
export function BusinessList<T extends { id: number }>({
  words,
  query,
  columns,
  manage,
  form,
}: {
  words: { title: string; lead: string; add: string; noneTitle: string; noneText: string; chooseText: string };
  query: UseQueryResult<{ items: T[]; next_cursor: string | null }, ApiProblem>;
  columns: TableColumnsType<T>;
  /** What it takes to make one. */
  manage: Permission;
  form: (business: string, close: () => void) => ReactNode;
}) {
  const may = useMay();
  const business = useBusiness();
  const [adding, setAdding] = useState(false);
  const add = may(manage) && business !== null && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <Toolbar>
        <ChooseBusiness optional />
      </Toolbar>
      <ListTable
        label={words.title}
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <Teach title={words.noneTitle} text={business === null ? words.chooseText : words.noneText} action={add} />
        }
      />
      {adding && business !== null && form(business, () => setAdding(false))}
    </Page>
  );
}

import { DoubleLeftOutlined, LeftOutlined, RightOutlined } from '@ant-design/icons';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link, type LinkProps, useNavigate } from '@tanstack/react-router';
import { Button, Table, type TableColumnsType } from 'antd';
import { type MouseEvent, type ReactNode, useRef } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { useWords } from '../../words/index.tsx';
import { ProblemNote } from '../say/problem.tsx';
import { useFilters } from './filters.ts';
import css from './list-table.module.css';
import { useReachable } from './reachable.ts';

export interface ListTableProps<T> {
  /** What it holds, for those who do not see it. */
  label: string;
  query: UseQueryResult<{ items: T[]; next_cursor: string | null }, ApiProblem>;
  columns: TableColumnsType<T>;
  rowKey: (row: T) => string | number;
  /** Shown instead of an empty table: what would stand here, and how it comes to stand here. */
  empty: ReactNode;
  /** Where a row leads. Its first cell is a link there, for keyboards and new tabs; a press anywhere in it goes there, too. */
  opens?: (row: T) => LinkProps;
  /** Rows that are chosen, and what happens when others are. */
  selection?: { keys: (string | number)[]; change(keys: (string | number)[]): void };
}

/** A list of the API as a table. Its place in the list is `cursor` in the address; the server keeps the order. */
export function ListTable<T extends object>(props: ListTableProps<T>) {
  const { query, columns, rowKey, empty, opens, selection, label } = props;
  const { data, error, isPending, isPlaceholderData, refetch } = query;
  const place = useReachable();
  const navigate = useNavigate();
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  return (
    <section ref={place} aria-label={label} aria-busy={isPending || isPlaceholderData}>
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {data?.items.length === 0 ? (
        <div className={css.empty}>{empty}</div>
      ) : (
        <Table<T>
          className={css.table}
          size="middle"
          dataSource={data?.items ?? []}
          columns={opens === undefined ? columns : linked(columns, opens)}
          rowKey={rowKey}
          loading={isPending || isPlaceholderData ? { delay: 250 } : false}
          pagination={false}
          scroll={{ x: 'max-content' }}
          {...(opens && {
            onRow: (row) => ({
              className: css.pressable,
              onClick: (event) => {
                if (isForRow(event)) void navigate(opens(row) as never);
              },
            }),
          })}
          {...(selection && {
            rowSelection: {
              selectedRowKeys: selection.keys,
              onChange: (keys) => selection.change(keys as (string | number)[]),
            },
          })}
        />
      )}
      <Pages next={data?.next_cursor ?? null} busy={isPlaceholderData} />
    </section>
  );
}

/** The columns with what the first one shows as a link. */
function linked<T>(columns: TableColumnsType<T>, opens: (row: T) => LinkProps): TableColumnsType<T> {
  const [first, ...others] = columns;
  if (first === undefined || 'children' in first) return columns;
  const { render } = first;
  const link = (value: unknown, row: T, i: number): ReactNode => (
    <Link {...opens(row)}>{(render === undefined ? value : render(value, row, i)) as ReactNode}</Link>
  );
  return [{ ...first, render: link }, ...others];
}

/** Whether a press means the row: not a link or button in it, and not the end of choosing some of its text to copy. */
const isForRow = ({ target }: MouseEvent): boolean =>
  (target as Element).closest('a, button, input, label') === null && getSelection()?.isCollapsed !== false;

/** Ways to other pages of the list; nothing where one page is all. */
export function Pages({ next, busy }: { next: string | null; busy: boolean }) {
  const { common } = useWords();
  const [filters, change] = useFilters<'cursor'>();
  const trail = useRef<(string | undefined)[]>([]);
  const { cursor } = filters;
  if (cursor === undefined) trail.current = [];
  if (cursor === undefined && next === null) return null;
  const forward = () => {
    if (next === null) return;
    trail.current.push(cursor);
    change({ cursor: next });
  };
  const back = () => {
    const before = trail.current.pop();
    change(before === undefined ? {} : { cursor: before });
  };
  return (
    <nav className={css.pages} aria-label={common.pageNumber(trail.current.length + 1)}>
      {trail.current.length > 0 && <span>{common.pageNumber(trail.current.length + 1)}</span>}
      <Button
        size="small"
        icon={<DoubleLeftOutlined aria-hidden />}
        disabled={cursor === undefined}
        onClick={() => change({})}
      >
        {common.firstPage}
      </Button>
      <Button
        size="small"
        icon={<LeftOutlined aria-hidden />}
        disabled={trail.current.length === 0}
        aria-label={common.previousPage}
        onClick={back}
      />
      <Button
        size="small"
        icon={<RightOutlined aria-hidden />}
        iconPlacement="end"
        disabled={next === null || busy}
        onClick={forward}
      >
        {common.nextPage}
      </Button>
    </nav>
  );
}

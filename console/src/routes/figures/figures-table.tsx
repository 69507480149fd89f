import { Table, type TableColumnsType } from 'antd';
import type { Schemas } from '../../api/schema.js';
import { type Format, useFormat } from '../../parts/format/format.ts';
import { useFilters } from '../../parts/table/filters.ts';
import { useReachable } from '../../parts/table/reachable.ts';
import { useWords } from '../../words/index.tsx';
import type { Asked } from './asked.ts';
import { type Item, useNames } from './names.ts';

type Sums = Schemas['Figures']['totals'];
const ROWS_A_PAGE = 50;
const COUNTS = ['sent', 'delivered', 'failed'] as const;

/** Costs, one beside the other where there are several currencies. */
export const costsText = (costs: Sums['costs'], format: Format): string =>
  costs === undefined || costs.length === 0
    ? '–'
    : costs.map(({ micros, currency }) => format.money(micros, currency)).join(' + ');

/** The figures as rows, with their sum below. */
export function FiguresTable({ figures, asked }: { figures: Schemas['Figures']; asked: Asked }) {
  const { figures: words } = useWords();
  const format = useFormat();
  const nameOf = useNames(asked.group);
  const place = useReachable();
  const [{ page }, change] = useFilters<'page'>();
  const amounts = ['segments', 'credits', ...(figures.totals.refunded > 0 ? (['refunded'] as const) : [])] as const;
  const withCosts = figures.totals.costs !== undefined;
  const number = (title: string, value: (item: Item) => string): TableColumnsType<Item>[number] => ({
    title,
    align: 'right',
    className: 'number',
    render: (_, item) => value(item),
  });
  const columns: TableColumnsType<Item> = [
    {
      title: words.period,
      render: (_, { local }) => <span className="number">{local.replace('T', ' ')}</span>,
    },
    ...asked.group.map((dimension) => ({
      title: words.dimensions[dimension],
      render: (_: unknown, item: Item) => nameOf(item, dimension),
    })),
    ...COUNTS.map((each) => number(words.columns[each], (item) => format.number(item[each]))),
    number(words.rate, ({ delivered, failed }) => format.share(delivered, delivered + failed)),
    ...amounts.map((each) => number(words.columns[each], (item) => format.number(item[each]))),
    ...(withCosts ? [number(words.columns.cost, ({ costs }) => costsText(costs, format))] : []),
  ];
  const { totals } = figures;
  const sums = [
    ...COUNTS.map((each) => format.number(totals[each])),
    format.share(totals.delivered, totals.delivered + totals.failed),
    ...amounts.map((each) => format.number(totals[each])),
    ...(withCosts ? [costsText(totals.costs, format)] : []),
  ];
  return (
    <section ref={place} aria-label={words.table}>
      <Table<Item>
        size="middle"
        dataSource={figures.items}
        columns={columns}
        rowKey={(item) => [item.start, ...asked.group.map((each) => nameOf(item, each))].join(' ')}
        scroll={{ x: 'max-content' }}
        pagination={{
          current: Number(page ?? 1),
          pageSize: ROWS_A_PAGE,
          hideOnSinglePage: true,
          showSizeChanger: false,
          onChange: (next) => change({ page: next === 1 ? '' : String(next) }),
        }}
        summary={() => (
          <Table.Summary.Row>
            <Table.Summary.Cell index={0} colSpan={1 + asked.group.length}>
              <strong>{words.sum}</strong>
            </Table.Summary.Cell>
            {sums.map((sum, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the columns stand where they stand
              <Table.Summary.Cell key={i} index={1 + asked.group.length + i} align="right" className="number">
                <strong>{sum}</strong>
              </Table.Summary.Cell>
            ))}
          </Table.Summary.Row>
        )}
      />
    </section>
  );
}

import type { TableColumnsType } from 'antd';
import { addressOf } from '../../api/client.ts';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { Download } from '../../parts/download/download.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { Panel, Teach } from '../../parts/page/page.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

type Difference = Schemas['CdrDifference'];

/** Where a carrier's list and our messages differ; before anything was compared, what would stand here. */
export function CdrDifferences({ comparison }: { comparison: string | null }) {
  const { cdr: words } = useWords();
  const may = useMay();
  const [{ cursor }] = useFilters<'cursor'>();
  const path = { id: comparison ?? '' };
  const query = useLook(
    'GET /cdr-comparisons/{id}/differences',
    { path, query: cursor === undefined ? {} : { cursor } },
    { enabled: comparison !== null },
  );
  const columns = useColumns();
  if (comparison === null) {
    return (
      <Panel>
        <Teach title={words.beginTitle} text={words.beginText} />
      </Panel>
    );
  }
  return (
    <Panel
      title={words.differences}
      extra={
        may('numbers:reveal') && (
          <Download href={addressOf('GET /cdr-comparisons/{id}/differences.csv', { path })}>{words.download}</Download>
        )
      }
      flush
    >
      <ListTable
        label={words.differences}
        query={query}
        columns={columns}
        rowKey={({ ours, theirs }) => `${ours?.message_id ?? ''} ${theirs?.line ?? ''}`}
        empty={<Teach title={words.noneTitle} text={words.noneText} />}
      />
    </Panel>
  );
}

function useColumns(): TableColumnsType<Difference> {
  const { cdr: words, common, messages, states } = useWords();
  const format = useFormat();
  const sides = (ours: string | null, theirs: string | null) => (
    <>
      <div>{ours ?? '–'}</div>
      <div className="quiet">{theirs ?? '–'}</div>
    </>
  );
  const money = (micros: number | null | undefined) => (micros == null ? null : format.money(micros, null));
  const state = (word: string | undefined) =>
    word === undefined ? null : ((states.message as Record<string, string>)[word] ?? word);
  return [
    { title: words.differences, render: (_, { difference }) => <Pill tone="bad">{words.kinds[difference]}</Pill> },
    {
      title: (
        <>
          {words.message}
          <br />
          {words.row}
        </>
      ),
      render: (_, { ours, theirs }) => (
        <span className="mono">
          {sides(
            ours?.message_id ?? null,
            theirs === null ? null : `${theirs.carrier_id} · ${words.line(theirs.line)}`,
          )}
        </span>
      ),
    },
    {
      title: common.number,
      className: 'number',
      render: (_, { ours, theirs }) =>
        sides(ours === null ? null : phoneText(ours.to), theirs?.to == null ? null : phoneText(theirs.to)),
    },
    {
      title: common.time,
      className: 'number',
      render: (_, { ours, theirs }) =>
        sides(ours === null ? null : format.time(ours.sent_at), theirs?.at == null ? null : format.time(theirs.at)),
    },
    {
      title: messages.segments,
      align: 'right',
      className: 'number',
      render: (_, { ours, theirs }) =>
        sides(
          ours === null ? null : format.number(ours.segments),
          theirs === null ? null : format.number(theirs.segments),
        ),
    },
    {
      title: words.cost,
      align: 'right',
      className: 'number',
      render: (_, { ours, theirs }) => sides(money(ours?.cost_micros), money(theirs?.cost_micros)),
    },
    { title: common.state, render: (_, { ours, theirs }) => sides(state(ours?.state), theirs?.status ?? null) },
  ];
}

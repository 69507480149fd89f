import { Alert, Button, Segmented, Select } from 'antd';
import { addressOf } from '../../api/client.ts';
import { useLook } from '../../api/hooks.ts';
import type { ApiProblem } from '../../api/problem.ts';
import type { Schemas } from '../../api/schema.js';
import { useMember } from '../../api/session.ts';
import { ChooseBusiness } from '../../parts/business/business.tsx';
import { RangeField } from '../../parts/dates/dates.tsx';
import { Download } from '../../parts/download/download.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Page, Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Needs } from '../../parts/shell/not-here.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Tile, Tiles } from '../../parts/tiles/tiles.tsx';
import { useWords } from '../../words/index.tsx';
import { type Asked, DIMENSIONS, dayText, METRICS, PERIODS, queryOf, useAsked } from './asked.ts';
import { FiguresChart } from './figures-chart.tsx';
import { costsText, FiguresTable } from './figures-table.tsx';

const LOOK_EVERY_MS = 30_000;

/** What was sent and what became of it over any time, told apart as one likes; as a chart, a table and a file. */
export function Figures() {
  const { figures: words } = useWords();
  return (
    <Needs permission="figures:read">
      <Page title={words.title} lead={words.lead}>
        <Shown />
      </Page>
    </Needs>
  );
}

function Shown() {
  const { figures: words } = useWords();
  const format = useFormat();
  const [asked, change] = useAsked(format.zone);
  const query = queryOf(asked, format.zone);
  const { data, error, refetch } = useLook('GET /figures', { query }, { everyMs: LOOK_EVERY_MS });
  return (
    <>
      <Choose asked={asked} change={change} />
      {error !== null && <Problem error={error} onAgain={() => void refetch()} />}
      {error === null && data === undefined && <Wait />}
      {error === null && data !== undefined && (
        <>
          {data.rebuilding && <Alert type="info" showIcon title={words.rebuilding} style={{ marginBottom: 16 }} />}
          <Totals figures={data} />
          {data.items.length === 0 ? (
            <Panel>
              <Empty />
            </Panel>
          ) : (
            <>
              <Panel title={words.chart} extra={<ChooseMetric asked={asked} figures={data} change={change} />}>
                <FiguresChart figures={data} asked={asked} />
              </Panel>
              <Panel
                title={words.table}
                extra={<Download href={addressOf('GET /figures.csv', { query })}>{words.file}</Download>}
                flush
              >
                <FiguresTable figures={data} asked={asked} />
              </Panel>
              <p className="quiet">
                {words.zone(data.zone)}{' '}
                {data.counted_until !== null && words.countedUntil(format.time(data.counted_until))}
              </p>
            </>
          )}
        </>
      )}
    </>
  );
}

type Change = ReturnType<typeof useAsked>[1];

function Choose({ asked, change }: { asked: Asked; change: Change }) {
  const { figures: words } = useWords();
  const staff = useMember().business_id === null;
  const { today } = asked;
  const { spans } = words;
  const month = today.startOf('month');
  return (
    <Toolbar>
      <RangeField
        value={[asked.from, asked.to]}
        allowClear={false}
        aria-label={words.span}
        presets={[
          { label: spans.day, value: () => [today, today] },
          { label: spans.week, value: () => [today.subtract(6, 'day'), today] },
          { label: spans.days30, value: () => [today.subtract(29, 'day'), today] },
          { label: spans.month, value: () => [month, today] },
          { label: spans.lastMonth, value: () => [month.subtract(1, 'month'), month.subtract(1, 'day')] },
          { label: spans.year, value: () => [today.subtract(11, 'month').startOf('month'), today] },
        ]}
        onChange={(days) => {
          const [from, to] = days ?? [];
          if (from && to) change({ from: dayText(from), to: dayText(to), by: '', page: '' });
        }}
      />
      <Segmented
        aria-label={words.by}
        value={asked.by}
        options={PERIODS.map((value) => ({ value, label: words.periods[value] }))}
        onChange={(by) => change({ by, page: '' })}
      />
      <Select
        mode="multiple"
        aria-label={words.group}
        placeholder={words.group}
        style={{ minWidth: 200 }}
        value={asked.group}
        options={DIMENSIONS.filter((each) => staff || (each !== 'business' && each !== 'channel')).map((value) => ({
          value,
          label: words.dimensions[value],
        }))}
        onChange={(group) => change({ group: group.join(','), page: '' })}
      />
      <ChooseBusiness optional />
    </Toolbar>
  );
}

function ChooseMetric({ asked, figures, change }: { asked: Asked; figures: Schemas['Figures']; change: Change }) {
  const { figures: words } = useWords();
  const shown = METRICS.filter((each) => each !== 'cost' || (figures.totals.costs?.length ?? 0) > 0);
  return (
    <Select<string>
      aria-label={words.metric}
      style={{ width: 200 }}
      value={asked.metric ?? (asked.group.length === 0 ? '' : 'sent')}
      options={[
        ...(asked.group.length === 0 ? [{ value: '', label: words.outcome }] : []),
        ...shown.map((value) => ({ value, label: words.columns[value] })),
      ]}
      onChange={(metric) => change({ metric })}
    />
  );
}

function Totals({ figures: { totals } }: { figures: Schemas['Figures'] }) {
  const { figures: words } = useWords();
  const format = useFormat();
  const { sent, delivered, failed, segments, credits, refunded, costs } = totals;
  return (
    <Tiles label={words.sum}>
      <Tile name={words.columns.sent} value={format.number(sent)} note={words.segments(format.number(segments))} />
      <Tile name={words.columns.delivered} value={format.number(delivered)} tone="good" />
      <Tile name={words.columns.failed} value={format.number(failed)} tone={failed > 0 ? 'bad' : undefined} />
      <Tile name={words.rate} value={format.share(delivered, delivered + failed)} note={words.rateNote} />
      <Tile
        name={words.columns.credits}
        value={format.number(credits)}
        {...(refunded > 0 && { note: words.refunded(format.number(refunded)) })}
      />
      {costs !== undefined && <Tile name={words.columns.cost} value={costsText(costs, format)} note={words.costNote} />}
    </Tiles>
  );
}

function Empty() {
  const { figures: words } = useWords();
  const own = useMember().business_id !== null;
  return (
    <Teach
      title={words.noneTitle}
      text={words.noneText}
      action={own && <LinkButton to="/send">{words.send}</LinkButton>}
    />
  );
}

/** More rows than a page can show are a matter of what was asked, and a file has room for them. */
function Problem({ error, onAgain }: { error: ApiProblem; onAgain: () => void }) {
  const { figures: words } = useWords();
  const format = useFormat();
  const [asked, change] = useAsked(format.zone);
  if (error.field !== 'group' && error.field !== 'by') return <ProblemNote error={error} onAgain={onAgain} />;
  return (
    <Panel>
      <Teach
        title={words.tooManyTitle}
        text={words.tooManyText}
        action={
          <div style={{ display: 'flex', gap: 8 }}>
            <Button onClick={() => change({ by: 'month', group: '' })}>{words.fewer}</Button>
            <Download href={addressOf('GET /figures.csv', { query: queryOf(asked, format.zone) })}>
              {words.file}
            </Download>
          </div>
        }
      />
    </Panel>
  );
}

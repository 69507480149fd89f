import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import { useMemo } from 'react';
import { useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useNow } from '../../lib/time.ts';
import { LazyChart } from '../../parts/chart/lazy-chart.tsx';
import { useBusinesses } from '../../parts/choose/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Tile, Tiles } from '../../parts/tiles/tiles.tsx';
import { useWords } from '../../words/index.tsx';
import { Attention } from './attention.tsx';
import css from './overview.module.css';
import { useRate, WINDOW_MS } from './use-rate.ts';

const LOOK_EVERY_MS = 10_000;
const HOURS = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

/** How things stand today, what happens now, and what needs somebody. */
export function Overview() {
  const { navigation, overview: words } = useWords();
  const { name, business_id } = useMember();
  const system = useLook('GET /system', {}, { everyMs: LOOK_EVERY_MS });
  return (
    <Page title={navigation.pages.overview} lead={business_id === null ? words.leadStaff : words.lead(name)}>
      {system.data?.simulator && <Alert type="info" showIcon title={words.simulator} style={{ marginBottom: 16 }} />}
      <Today />
      <div className={css.split}>
        <div>
          <Now />
          <Hours />
        </div>
        <Attention />
      </div>
    </Page>
  );
}

function Today() {
  const { overview: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const { business_id } = useMember();
  const figures = useLook(
    'GET /figures',
    { query: { zone: format.zone } },
    { enabled: may('figures:read'), everyMs: LOOK_EVERY_MS },
  );
  const balance = useLook(
    'GET /balance',
    {},
    { enabled: business_id !== null && may('ledger:read'), everyMs: LOOK_EVERY_MS },
  );
  const businesses = useBusinesses();
  if (!may('figures:read')) return null;
  if (figures.error !== null && figures.data === undefined) {
    return <ProblemNote error={figures.error} onAgain={() => void figures.refetch()} />;
  }
  const totals = figures.data?.totals;
  const text = (value: number | undefined) => (value === undefined ? '–' : format.number(value));
  const reported = totals === undefined ? 0 : totals.delivered + totals.failed;
  return (
    <Tiles label={words.today}>
      <Tile name={words.sent} value={text(totals?.sent)} note={words.segments(text(totals?.segments))} />
      <Tile name={words.delivered} value={text(totals?.delivered)} tone="good" />
      <Tile name={words.failed} value={text(totals?.failed)} tone={totals?.failed ? 'bad' : undefined} />
      <Tile
        name={words.rate}
        value={totals === undefined ? '–' : format.share(totals.delivered, reported)}
        note={words.rateNote}
      />
      <Tile name={words.spent} value={text(totals?.credits)} note={words.credits} />
      {business_id !== null ? (
        balance.data && (
          <Tile
            name={words.balance}
            value={text(balance.data.available)}
            note={words.reserved(text(balance.data.reserved))}
          />
        )
      ) : (
        <Tile name={words.businesses} value={text(businesses.data?.items.length)} />
      )}
    </Tiles>
  );
}

/** Messages a second over the last minutes, as it happens. */
function Now() {
  const { overview: words, common } = useWords();
  const format = useFormat();
  const { rates, state } = useRate();
  const at = useNow(1_000);
  const clock = useMemo(
    () => new Intl.DateTimeFormat('en-GB', { timeZone: format.zone, timeStyle: 'medium' }),
    [format.zone],
  );
  const last = rates.at(-1);
  const lines = [
    {
      name: words.submitted,
      tone: 'calm' as const,
      filled: true,
      points: rates.map((each) => [each.at, each.submitted] as const),
    },
    { name: words.delivered, tone: 'good' as const, points: rates.map((each) => [each.at, each.delivered] as const) },
    { name: words.failed, tone: 'bad' as const, points: rates.map((each) => [each.at, each.failed] as const) },
  ];
  return (
    <Panel
      title={words.now}
      extra={
        <span className={css.legend}>
          <span data-tone="calm">{words.submitted}</span>
          <span data-tone="good">{words.delivered}</span>
          <span data-tone="bad">{words.failed}</span>
          <strong className="number">{words.perSecond(format.number(last?.submitted ?? 0))}</strong>
          <span className="quiet">{state === 'open' ? common.live : common.loading}</span>
        </span>
      }
    >
      <LazyChart
        lines={lines}
        label={words.nowLabel}
        height={200}
        below={{ from: at - WINDOW_MS, until: at, timeText: (ms) => clock.format(ms) }}
      />
    </Panel>
  );
}

/** Today by the hour. */
function Hours() {
  const { overview: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const { data } = useLook(
    'GET /figures',
    { query: { zone: format.zone, by: 'hour' } },
    { enabled: may('figures:read'), everyMs: LOOK_EVERY_MS * 3 },
  );
  if (data === undefined || data.items.length === 0) return null;
  const { items } = data;
  const points = (pick: (item: (typeof items)[number]) => number) =>
    items.map((item) => [Number(item.local.slice(11, 13)), pick(item)] as const);
  return (
    <Panel title={words.hours} extra={<Link to="/plans">{words.seePlans}</Link>}>
      <LazyChart
        lines={[
          { name: words.sent, tone: 'brand', bars: true, points: points(({ sent }) => sent) },
          { name: words.delivered, tone: 'good', bars: true, points: points(({ delivered }) => delivered) },
        ]}
        label={words.hoursLabel}
        height={180}
        below={{ periods: HOURS }}
      />
    </Panel>
  );
}

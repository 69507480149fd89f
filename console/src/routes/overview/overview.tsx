import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import { useMemo } from 'react';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
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
  const { data, error, refetch } = useLook('GET /overview', {}, { everyMs: LOOK_EVERY_MS });
  return (
    <Page title={navigation.pages.overview} lead={business_id === null ? words.leadStaff : words.lead(name)}>
      {system.data?.simulator && <Alert type="info" showIcon title={words.simulator} style={{ marginBottom: 16 }} />}
      <ProblemNote error={error} onAgain={() => void refetch()} />
      <Today overview={data} />
      <div className={css.split}>
        <div>
          <Now />
          {data !== undefined && <Hours zone={data.zone} />}
        </div>
        <Attention overview={data} />
      </div>
    </Page>
  );
}

type Day = Schemas['OverviewDay'];

/** The figures of today, each beside that of yesterday. */
function Today({ overview }: { overview: Schemas['Overview'] | undefined }) {
  const { overview: words } = useWords();
  const format = useFormat();
  const staff = useMember().business_id === null;
  const businesses = useBusinesses();
  const { today, yesterday, balance } = overview ?? {};
  const text = (value: number | undefined) => (value === undefined ? '–' : format.number(value));
  const rate = (day: Day | undefined) => (day?.delivery_rate == null ? '–' : format.share(day.delivery_rate, 1));
  const before = (name: 'sent' | 'delivered' | 'failed' | 'credits') => words.yesterday(text(yesterday?.[name]));
  return (
    <Tiles label={overview === undefined ? words.today : words.inZone(overview.zone)}>
      <Tile name={words.sent} value={text(today?.sent)} note={before('sent')} />
      <Tile name={words.delivered} value={text(today?.delivered)} note={before('delivered')} tone="good" />
      <Tile
        name={words.failed}
        value={text(today?.failed)}
        note={before('failed')}
        tone={today?.failed ? 'bad' : undefined}
      />
      <Tile name={words.rate} value={rate(today)} note={words.yesterday(rate(yesterday))} />
      <Tile name={words.spent} value={text(today?.credits)} note={before('credits')} />
      {balance != null && (
        <Tile name={words.balance} value={text(balance.available)} note={words.reserved(text(balance.reserved))} />
      )}
      {staff && <Tile name={words.businesses} value={text(businesses.data?.items.length)} />}
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
function Hours({ zone }: { zone: string }) {
  const { overview: words } = useWords();
  const may = useMay();
  const { data } = useLook(
    'GET /figures',
    { query: { zone, by: 'hour' } },
    { enabled: may('figures:read'), everyMs: LOOK_EVERY_MS * 3 },
  );
  if (data === undefined || data.items.length === 0) return null;
  const { items } = data;
  const points = (pick: (item: (typeof items)[number]) => number) =>
    items.map((item) => [Number(item.local.slice(11, 13)), pick(item)] as const);
  return (
    <Panel title={words.hours} extra={<Link to="/figures">{words.seeFigures}</Link>}>
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

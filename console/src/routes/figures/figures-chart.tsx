import type { Schemas } from '../../api/schema.js';
import type { Line } from '../../parts/chart/chart.tsx';
import { LazyChart } from '../../parts/chart/lazy-chart.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { useWords } from '../../words/index.tsx';
import { type Asked, type Metric, type Period, periodsOf } from './asked.ts';
import css from './figures.module.css';
import { type Item, useNames } from './names.ts';

/** As many as colours can be told apart; what is smaller stands together. */
const MOST_LINES = 6;

/** How much of it an item is. Costs of several currencies cannot be added; the chart shows the one that is asked for. */
export function amountOf(item: Item, metric: Metric, currency: string | null): number {
  if (metric !== 'cost') return item[metric];
  return (item.costs?.find((each) => each.currency === currency)?.micros ?? 0) / 1_000_000;
}

/** The figures over time: what became of messages, or one of them told apart. */
export function FiguresChart({ figures, asked }: { figures: Schemas['Figures']; asked: Asked }) {
  const { figures: words } = useWords();
  const format = useFormat();
  const nameOf = useNames(asked.group);
  const { by, group, metric } = asked;
  const periods = periodsOf(asked);
  const places = new Map(periods.map((local, place) => [local, place]));
  const currency = figures.totals.costs?.[0]?.currency ?? null;
  const shown = metric ?? (group.length === 0 ? null : 'sent');
  const lines = linesOf();
  return (
    <>
      <ul className={css.legend}>
        {lines.map(({ name, tone }) => (
          <li key={name} data-tone={tone}>
            {name}
          </li>
        ))}
      </ul>
      <LazyChart
        lines={lines}
        label={words.chartLabel(shown === null ? words.outcome : words.columns[shown], format.day(figures.from))}
        height={260}
        below={{ periods: periods.map((each) => shortName(each, by)) }}
      />
    </>
  );

  function linesOf(): Line[] {
    if (shown === null) {
      return (['delivered', 'failed'] as const).map((each) => ({
        name: words.columns[each],
        tone: each === 'delivered' ? 'good' : 'bad',
        bars: true,
        stacked: true,
        points: sumsBy(figures.items, (item) => item[each], places),
      }));
    }
    const ofGroup = (item: Item) => group.map((each) => nameOf(item, each)).join(' · ');
    const parts = new Map<string, { items: Item[]; total: number }>();
    for (const item of figures.items) {
      const name = group.length === 0 ? words.columns[shown] : ofGroup(item);
      const part = parts.get(name) ?? { items: [], total: 0 };
      part.items.push(item);
      part.total += amountOf(item, shown, currency);
      parts.set(name, part);
    }
    const ordered = [...parts].sort(([, a], [, b]) => b.total - a.total);
    const rest = ordered.slice(MOST_LINES).flatMap(([, { items }]) => items);
    return [
      ...ordered.slice(0, MOST_LINES).map(([name, { items }]) => ({ name, items })),
      ...(rest.length === 0 ? [] : [{ name: words.rest(ordered.length - MOST_LINES), items: rest }]),
    ].map(({ name, items }, tone) => ({
      name,
      tone,
      bars: true,
      stacked: true,
      points: sumsBy(items, (item) => amountOf(item, shown, currency), places),
    }));
  }
}

/** What items of one period come to, period by period. */
function sumsBy(
  items: readonly Item[],
  amount: (item: Item) => number,
  places: ReadonlyMap<string, number>,
): [place: number, sum: number][] {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(item.local, (sums.get(item.local) ?? 0) + amount(item));
  return [...sums].flatMap(([local, sum]): [number, number][] => {
    const place = places.get(local);
    // While other periods are asked for, those before are still shown.
    return place === undefined ? [] : [[place, sum]];
  });
}

/** A period below the chart: its month; its day; its day and hour. */
const shortName = (local: string, by: Period): string => (by === 'month' ? local : local.slice(5).replace('T', ' '));
